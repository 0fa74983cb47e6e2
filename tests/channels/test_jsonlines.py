"""The JSON-lines mode: what goes in, what comes out, and that nothing stops it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.jsonlines import converse
from tests.channels.assistant import Assistant, talk_with


def answers(*lines: object) -> list[dict[str, Any]]:
    """What comes out for these lines; objects are written as JSON, strings go in as they are."""
    written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return [json.loads(line) for line in converse(talk_with(Assistant()), written)]


def texts(out: Iterable[dict[str, Any]]) -> list[str]:
    return [line["text"] for line in out if "text" in line]


def test_a_reply_and_the_end_of_its_line() -> None:
    assert answers({"text": "你好"}) == [
        {
            "to": "tangning",
            "kind": "reply",
            "text": "你说：你好",
            "buttons": [],
            "attachments": [],
        },
        {"done": 1},
    ]


def test_buttons_are_shown_by_label_and_pressed_by_label_or_id() -> None:
    out = answers({"text": "卡甲"}, {"press": "确认"}, {"press": "k.no:1"})
    assert out[0]["buttons"] == ["确认", "取消"]
    assert texts(out)[1:] == ["按了 k甲.ok:2", "按了 k.no:1"]


def test_a_push_to_somebody_else_is_a_line_of_its_own() -> None:
    reply, push, _ = answers({"text": "告诉主管"})
    assert (reply["to"], reply["kind"]) == ("tangning", "reply")
    assert (push["to"], push["kind"], push["text"]) == ("shihong", "push", "有事")


def test_a_file_is_sent_and_attachments_come_with_path_and_type(tmp_path: Path) -> None:
    file = tmp_path / "territory.xlsx"
    file.write_bytes(b"x")
    reply = answers({"file": str(file)})[0]
    assert reply["text"] == "收到 territory.xlsx"
    assert reply["attachments"] == [
        {"name": "回执.xlsx", "path": "files/receipt.xlsx", "type": "application/x-test"}
    ]


def test_somebody_else_speaks_from_then_on() -> None:
    out = answers({"as": "shihong"}, {"text": "在"}, {"as": "tangning", "text": "我"})
    assert [line.get("to") for line in out] == [None, "shihong", None, "tangning", None]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("不是 JSON", "这一行看不懂"),
        ("[]", "这一行看不懂"),
        ('{"text": 1}', "这一行看不懂"),
        ("[" * 100_000, "这一行看不懂"),
        ("{}", "没有内容"),
        ('{"say": "x"}', "不认识「say」"),
        ('{"as": "nobody"}', "没有找到账号「nobody」"),
        ('{"at": "明天"}', "看不懂时间「明天」"),
        ('{"press": "删除"}', "没有可以按的按钮"),
        ('{"file": "none.xlsx"}', "找不到文件"),
        ('{"voice": "a.ogg"}', "找不到语音"),
        ('{"as": "\\ud800"}', "没有找到账号「」"),
        ('{"as": "a\\u0000b"}', "没有找到账号「ab」"),
        ('{"press": "\\udfff"}', "没有可以按的按钮"),
        ('{"\\ud800": "x"}', "不认识「」"),
        ('{"file": "\\u0000"}', "找不到文件"),
        ('{"file": "/etc"}', "找不到文件"),
        ('{"at": "0001-01-01T00:00:00+14:00"}', "2000 年到 2100 年之间"),
        ('{"at": "9999-12-31T23:59:59-12:00"}', "2000 年到 2100 年之间"),
        ('{"at": "2026-13-01"}', "看不懂时间"),
        ('{"at": "\\ud800"}', "看不懂时间"),
        (f'{{"text": {"9" * 5000}}}', "这一行看不懂"),
    ],
)
def test_what_cannot_be_used_gets_a_kind_reply(line: str, told: str) -> None:
    reply, done, after, _ = answers(line, {"text": "还在吗"})
    assert told in reply["text"]
    assert done == {"done": 1}
    assert after["text"] == "你说：还在吗"


@pytest.mark.parametrize("key", ["as", "at", "press", "file", "x"])
def test_what_is_absurdly_long_is_answered_shortly(key: str) -> None:
    reply, done = answers({key: "x" * 5000})
    assert len(reply["text"]) < 200
    assert done == {"done": 1}


def test_words_with_half_a_character_are_heard() -> None:
    assert texts(answers('{"text": "你\\ud83d好\\u0000"}')) == ["你说：你好"]


def test_a_time_without_a_zone_is_that_of_beijing() -> None:
    talk = talk_with(Assistant())
    assert [json.loads(line) for line in converse(talk, ['{"at": "2026-11-03T17:40"}'])] == [
        {"done": 1}
    ]
    assert talk.now.isoformat() == "2026-11-03T17:40:00+08:00"


@given(
    st.dictionaries(
        st.sampled_from(["text", "press", "file", "as", "at", "voice"]),
        st.text(st.characters(codec=None, categories=None), max_size=30)
        | st.text(min_size=1, max_size=2).map(lambda text: text * 3000),
    )
)
def test_whatever_the_values_each_line_ends_with_its_number(asked: dict[str, str]) -> None:
    assert answers(asked, {"text": "还在吗"})[-1] == {"done": 2}


def test_an_empty_line_is_only_counted() -> None:
    assert answers("", "  ") == [{"done": 1}, {"done": 2}]


@given(st.lists(st.text(), max_size=5))
def test_whatever_comes_in_each_line_ends_with_its_number(lines: list[str]) -> None:
    out = answers(*lines)
    assert [line["done"] for line in out if "done" in line] == list(range(1, len(lines) + 1))

"""What WeCom's frames mean to the bot, whatever their shape; mentions as people write them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom_bot.frames import (
    Called,
    Clicked,
    Entered,
    Said,
    is_kick,
    read_frame,
    read_json,
)
from bot.channels.wecom_bot.mentions import without_mention
from bot.messages import Media, MediaKind

NOW = datetime(2026, 11, 3, 9, 40, tzinfo=UTC)
NAME = "拜访助手"

Fields = dict[str, Any]


def message(msgtype: str = "text", **more: Any) -> Fields:
    """A message frame to the bot alone."""
    body = {
        "msgid": "m-1",
        "create_time": 1793698800,
        "aibotid": "b",
        "chattype": "single",
        "from": {"userid": "xiaochen"},
        "msgtype": msgtype,
    }
    return {"cmd": "aibot_msg_callback", "headers": {"req_id": "r-1"}, "body": {**body, **more}}


def event(**content: Any) -> Fields:
    """An event frame."""
    frame = message("event", event=content)
    return {**frame, "cmd": "aibot_event_callback"}


def said(frame: Fields) -> Any:
    """The message that a frame brings."""
    meaning = read_frame(frame, NAME, NOW)
    assert isinstance(meaning, Said)
    return meaning.incoming


def test_a_text_is_said_by_whom_and_when() -> None:
    incoming = said(message(text={"content": "见了王主任"}))
    assert (incoming.channel, incoming.id, incoming.text) == ("wecom_bot", "m-1", "见了王主任")
    assert (incoming.account, incoming.chat) == ("xiaochen", "xiaochen")
    assert incoming.at == datetime(2026, 11, 3, 9, 40, tzinfo=UTC)
    assert incoming.media is None


@pytest.mark.parametrize("when", [None, "now", True, -(10**30), float("inf"), {}])
def test_a_time_that_makes_no_sense_is_now(when: Any) -> None:
    assert said(message(text={"content": "早"}, create_time=when)).at == NOW


def test_milliseconds_are_understood() -> None:
    assert said(message(text={"content": "早"}, create_time=1793698800123)).at.year == 2026


def test_a_voice_message_is_its_words() -> None:
    incoming = said(message("voice", voice={"content": "刚见了王主任"}))
    assert incoming.text == "刚见了王主任"
    assert incoming.media == Media(MediaKind.SPOKEN, "", name="语音")


def test_a_voice_message_without_words_is_something_that_cannot_be_heard() -> None:
    incoming = said(message("voice", voice={"content": " "}))
    assert incoming.media == Media(MediaKind.OTHER, "", name="语音")


def test_words_and_a_picture_together() -> None:
    items = [
        {"msgtype": "text", "text": {"content": "这是名片"}},
        {"msgtype": "image", "image": {"url": "https://x"}},
        {"msgtype": "text", "text": {"content": "王主任的"}},
    ]
    incoming = said(message("mixed", mixed={"msg_item": items}))
    assert incoming.text == "这是名片\n王主任的"
    assert incoming.media == Media(MediaKind.OTHER, "", name="图片")


@pytest.mark.parametrize(
    ("kind", "word"), [("image", "图片"), ("video", "视频"), ("location", ""), ("sticker", "")]
)
def test_what_cannot_be_read_is_named(kind: str, word: str) -> None:
    assert said(message(kind)).media == Media(MediaKind.OTHER, "", name=word)


def test_a_file_carries_where_it_lies() -> None:
    media = said(message("file", file={"url": "https://x/1", "aeskey": "k"})).media
    assert media.kind is MediaKind.FILE
    assert json.loads(media.ref) == {"url": "https://x/1", "aeskey": "k"}


def test_quoted_words_are_not_said() -> None:
    quote = {"msgtype": "text", "text": {"content": "病人张三住院号 1234"}}
    assert said(message(text={"content": "这个是谁"}, quote=quote)).text == "这个是谁"


@pytest.mark.parametrize("nested", [True, False])
def test_a_pressed_button(nested: bool) -> None:
    click = {"event_key": "visit.ok:7", "task_id": "c1", "card_type": "button_interaction"}
    details = {"template_card_event": click} if nested else click
    meaning = read_frame(event(eventtype="template_card_event", **details), NAME, NOW)
    assert isinstance(meaning, Clicked)
    assert (meaning.incoming.press, meaning.incoming.pressed_on) == ("visit.ok:7", "c1")
    assert meaning.req_id == "r-1"


@pytest.mark.parametrize("key", ["-", "", "x" * 65, 7])
def test_a_button_that_is_none_of_ours_is_nothing(key: Any) -> None:
    click = {"event_key": key, "task_id": "c1"}
    frame = event(eventtype="template_card_event", template_card_event=click)
    assert read_frame(frame, NAME, NOW) is None


def test_somebody_comes_in_and_thumbs_go_up() -> None:
    assert read_frame(event(eventtype="enter_chat"), NAME, NOW) == Entered("xiaochen", "r-1")
    assert read_frame(event(eventtype="feedback_event", feedback_event={}), NAME, NOW) is None


def test_a_kick_is_told_from_everything_else() -> None:
    assert is_kick(event(eventtype="disconnected_event"))
    assert not is_kick(event(eventtype="enter_chat"))
    assert not is_kick(message(text={"content": "disconnected_event"}))


def test_a_call_from_a_group_is_answered_in_private() -> None:
    frame = message(text={"content": f"@{NAME}\u2005下一个见谁"}, chattype="group", chatid="g-1")
    meaning = read_frame(frame, NAME, NOW)
    assert isinstance(meaning, Called)
    assert (meaning.group, meaning.req_id) == ("g-1", "r-1")
    assert meaning.incoming is not None
    assert (meaning.incoming.text, meaning.incoming.chat) == ("下一个见谁", "xiaochen")


def test_a_mere_call_from_a_group_says_nothing() -> None:
    frame = message(text={"content": f"@{NAME} "}, chattype="group", chatid="g-1")
    assert read_frame(frame, NAME, NOW) == Called("g-1", "r-1", None)


@pytest.mark.parametrize("lost", ["msgid", "from", "msgtype"])
def test_what_is_missing_breaks_nothing(lost: str) -> None:
    frame = message(text={"content": "早"})
    del frame["body"][lost]
    meaning = read_frame(frame, NAME, NOW)
    if lost == "msgid":
        assert isinstance(meaning, Said)
        assert 0 < len(meaning.incoming.id) <= 100
    else:
        assert meaning is None


def test_an_id_that_no_row_can_hold_becomes_a_short_one_of_its_own() -> None:
    ids = {said(message(text={"content": "早"}, msgid=name * 200)).id for name in "ab"}
    assert len(ids) == 2
    assert all(len(found) <= 100 for found in ids)


def test_control_characters_in_words_are_borne() -> None:
    frame = read_json('{"cmd":"aibot_msg_callback","body":{"text":"a\x07b"}}')
    assert frame == {"cmd": "aibot_msg_callback", "body": {"text": "a\x07b"}}


@pytest.mark.parametrize("raw", ["", "no", "[1]", "7", "[" * 100_000, b"\xff\xfe\x00"])
def test_what_is_no_frame_is_nothing(raw: str | bytes) -> None:
    assert read_json(raw) is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KINDS = st.sampled_from(["text", "mixed", "voice", "image", "file", "video", "event", "stream", ""])
KNOWN = [
    "chattype",
    "chatid",
    "msgid",
    "create_time",
    "from",
    "text",
    "mixed",
    "voice",
    "file",
    "event",
    "quote",
]


@given(
    st.sampled_from(["aibot_msg_callback", "aibot_event_callback", None, 7]),
    KINDS,
    st.dictionaries(st.sampled_from(KNOWN), ANYTHING),
    ANYTHING,
)
def test_no_shape_of_a_frame_breaks_the_reader(
    cmd: Any, kind: str, parts: Fields, headers: Any
) -> None:
    for head in ({"req_id": "r"}, headers):
        frame = {"cmd": cmd, "headers": head, "body": message(kind, **parts)["body"]}
        read_frame(frame, NAME, NOW)
        is_kick(frame)
        read_frame({**frame, "body": parts}, NAME, NOW)


@given(
    st.fixed_dictionaries(
        {
            "eventtype": st.sampled_from(["template_card_event", "enter_chat", "x"]),
            "template_card_event": st.dictionaries(
                st.sampled_from(["event_key", "task_id"]), ANYTHING
            ),
        }
    )
)
def test_no_shape_of_a_press_breaks_the_reader(content: Fields) -> None:
    meaning = read_frame(event(**content), NAME, NOW)
    if isinstance(meaning, Clicked):
        assert meaning.incoming.press
        assert len(meaning.incoming.press.encode()) <= 64


@pytest.mark.parametrize(
    ("text", "name", "left"),
    [
        ("@拜访助手 下一个见谁", "拜访助手", "下一个见谁"),
        ("@拜访助手\u2005下一个见谁", "拜访助手", "下一个见谁"),
        ("下一个见谁 @拜访助手", "拜访助手", "下一个见谁"),
        ("请@拜访助手 记一下", "拜访助手", "请 记一下"),
        ("@拜访助手下一个见谁", "拜访助手", "下一个见谁"),
        ("@拜访助手，下一个见谁", "拜访助手", "下一个见谁"),
        ("@Rep Mate Bot /next", "rep mate bot", "/next"),
        ("@ＲｅｐＭａｔｅ　/next", "RepMate", "/next"),
        ("＠RepMate /next", "RepMate", "/next"),
        ("@Rep\u00a0Mate\u2005/next", "Rep Mate", "/next"),
        ("@Rep\u3000 Mate /next", "Rep Mate", "/next"),
        ("@张三 @拜访助手 陪我去", "拜访助手", "@张三 陪我去"),
        ("@拜访助手 @张三 也去了", "拜访助手", "@张三 也去了"),
        ("发到 li@example.com 吧 @拜访助手", "拜访助手", "发到 li@example.com 吧"),
        ("bot@example.com 收到 @bot 记下", "bot", "bot@example.com 收到 记下"),
        ("@别的 名字\u2005下一个", "", "下一个"),
        ("@改过的名字 下一个", "拜访助手", "下一个"),
        ("li@example.com 是谁", "", "li@example.com 是谁"),
        ("下一个见谁", "拜访助手", "下一个见谁"),
        ("@拜访助手\n第一行\n第二行", "拜访助手", "第一行\n第二行"),
        ("@拜访助手", "拜访助手", ""),
        ("@拜访助手二号 @拜访助手 在吗", "拜访助手", "@拜访助手二号 在吗"),
    ],
)
def test_a_mention_of_the_bot_is_left_out_and_nothing_else(text: str, name: str, left: str) -> None:
    assert without_mention(text, name) == left


@given(st.text(max_size=40), st.text(max_size=12))
def test_no_name_and_no_text_break_the_reader(text: str, name: str) -> None:
    assert len(without_mention(f"@{name} {text}", name)) <= len(f"@{name} {text}")

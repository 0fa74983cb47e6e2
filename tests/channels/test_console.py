"""The terminal chat: what typing means, and how an answer looks."""

from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bot.channels.console import drawn, play, send, wrap
from bot.channels.script import read_script
from bot.channels.talk import Talk
from bot.messages import Attachment, Button, Reply
from tests.channels.assistant import Assistant, talk_with


@pytest.fixture
def assistant() -> Assistant:
    return Assistant()


@pytest.fixture
def talk(assistant: Assistant) -> Talk:
    talk = talk_with(assistant)
    talk.say("卡甲")
    return talk


@pytest.mark.parametrize(
    ("typed", "sent", "pressed"),
    [
        ("1", "", "k甲.ok:2"),
        ("２", "", "k.no:1"),
        ("确认", "", "k甲.ok:2"),
        ("[取消]", "", "k.no:1"),
        ("3", "3", None),
        ('"1"', "1", None),
        ("“2”", "2", None),
        ("1号楼", "1号楼", None),
    ],
)
def test_what_is_typed_under_a_card(
    typed: str, sent: str, pressed: str | None, talk: Talk, assistant: Assistant
) -> None:
    send(talk, typed)
    assert (assistant.heard[-1].text, assistant.heard[-1].press) == (sent, pressed)


def test_a_number_is_a_number_when_no_card_is_shown(assistant: Assistant) -> None:
    send(talk_with(assistant), "1")
    assert assistant.heard[-1].text == "1"


def test_a_file_is_sent_by_its_path(talk: Talk, assistant: Assistant, tmp_path: Path) -> None:
    file = tmp_path / "我的 辖区.xlsx"
    file.write_bytes(b"x")
    send(talk, f'/file "{file}"')
    assert assistant.heard[-1].file == Attachment(
        "我的 辖区.xlsx", file, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )


def test_buttons_are_numbered_and_markup_in_words_is_shown_as_it_is() -> None:
    console = Console(width=60, record=True, file=StringIO())
    console.print(
        drawn(Reply("见了[bold]李[/]", (Button("确认", "a:1"), Button("取消", "a:2"))), 60)
    )
    shown = console.export_text()
    assert "见了[bold]李[/]" in shown
    assert "[1] 确认" in shown
    assert "[2] 取消" in shown


def test_lines_break_between_characters_but_not_before_punctuation_or_inside_a_number() -> None:
    assert wrap("上次十月二十六，见了他", 14) == "上次十月二十\n六，见了他"
    assert wrap("过了 1234567 天", 8) == "过了\n1234567\n天"


@given(st.text(alphabet="见了主任，。 a1「」\n"), st.integers(min_value=12, max_value=40))
def test_wrapping_loses_no_words(text: str, width: int) -> None:
    assert "".join(wrap(text, width).split()) == "".join(text.split())


@given(st.text(alphabet="见了主任 \n"), st.integers(min_value=12, max_value=40))
def test_chinese_lines_are_never_wider_than_asked(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in wrap(text, width).splitlines())


def test_a_played_script_shows_both_sides_and_whom_else_it_told(assistant: Assistant) -> None:
    console = Console(width=60, record=True, file=StringIO())
    steps = [
        step
        for _, step in read_script("@ 2026-11-03 09:30 唐宁\n> 告诉主管\n< 已通知\n> 卡甲\n[确认]")
    ]
    names = {"tangning": "唐宁", "shihong": "石宏"}
    play(talk_with(assistant), steps, Path(), names.__getitem__, console)
    shown = console.export_text()
    for line in ("09:30 唐宁", "唐宁 › 告诉主管", "已通知", "→ 石宏：有事", "唐宁 › [确认]"):
        assert line in shown

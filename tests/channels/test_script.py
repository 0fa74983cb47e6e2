"""Scripts: each kind of line, and what cannot be read."""

from datetime import UTC, date, datetime, time

import pytest

from bot.channels.script import (
    Expect,
    Move,
    Press,
    Say,
    ScriptError,
    Send,
    Step,
    move,
    read_script,
)
from tests.channels.assistant import Assistant, talk_with


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("@ 2026-11-03 17:40  唐宁", Move(date(2026, 11, 3), 0, time(17, 40), "唐宁")),
        ("@ +1 09:00", Move(None, 1, time(9), None)),
        ("@ 唐宁", Move(None, 0, None, "唐宁")),
        ("> 你好", Say("你好")),
        ("> 第一行\n  第二行", Say("第一行\n第二行")),
        ("[确认]", Press("确认")),
        ("+ 辖区.xlsx", Send("辖区.xlsx")),
        ("< 已存", Expect("已存")),
        ("! 王芳", Expect("王芳", absent=True)),
        ("→ 石宏 不良事件", Expect("不良事件", pushed_to="石宏")),
    ],
)
def test_each_kind_of_line(line: str, step: Step) -> None:
    assert read_script(line) == [(1, step)]


def test_comments_and_empty_lines_are_passed_over() -> None:
    assert read_script("# 标题\n\n> 你好\n") == [(3, Say("你好"))]


@pytest.mark.parametrize("line", ["你好", "@", "@ 2026-02-30", "@ 25:00", "@ 周二 下午", "[确认"])
def test_a_line_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(ScriptError, match="第 2 行"):
        read_script(f"# 标题\n{line}")


def test_a_move_keeps_what_it_does_not_name() -> None:
    talk = talk_with(Assistant())
    move(talk, Move(date(2026, 11, 30), 0, time(17, 40), "shihong"))
    move(talk, Move(None, 1, None, None))
    assert (talk.login, talk.now) == ("shihong", datetime(2026, 12, 1, 9, 40, tzinfo=UTC))

"""Conversations in a text file: read them, and speak them. The format is that of tests/dialogues.

# a comment
@ 2026-11-03 17:40  唐宁     the clock and who speaks; each part may be left out
@ +1 09:00                   the next day
> 刚见了李主任 …             says; lines indented below belong to the same message
[确认]                       presses a button
+ territory.xlsx             sends a file, beside the script
< 拜访记录                   expected in the answer, in this order (buttons read as [确认])
! 王芳                       must not be in the answer
→ 石宏 不良事件              somebody else is told this, or has it pushed when the clock is moved
!→ 石宏 不良事件             but this is not; without words: nothing is
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from bot.channels.talk import BEIJING, Shown, Talk, TalkError


class ScriptError(TalkError):
    """A line of a script that cannot be read."""


@dataclass(frozen=True, slots=True)
class Move:
    """Another time, another speaker, or both."""

    day: date | None
    days_later: int
    time: time | None
    speaker: str | None


@dataclass(frozen=True, slots=True)
class Say:
    """Words sent."""

    text: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed, by its label."""

    label: str


@dataclass(frozen=True, slots=True)
class Send:
    """A file sent, by its path beside the script."""

    path: str


@dataclass(frozen=True, slots=True)
class Expect:
    """Words that the last answer must hold, after those expected before; or must not hold."""

    text: str
    absent: bool = False
    pushed_to: str | None = None


Step = Move | Say | Press | Send | Expect

_MOVE = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})?\s*(?P<later>\+\d+)?\s*(?P<time>\d{2}:\d{2})?\s*(?P<who>\S+)?$"
)


def read_script(text: str) -> list[tuple[int, Step]]:
    """The steps of a script, each with its line number. Raises ScriptError."""
    return list(_read_lines(text.splitlines()))


def perform(talk: Talk, step: Say | Press | Send, folder: Path) -> list[Shown]:
    """Speak one step of a script that stands in `folder`. Raises TalkError."""
    match step:
        case Say(text):
            return talk.say(text)
        case Press(label):
            return talk.press(label)
        case Send(path):
            return talk.send_file(folder / path)


def move(talk: Talk, step: Move) -> list[Shown]:
    """Move the clock and change the speaker; gives what was pushed meanwhile. Raises TalkError."""
    if step.speaker is not None:
        talk.speak_as(step.speaker)
    now = talk.now.astimezone(BEIJING)
    day = (step.day or now.date()) + timedelta(days=step.days_later)
    if step.day or step.days_later or step.time:
        return talk.move_to(datetime.combine(day, step.time or now.time(), tzinfo=BEIJING))
    return []


def _read_lines(lines: list[str]) -> Iterator[tuple[int, Step]]:
    number = 0
    while number < len(lines):
        line, start = lines[number], number + 1
        number += 1
        if line.startswith(">"):
            while number < len(lines) and lines[number].startswith("  "):
                line = f"{line}\n{lines[number].strip()}"
                number += 1
        if line.strip() and not line.startswith("#"):
            yield start, _read_step(line.rstrip(), start)


def _read_step(line: str, number: int) -> Step:
    sign, rest = line[0], line[1:].strip()
    if sign == "@":
        return _read_move(rest, number)
    if sign == "[" and rest.endswith("]"):
        return Press(rest[:-1])
    if sign == "→" or line.startswith("!→"):
        to, _, words = rest.removeprefix("→").strip().partition(" ")
        return Expect(words.strip(), absent=sign == "!", pushed_to=to)
    if sign in _PLAIN:
        return _PLAIN[sign](rest)
    raise ScriptError(f"第 {number} 行看不懂：{line}")


_PLAIN: dict[str, Callable[[str], Step]] = {
    ">": Say,
    "+": Send,
    "<": Expect,
    "!": lambda text: Expect(text, absent=True),
}


def _read_move(rest: str, number: int) -> Move:
    found = _MOVE.match(rest)
    if found is None or not rest:
        raise ScriptError(f"第 {number} 行看不懂：@ {rest}")
    day, clock = found["day"], found["time"]
    try:
        return Move(
            day=date.fromisoformat(day) if day else None,
            days_later=int(found["later"] or 0),
            time=time.fromisoformat(clock) if clock else None,
            speaker=found["who"],
        )
    except ValueError:
        raise ScriptError(f"第 {number} 行的时间看不懂：{rest}") from None

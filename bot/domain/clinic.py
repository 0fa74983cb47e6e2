"""Clinic hours (门诊时间) of the territory file, read into weekdays and halves of a day."""

import functools
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

_WEEKDAYS = "一二三四五六日"
_DAY = r"[一二三四五六日天1-7]"
_WEEK = r"(?:周|星期|礼拜)"
_RANGE = "至到\\-—~"
_DAYS = rf"{_WEEK}{_DAY}(?:\s*[、,和及{_RANGE}]?\s*{_WEEK}?{_DAY})*"
_HALF = r"上午|早上|下午|上下午|全天|整天|晚上|夜间"
_SITTING = re.compile(
    rf"(?<!单周)(?<!双周)(?<!隔周)(?P<days>{_DAYS}|工作日|每天)\s*"
    rf"(?P<halves>(?:{_HALF})(?:[、,和及/]?(?:{_HALF}))*)?(?!\s*停)"
)
_STEP = re.compile(rf"([{_RANGE}])?\s*{_WEEK}?({_DAY})")


class Half(StrEnum):
    """A half of a working day, as it is said."""

    MORNING = "上午"
    AFTERNOON = "下午"


class Sitting(NamedTuple):
    """One weekly half-day in the clinic; `weekday` counts from Monday, 0 to 6."""

    weekday: int
    half: Half


@functools.lru_cache(maxsize=4096)
def parse_clinic(text: str | None) -> frozenset[Sitting]:
    """The weekly sittings that a clinic-hours text names.

    A day without a half is the whole day. What is not understood (单双周, 停诊, evenings) is left
    out: an unknown clinic gives no reason to go.
    """
    said = unicodedata.normalize("NFKC", text or "").replace("～", "~")
    return frozenset(
        Sitting(weekday, half)
        for match in _SITTING.finditer(said)
        for weekday in _weekdays(match["days"])
        for half in _halves(match["halves"])
    )


def halves_on(sittings: frozenset[Sitting], day: date, half: Half | None = None) -> list[Half]:
    """The halves of `day` spent in the clinic, only `half` when one is asked for."""
    return [
        each for each in Half if Sitting(day.weekday(), each) in sittings and half in (None, each)
    ]


def say_clinic(day: date, halves: list[Half]) -> str:
    """「周三下午出门诊」, for the halves of one day."""
    when = halves[0].value if len(halves) == 1 else "全天"
    return f"周{_WEEKDAYS[day.weekday()]}{when}出门诊"


def find_half(words: str) -> Half | None:
    """The half of the day that somebody asks about, None when both or neither are said."""
    said = {Half.MORNING: r"上午|早上|一早|早晨", Half.AFTERNOON: r"下午|午后|傍晚"}
    found = [half for half, pattern in said.items() if re.search(pattern, words)]
    return found[0] if len(found) == 1 else None


def _weekdays(days: str) -> Iterator[int]:
    if not days.startswith(("周", "星期", "礼拜")):
        yield from range(5 if days == "工作日" else 7)
        return
    last = 0
    for range_mark, char in _STEP.findall(days):
        weekday = int(char) - 1 if char.isdigit() else _WEEKDAYS.index(char.replace("天", "日"))
        yield from range(last + 1, weekday) if range_mark else ()
        yield weekday
        last = weekday


def _halves(said: str | None) -> list[Half]:
    if not said or re.search("上下午|[全整]天", said):
        return list(Half)
    words = {Half.MORNING: ("上午", "早上"), Half.AFTERNOON: ("下午",)}
    return [half for half, options in words.items() if any(word in said for word in options)]

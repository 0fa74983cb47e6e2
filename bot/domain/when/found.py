"""What a search for time phrases gives back, and the plain values that it needs."""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


class Tense(StrEnum):
    """Which way a bare weekday or day of the month points."""

    PAST = "past"
    FUTURE = "future"


class DayKind(StrEnum):
    """How the day was said; a bare WEEKDAY may also be a habit (「周三上午出门诊」)."""

    RELATIVE = "relative"
    WEEKDAY = "weekday"
    WEEK_AND_DAY = "week_and_day"
    DATE = "date"
    DAY_OF_MONTH = "day_of_month"
    SPAN = "span"
    PERIOD_END = "period_end"
    FESTIVAL = "festival"


@dataclass(frozen=True, slots=True)
class DayFound:
    """A phrase that names a day: `text[start:end]` is the phrase, with 前/之前/内 when said."""

    start: int
    end: int
    phrase: str
    day: date
    deadline: bool
    kind: DayKind = DayKind.DATE


@dataclass(frozen=True, slots=True)
class ClockFound:
    """A clock time, or a range when `until` is set. `vague` when 前后/左右/大概 made it so."""

    start: int
    end: int
    phrase: str
    at: time
    until: time | None
    vague: bool


@dataclass(frozen=True, slots=True)
class LengthFound:
    """A length of time in minutes (「一刻钟」 = 15)."""

    start: int
    end: int
    phrase: str
    minutes: int

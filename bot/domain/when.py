"""Chinese time phrases to days, clock times and lengths. An unclear phrase gives None, never a guess."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from bot.domain.calendar import WorkCalendar


class Tense(StrEnum):
    """Which way a bare weekday or day of the month points."""

    PAST = "past"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class DayFound:
    """A phrase that names a day: `text[start:end]` is the phrase, with 前/之前/内 when said."""

    start: int
    end: int
    phrase: str
    day: date
    deadline: bool


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


def find_days(text: str, *, now: datetime, calendar: WorkCalendar, tense: Tense = Tense.FUTURE) -> list[DayFound]:
    """Every phrase of the text that names one day, in order, not overlapping."""
    raise NotImplementedError


def parse_day(phrase: str, *, now: datetime, calendar: WorkCalendar, tense: Tense = Tense.FUTURE) -> date | None:
    """The day that a phrase names; the corrected one when it corrects itself (「周三，不对，周四」)."""
    raise NotImplementedError


def find_clocks(text: str) -> list[ClockFound]:
    """Every clock time of the text; 下午三点一刻 is 15:15, a bare 三点 in working hours is 15:00."""
    raise NotImplementedError


def find_lengths(text: str) -> list[LengthFound]:
    """Every length of time of the text in minutes, up to a working day."""
    raise NotImplementedError

"""When a visit took place: the day, clock time and length that the dictation's words give."""

from dataclasses import dataclass
from datetime import date, datetime, time

from bot.domain.calendar import WorkCalendar
from bot.domain.note import ProposedVisit
from bot.domain.when import ClockFound, Tense, find_clocks, find_lengths, parse_day
from bot.understanding.evidence import Source

_MINUTES_PER_DAY = 24 * 60
_HALF_DAY = 12 * 60


@dataclass(frozen=True, slots=True)
class Moment:
    """The day of a visit (that of `now` when `day_said` is false), its start and length in minutes;
    `dropped` counts words of the proposal that give no such thing."""

    day: date
    day_said: bool
    start: time | None
    minutes: int | None
    dropped: int


def moment_of(
    said: ProposedVisit, source: Source, *, now: datetime, calendar: WorkCalendar
) -> Moment:
    """When the proposed visit took place. A day to come is not the day of a visit, and a vague
    clock time (「四点前后」) is none."""
    day = _day(_words(said.day, source), now, calendar)
    clock = _clock(_words(said.start, source))
    minutes = _minutes(_words(said.duration, source)) or _span(clock)
    start = clock.at if clock and not clock.vague else None
    missing = (said.day and not day, said.start and not clock, said.duration and not minutes)
    return Moment(day or now.date(), day is not None, start, minutes, sum(map(bool, missing)))


def _words(said: str | None, source: Source) -> str:
    return (source.locate(said) or "") if said else ""


def _day(phrase: str, now: datetime, calendar: WorkCalendar) -> date | None:
    day = parse_day(phrase, now=now, calendar=calendar, tense=Tense.PAST) if phrase else None
    return day if day and day <= now.date() else None


def _clock(phrase: str) -> ClockFound | None:
    """The clock time said last, which is the corrected one."""
    clocks = find_clocks(phrase)
    return clocks[-1] if clocks else None


def _minutes(phrase: str) -> int | None:
    """The length said last, or that of a range of clock times, or from the first to the last."""
    lengths, clocks = find_lengths(phrase), find_clocks(phrase)
    if lengths or not clocks:
        return lengths[-1].minutes if lengths else None
    if len(clocks) > 1 and clocks[-1].until is None:
        return (_minute(clocks[-1].at) - _minute(clocks[0].at)) % _HALF_DAY or None
    return _span(clocks[-1])


def _span(clock: ClockFound | None) -> int | None:
    if clock is None or clock.until is None:
        return None
    return (_minute(clock.until) - _minute(clock.at)) % _MINUTES_PER_DAY or None


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute

"""The digests of a week: on its last working day up to Friday."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import local_day
from bot.domain.pushing import Due
from bot.domain.quiet import at

_FRIDAY = 4
_LASTS = timedelta(hours=4)


def digest_day(day: date, calendar: WorkCalendar) -> date | None:
    """The last working day from Monday to Friday of a day's week; None when the week is a
    holiday."""
    monday = day - timedelta(days=day.weekday())
    days = [monday + timedelta(days=number) for number in range(_FRIDAY, -1, -1)]
    return next((each for each in days if calendar.is_workday(each)), None)


def week_name(day: date) -> str:
    """What tells a week apart: its Monday."""
    return f"week-{day - timedelta(days=day.weekday()):%Y%m%d}"


def due_weekly(
    people: Iterable[int], now: datetime, clock: time, line: str, calendar: WorkCalendar
) -> Iterator[Due]:
    """One digest of the week for everybody, if today is its day."""
    today = local_day(now)
    if digest_day(today, calendar) != today:
        return
    when = at(today, clock)
    for person_id in people:
        yield Due(person_id, week_name(today), "digest", when, when + _LASTS, line)

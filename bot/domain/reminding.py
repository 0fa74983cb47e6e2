"""When a rep is reminded of promises, of drafts that still wait, and of the day itself."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import local_day, to_local
from bot.domain.promises import say_late, shorten
from bot.domain.pushing import Due
from bot.domain.quiet import QuietHours, at

_ONE_DAY = timedelta(days=1)
_LATE_LASTS = timedelta(days=7)
_TOO_FRESH = timedelta(hours=1)
"""Who has just promised something is not reminded of it."""

_DRAFT_RESTS = timedelta(minutes=30)


class OpenPromise(NamedTuple):
    """A 待办 that is not done."""

    id: int
    owner_id: int
    action: str
    customer: str | None
    remind_on: date | None
    due_on: date | None
    created_at: datetime


class OpenDraft(NamedTuple):
    """A visit that was dictated and not confirmed; `about` says which one in half a line."""

    id: int
    author_id: int
    said_at: datetime
    about: str


class Reader(NamedTuple):
    """Somebody who gets a briefing, at a time of their own if they asked for one."""

    person_id: int
    at: time | None


class Slots(NamedTuple):
    """The times of day for promises: in the morning, and for what was promised since then."""

    morning: time
    late: time


class _Stage(NamedTuple):
    name: str
    day: date


def due_promises(
    rows: Iterable[OpenPromise], now: datetime, slots: Slots, calendar: WorkCalendar
) -> Iterator[Due]:
    """On the remind day, on the due day, and once when that is past. A day off moves to the next
    working day; what was missed comes at the usual time, too."""
    today = local_day(now)
    earliest = at(today, slots.morning)
    for row in rows:
        stages = [(stage, _slot(stage.day, row, slots, calendar)) for stage in _stages(row)]
        placed = [(stage, when) for stage, when in stages if when is not None]
        for place, (stage, when) in enumerate(placed, 1):
            end = placed[place][1] if place < len(placed) else when + _LATE_LASTS
            yield _promise(row, stage, max(when, earliest), end, today)


def due_drafts(rows: Iterable[OpenDraft], evening: time, quiet: QuietHours) -> Iterator[Due]:
    """Once, in the evening of the day on which it was dictated, before the quiet hours begin."""
    for row in rows:
        moment = max(at(local_day(row.said_at), evening), row.said_at + _DRAFT_RESTS)
        until = quiet.evening_of(row.said_at)
        if moment < until:
            line = f"没确认的记录：{row.about}"
            yield Due(row.author_id, f"draft-{row.id}", "evening", moment, until, line, about=row)


def due_briefings(
    rows: Iterable[Reader], now: datetime, usual: time, hours: int, calendar: WorkCalendar
) -> Iterator[Due]:
    """Everybody's briefing of a working day; hours later it is of no use."""
    today = local_day(now)
    if not calendar.is_workday(today):
        return
    for row in rows:
        when = at(today, row.at or usual)
        until = when + timedelta(hours=hours)
        yield Due(row.person_id, f"day-{today:%Y%m%d}", "morning", when, until, "早安简报")


def _stages(row: OpenPromise) -> Sequence[_Stage]:
    stages = []
    if row.remind_on is not None and (row.due_on is None or row.remind_on < row.due_on):
        stages.append(_Stage("remind", row.remind_on))
    if row.due_on is not None:
        stages += [_Stage("due", row.due_on), _Stage("late", row.due_on + _ONE_DAY)]
    return stages


def _slot(day: date, row: OpenPromise, slots: Slots, calendar: WorkCalendar) -> datetime | None:
    """The moment of a stage; later on the day of the promise itself, or never on that day."""
    worked = day if calendar.is_workday(day) else calendar.next_workday(day)
    moment = at(worked, slots.morning)
    if row.created_at < moment:
        return moment
    late = at(worked, slots.late)
    return late if to_local(row.created_at) + _TOO_FRESH <= late else None


def _promise(row: OpenPromise, stage: _Stage, when: datetime, end: datetime, today: date) -> Due:
    whom = f"{row.customer}，" if row.customer else ""
    line = f"待办：{shorten(row.action, 20)}（{whom}{say_late(row.due_on, today)}）"
    period = f"{stage.name}-{stage.day:%Y%m%d}"
    return Due(row.owner_id, f"step-{row.id}", period, when, end, line, about=row)

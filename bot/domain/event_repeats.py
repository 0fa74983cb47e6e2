"""How often compliance is told of an adverse event that nobody took up, and a rep is asked for what
is missing (SY-03)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from bot.domain.clock import local_day
from bot.domain.pushing import Due
from bot.domain.quiet import QuietHours, at

_FAR = timedelta(days=365)
_RECENT = timedelta(days=2)
_LACKS = "不良事件还缺信息，点「补充不良事件」"


class UnseenEvent(NamedTuple):
    """An adverse event that compliance has not taken up; `watchers` join when the time for the
    report is over."""

    id: int
    words: str
    teller: str
    raised_at: datetime
    receivers: tuple[int, ...]
    watchers: tuple[int, ...] = ()


class Repeats(NamedTuple):
    """Hours after the rep's message, then every so many hours; and the time for the report."""

    hours: Sequence[int]
    every_hours: int
    report_hours: int


class OpenEvent(NamedTuple):
    """An adverse event that is not closed, and who told of it."""

    id: int
    person_id: int
    raised_at: datetime


class FollowUp(NamedTuple):
    """SY-03: hours after the message, a time on the next working day, then every so many days."""

    hours: int
    at: time
    days: int


def unseen_events(rows: Iterable[UnseenEvent], now: datetime, policy: Repeats) -> Iterator[Due]:
    """Again and again until somebody takes it up, at any hour."""
    for event in rows:
        moments = [event.raised_at + timedelta(hours=hours) for hours in policy.hours]
        for when in _lately(moments, timedelta(hours=policy.every_hours), now):
            is_over = when >= event.raised_at + timedelta(hours=policy.report_hours)
            for person_id in (*event.receivers, *(event.watchers if is_over else ())):
                yield _unseen(event, person_id, when)


def follow_ups(
    rows: Iterable[OpenEvent], now: datetime, policy: FollowUp, quiet: QuietHours
) -> Iterator[Due]:
    """What is missing is asked for until the event is closed; hours after the message only when
    that is not at night, for it is asked in the morning anyway."""
    for event in rows:
        days = timedelta(days=policy.days)
        soon = event.raised_at + timedelta(hours=policy.hours)
        morning = at(quiet.calendar.next_workday(local_day(event.raised_at)), policy.at)
        moments = [*([] if quiet.covers(soon) else [soon]), morning, event.raised_at + days]
        for when in _lately(sorted(moments), days, now):
            period = f"{when:%Y%m%d%H%M}"
            until, subject = when + days, f"event-{event.id}"
            yield Due(event.person_id, subject, period, when, until, _LACKS, about=event)


def _lately(moments: Sequence[datetime], every: timedelta, now: datetime) -> list[datetime]:
    """Those of the last days, or the last one before: earlier ones are past."""
    found = [moment for moment in moments if moment <= now]
    following = moments[-1] + every
    if following <= now:
        missed = max(0, (now - _RECENT - following) // every)
        following += missed * every
    while following <= now:
        found.append(following)
        following += every
    return [when for when in found if when > now - _RECENT] or found[-1:]


def _unseen(event: UnseenEvent, person_id: int, when: datetime) -> Due:
    hours = int((when - event.raised_at).total_seconds() // 3600)
    line = "不良事件还没有人处理"
    return Due(
        person_id, f"event-{event.id}", f"h{hours}", when, when + _FAR, line, True, about=event
    )

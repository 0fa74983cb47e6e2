"""When people hear of a need's clock: when most of it has run, and when it is over."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI, to_local
from bot.domain.promises import shorten
from bot.domain.pushing import Due

_URGENT_LEVEL = 1
_OVER_LASTS = timedelta(days=3)


class RunningNeed(NamedTuple):
    """A need that still waits for us; `responded` when only its second clock runs."""

    id: int
    owner_id: int
    owner: str
    manager_id: int | None
    customer: str | None
    level: int
    text: str
    raised_at: datetime
    respond_by: datetime
    solve_by: datetime | None
    responded: bool


class NeedStage(NamedTuple):
    """What a push about a need tells: to whom, of which clock, and whether it is over."""

    need: RunningNeed
    clock: str
    by: datetime
    is_over: bool
    to_manager: bool


def due_needs(rows: Iterable[RunningNeed], share: float, calendar: WorkCalendar) -> Iterator[Due]:
    """At `share` of the clock and when it is over: the owner first, then the manager. Level 1 runs
    round the clock, the others in working days."""
    for need in rows:
        for clock, by in _clocks(need):
            warning = part_of(need.raised_at, by, share, _working(need, calendar))
            for person_id in _told(need):
                stage = NeedStage(need, clock, by, False, person_id != need.owner_id)
                yield _due(stage, person_id, warning, by)
                yield _due(stage._replace(is_over=True), person_id, by, by + _OVER_LASTS)


def part_of(
    start: datetime, end: datetime, share: float, calendar: WorkCalendar | None
) -> datetime:
    """When that share of the time between two moments has passed; with a calendar, only the time
    on working days counts."""
    if calendar is None:
        return start + (end - start) * share
    pieces = list(_worked(start, end, calendar))
    left = sum((until - since for since, until in pieces), timedelta()) * share
    for since, until in pieces:
        if left <= until - since:
            return since + left
        left -= until - since
    return end


def _worked(
    start: datetime, end: datetime, calendar: WorkCalendar
) -> Iterator[tuple[datetime, datetime]]:
    since, last = to_local(start), to_local(end)
    while since < last:
        midnight = datetime.combine(since.date() + timedelta(days=1), datetime.min.time(), SHANGHAI)
        until = min(midnight, last)
        if calendar.is_workday(since.date()):
            yield since, until
        since = until


def _working(need: RunningNeed, calendar: WorkCalendar) -> WorkCalendar | None:
    return None if need.level == _URGENT_LEVEL else calendar


def _clocks(need: RunningNeed) -> Iterator[tuple[str, datetime]]:
    if not need.responded:
        yield "respond", need.respond_by
    if need.solve_by is not None:
        yield "solve", need.solve_by


def _told(need: RunningNeed) -> list[int]:
    above = need.manager_id
    return [need.owner_id] if above in {None, need.owner_id} else [need.owner_id, above or 0]


def _due(stage: NeedStage, person_id: int, when: datetime, until: datetime) -> Due:
    need = stage.need
    whose = f"{need.owner} " if stage.to_manager else ""
    state = "过了时限" if stage.is_over else "时限快到了"
    return Due(
        person_id,
        f"need-{need.id}-{stage.clock}",
        "over" if stage.is_over else "warning",
        when,
        until,
        f"需求：{whose}{shorten(need.text, 20)}（{state}）",
        urgent=need.level == _URGENT_LEVEL,
        about=stage,
    )

"""The response clocks of needs (PRODUCT.md): level 1 round the clock, 2 and 3 in working days."""

from datetime import datetime, timedelta
from typing import NamedTuple

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import to_local


class NeedClocks(NamedTuple):
    """The policy's numbers: hours for level 1, working days for levels 2 and 3."""

    level1_respond_hours: int
    level1_solve_hours: int
    level2_respond_workdays: int
    level3_respond_workdays: int


class Deadlines(NamedTuple):
    """Until when a need must be answered, and solved where a second clock runs."""

    respond_by: datetime
    solve_by: datetime | None


def deadlines_of(
    level: int, raised_at: datetime, clocks: NeedClocks, calendar: WorkCalendar
) -> Deadlines:
    """The clocks of a need of level 1, 2 or 3. Working days end at the time of day at which the
    need was raised. Raises ValueError for another level."""
    if level == 1:
        return Deadlines(
            raised_at + timedelta(hours=clocks.level1_respond_hours),
            raised_at + timedelta(hours=clocks.level1_solve_hours),
        )
    if level not in {2, 3}:
        raise ValueError(f"a need has level 1, 2 or 3, not {level}")
    count = clocks.level2_respond_workdays if level == 2 else clocks.level3_respond_workdays
    local = to_local(raised_at)
    day = calendar.add_workdays(local.date(), count)
    return Deadlines(datetime.combine(day, local.time(), local.tzinfo), None)

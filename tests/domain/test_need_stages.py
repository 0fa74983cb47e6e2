"""When people hear of a need: the shares of its clocks, in working time for levels 2 and 3."""

from datetime import datetime

import pytest

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI
from bot.domain.need_stages import RunningNeed, due_needs
from bot.domain.needs import NeedClocks, deadlines_of

CALENDAR = WorkCalendar()
CLOCKS = NeedClocks(2, 24, 1, 3)
OWNER, MANAGER = 1, 9


def at(said: str) -> datetime:
    return datetime.fromisoformat(f"2026-{said}").replace(tzinfo=SHANGHAI)


def need(
    level: int, raised: str, *, responded: bool = False, manager: int | None = MANAGER
) -> RunningNeed:
    moment = at(raised)
    by, solve = deadlines_of(level, moment, CLOCKS, CALENDAR)
    return RunningNeed(
        5, OWNER, "唐宁", manager, "沈怀安", level, "缺货", moment, by, solve, responded
    )


def stages(row: RunningNeed, person: int = OWNER) -> list[str]:
    found = [each for each in due_needs([row], 0.75, CALENDAR) if each.person_id == person]
    return [f"{each.subject} {each.period} {each.at:%m-%d %H:%M}" for each in found]


@pytest.mark.parametrize(
    ("level", "raised", "expected"),
    [
        (2, "11-03 10:00", ["warning 11-04 04:00", "over 11-04 10:00"]),
        # Friday 17:00: seven hours of that day, eleven of Monday
        (2, "11-06 17:00", ["warning 11-09 11:00", "over 11-09 17:00"]),
        (2, "11-07 10:00", ["warning 11-09 07:30", "over 11-09 10:00"]),
        (3, "11-03 10:00", ["warning 11-05 16:00", "over 11-06 10:00"]),
        (3, "09-29 10:00", ["warning 10-08 16:00", "over 10-09 10:00"]),
    ],
)
def test_levels_2_and_3_run_in_working_days(level: int, raised: str, expected: list[str]) -> None:
    assert stages(need(level, raised)) == [f"need-5-respond {each}" for each in expected]


def test_level_1_runs_round_the_clock_and_has_two_clocks() -> None:
    assert stages(need(1, "11-06 21:00")) == [
        "need-5-respond warning 11-06 22:30",
        "need-5-respond over 11-06 23:00",
        "need-5-solve warning 11-07 15:00",
        "need-5-solve over 11-07 21:00",
    ]
    assert len(stages(need(1, "11-06 21:00", responded=True))) == 2
    assert all(each.urgent for each in due_needs([need(1, "11-06 21:00")], 0.75, CALENDAR))
    assert not any(each.urgent for each in due_needs([need(2, "11-06 21:00")], 0.75, CALENDAR))


def test_the_manager_hears_the_same_after_the_owner() -> None:
    row = need(2, "11-03 10:00")
    assert stages(row, MANAGER) == stages(row)
    people = [each.person_id for each in due_needs([row], 0.75, CALENDAR)]
    assert people.index(OWNER) < people.index(MANAGER)
    for nobody in (None, OWNER):
        alone = need(2, "11-03 10:00", manager=nobody)
        assert {each.person_id for each in due_needs([alone], 0.75, CALENDAR)} == {OWNER}

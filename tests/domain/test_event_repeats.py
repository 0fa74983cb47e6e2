"""How often an adverse event comes up again (SY-03)."""

from datetime import datetime, time, timedelta

import pytest

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI
from bot.domain.event_repeats import (
    FollowUp,
    OpenEvent,
    Repeats,
    UnseenEvent,
    follow_ups,
    unseen_events,
)
from bot.domain.quiet import QuietHours

QUIET = QuietHours(time(21), time(8), WorkCalendar())
POLICY = Repeats((1, 4, 12, 20, 24), 24, 24)
SY_03 = FollowUp(4, time(9), 3)
COMPLIANCE, ADMIN = 3, 8


def at(said: str) -> datetime:
    return datetime.fromisoformat(f"2026-{said}").replace(tzinfo=SHANGHAI)


def told(hours: float, person: int = COMPLIANCE) -> list[str]:
    raised = at("11-03 22:00")
    event = UnseenEvent(5, "起皮疹", "唐宁", raised, (COMPLIANCE,), (ADMIN,))
    now = raised + timedelta(hours=hours)
    found = unseen_events([event], now, POLICY)
    return [each.period for each in found if each.person_id == person and each.at <= now]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (0.9, []),
        (1, ["h1"]),
        (13, ["h1", "h4", "h12"]),
        (24, ["h1", "h4", "h12", "h20", "h24"]),
        (48, ["h1", "h4", "h12", "h20", "h24", "h48"][1:]),
        (24 * 30, ["h696", "h720"]),
        (24 * 30 + 5, ["h696", "h720"]),
    ],
)
def test_compliance_is_told_again_at_any_hour(hours: float, expected: list[str]) -> None:
    assert told(hours)[-len(expected) or None :] == expected
    raised = at("11-03 22:00")
    event = UnseenEvent(5, "起皮疹", "唐宁", raised, (COMPLIANCE,))
    assert all(each.urgent for each in unseen_events([event], at("11-09 12:00"), POLICY))


def test_the_admins_hear_of_it_when_the_time_for_the_report_is_over() -> None:
    assert told(23, ADMIN) == []
    assert told(25, ADMIN) == ["h24"]


@pytest.mark.parametrize(
    ("raised", "now", "expected"),
    [
        ("11-03 10:00", "11-03 13:59", []),
        ("11-03 10:00", "11-03 14:00", ["11-03 14:00"]),
        ("11-03 10:00", "11-04 09:00", ["11-03 14:00", "11-04 09:00"]),
        ("11-03 10:00", "11-06 10:00", ["11-06 10:00"]),
        ("11-03 10:00", "11-12 10:00", ["11-12 10:00"]),
        ("11-03 10:00", "11-14 10:00", ["11-12 10:00"]),
        # +4 h would be at night, or on a Saturday: the next working morning asks anyway
        ("11-03 22:00", "11-04 09:00", ["11-04 09:00"]),
        ("11-06 18:00", "11-09 09:00", ["11-09 09:00"]),
    ],
)
def test_the_rep_is_asked_at_4_hours_the_next_working_day_and_every_3_days(
    raised: str, now: str, expected: list[str]
) -> None:
    event = OpenEvent(5, 1, at(raised))
    found = [each.at for each in follow_ups([event], at(now), SY_03, QUIET)]
    assert [f"{moment:%m-%d %H:%M}" for moment in found][-len(expected) or None :] == expected
    assert not any(each.urgent for each in follow_ups([event], at(now), SY_03, QUIET))

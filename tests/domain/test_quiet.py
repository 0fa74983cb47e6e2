"""Quiet hours: nights, weekends, holidays, and the working Saturdays that make up for them."""

from datetime import date, datetime, time

import pytest

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI
from bot.domain.quiet import QuietHours

QUIET = QuietHours(time(21), time(8), WorkCalendar(extra_holidays=frozenset({date(2026, 12, 24)})))


def at(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ("2026-11-03 08:00", "2026-11-03 08:00"),
        ("2026-11-03 20:59", "2026-11-03 20:59"),
        ("2026-11-03 07:59", "2026-11-03 08:00"),
        ("2026-11-03 00:00", "2026-11-03 08:00"),
        ("2026-11-03 21:00", "2026-11-04 08:00"),
        ("2026-11-06 21:30", "2026-11-09 08:00"),
        ("2026-11-07 12:00", "2026-11-09 08:00"),
        ("2026-09-30 21:00", "2026-10-08 08:00"),
        ("2026-10-10 12:00", "2026-10-10 12:00"),
        ("2026-10-09 22:00", "2026-10-10 08:00"),
        ("2026-02-14 10:00", "2026-02-14 10:00"),
        ("2026-12-24 10:00", "2026-12-25 08:00"),
        ("2027-01-01 09:00", "2027-01-04 08:00"),
    ],
)
def test_what_falls_into_quiet_time_waits_for_the_next_morning(moment: str, first: str) -> None:
    assert QUIET.first_allowed(at(moment)) == at(first)
    assert QUIET.covers(at(moment)) == (moment != first)


def test_the_evening_is_that_of_the_day_in_shanghai() -> None:
    assert QUIET.evening_of(at("2026-11-03 00:30")) == at("2026-11-03 21:00")

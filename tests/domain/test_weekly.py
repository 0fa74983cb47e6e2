"""The day of a week's digests."""

from datetime import date, datetime, time

import pytest

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI
from bot.domain.weekly import digest_day, due_weekly

CALENDAR = WorkCalendar()


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 2), date(2026, 11, 6)),
        (date(2026, 11, 8), date(2026, 11, 6)),
        # National Day 2026: from Thursday 1 October to Wednesday 7; Saturday 10 is worked
        (date(2026, 9, 28), date(2026, 9, 30)),
        (date(2026, 10, 5), date(2026, 10, 9)),
        # the week of the Spring Festival is all off
        (date(2026, 2, 17), None),
    ],
)
def test_it_is_the_last_working_day_up_to_friday(day: date, expected: date | None) -> None:
    assert digest_day(day, CALENDAR) == expected


def test_everybody_gets_one_on_that_day_only() -> None:
    friday = datetime(2026, 11, 6, 18, 0, tzinfo=SHANGHAI)
    found = list(due_weekly([1, 2], friday, time(17), "本周团队", CALENDAR))
    assert [(due.person_id, due.subject) for due in found] == [
        (1, "week-20261102"),
        (2, "week-20261102"),
    ]
    assert {due.at for due in found} == {friday.replace(hour=17)}
    assert list(due_weekly([1], friday.replace(day=5), time(17), "本周团队", CALENDAR)) == []

"""Until when somebody wants to be left alone."""

from datetime import date, datetime

import pytest

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI
from bot.domain.hush import back_on, hush_until

NOW = datetime(2026, 11, 4, 10, 0, tzinfo=SHANGHAI)
"""A Wednesday."""


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("这周别提醒我", "2026-11-09 00:00"),
        ("本周不要提醒我了", "2026-11-09 00:00"),
        ("下周别提醒我", "2026-11-16 00:00"),
        ("今天别提醒我", "2026-11-05 00:00"),
        ("别提醒我了", "2026-11-05 00:00"),
        ("两小时内别打扰我", "2026-11-04 12:00"),
        ("半小时别提醒我", "2026-11-04 10:30"),
        ("一个半小时内别提醒我", "2026-11-04 11:30"),
        ("40分钟别提醒我", "2026-11-04 10:40"),
        ("三天别提醒我", "2026-11-07 00:00"),
        ("到周五都别提醒我", "2026-11-07 00:00"),
    ],
)
def test_a_pause_ends(words: str, until: str) -> None:
    expected = datetime.fromisoformat(until).replace(tzinfo=SHANGHAI)
    assert hush_until(words, now=NOW, calendar=WorkCalendar()) == expected


@pytest.mark.parametrize(
    ("words", "back"),
    [
        ("休假到下周三", date(2026, 11, 12)),
        ("休假到11月20号", date(2026, 11, 21)),
        ("这周休假", date(2026, 11, 9)),
        ("今天请假", date(2026, 11, 5)),
        ("休假三天", date(2026, 11, 7)),
        ("休假", None),
    ],
)
def test_the_first_day_back(words: str, back: date | None) -> None:
    assert back_on(words, now=NOW, calendar=WorkCalendar()) == back

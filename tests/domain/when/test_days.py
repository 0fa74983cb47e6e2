"""Which day a phrase means: the table `days.txt`, and what must hold for any text."""

from datetime import date, datetime

import pytest

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI
from bot.domain.when import DayFound, Tense, find_days
from bot.domain.when.days import DAY_RULES
from bot.domain.when.rule import DayRule
from tests.domain.when.tables import Row, read_table

CALENDAR = WorkCalendar()


def _moment(section: str) -> tuple[datetime, Tense]:
    said_at, tense = section.split()
    return datetime.fromisoformat(said_at).replace(tzinfo=SHANGHAI), Tense(tense)


def _expected(meant: str, year: int) -> tuple[date, bool]:
    day, _, deadline = meant.partition(" ")
    return date.fromisoformat(day if len(day) > 5 else f"{year}-{day}"), deadline == "前"


def _meaning(found: DayFound) -> tuple[date, bool]:
    return found.day, found.deadline


@pytest.mark.parametrize("row", read_table("days.txt"), ids=str)
def test_the_day_that_a_phrase_means(row: Row) -> None:
    now, tense = _moment(row.section)
    found = find_days(row.said, now=now, calendar=CALENDAR, tense=tense)
    assert [_meaning(day) for day in found] == [_expected(meant, now.year) for meant in row.meant]


@pytest.mark.parametrize("rule", DAY_RULES, ids=lambda rule: rule.example)
def test_every_rule_fits_its_own_examples(rule: DayRule) -> None:
    for example in rule.example.split(", "):
        assert rule.pattern.search(example), example

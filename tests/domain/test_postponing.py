"""The new day of a promise that is put off."""

from datetime import date, datetime

import pytest

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI
from bot.domain.postponing import festival_said, new_days, without_days
from bot.domain.todos import number_said, things

CALENDAR = WorkCalendar()
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=SHANGHAI)
"""A Wednesday."""


@pytest.mark.parametrize(
    ("words", "due", "days"),
    [
        ("推迟到下周五", None, ["2026-12-04"]),
        ("推迟一周", None, ["2026-12-02"]),
        ("推迟一周", date(2026, 11, 12), ["2026-12-02"]),
        ("推迟一周", date(2026, 11, 30), ["2026-12-07"]),
        ("往后推两天", None, ["2026-11-27"]),
        ("缓三个星期", None, ["2026-12-16"]),
        ("推迟半个月", None, ["2026-12-10"]),
        ("推迟三个月", date(2026, 11, 30), ["2027-02-28"]),
        ("推迟到下个月", None, ["2026-12-01", "2026-12-15", "2026-12-31"]),
        ("推迟到下周", None, ["2026-11-30", "2026-12-02", "2026-12-04"]),
        ("推迟到明年", None, ["2027-01-01"]),
        ("等等吧", None, []),
        ("推迟", None, []),
    ],
)
def test_the_day_or_the_choice(words: str, due: date | None, days: list[str]) -> None:
    assert [str(day) for day in new_days(words, due, now=NOW, calendar=CALENDAR)] == days


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("把李主任的文献推迟到下周五", ["李主任", "文献"]),
        ("李主任的文献推迟两个月", ["李主任", "文献"]),
        ("科室会方案推迟到下个月", ["科室会方案"]),
        ("推迟一周", []),
    ],
)
def test_what_is_left_names_the_promise(words: str, left: list[str]) -> None:
    assert things(without_days(words, now=NOW, calendar=CALENDAR)) == left


@pytest.mark.parametrize(
    "words", ["推迟一周", "推迟十五天", "推迟两个月", "推迟 3 天", "给他的两件样品"]
)
def test_a_length_is_no_number_of_the_list(words: str) -> None:
    assert number_said(words) is None


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("中秋给他发祝福", "2027-09-15"),
        ("元旦发祝福", "2027-01-01"),
        ("五一前后联系", "2027-05-01"),
        ("十一月给他发", None),
        ("十一点给他发", None),
        ("给他发文献", None),
    ],
)
def test_a_festival_is_the_next_one(words: str, day: str | None) -> None:
    found = festival_said(words, now=NOW, calendar=CALENDAR)
    assert (str(found) if found else None) == day

"""Working days of mainland China: published 调休, later years, and the company's own days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import Festival, WorkCalendar, festival_day

CALENDAR = WorkCalendar()
DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2032, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-18", True),
        ("2026-11-21", False),
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-09-20", True),
        ("2026-10-10", True),
        ("2026-02-14", True),
        ("2026-02-16", False),
        ("2027-01-01", False),
        ("2027-01-04", True),
        ("2027-01-02", False),
        ("2027-02-05", False),
        ("2027-10-01", False),
    ],
)
def test_who_works_when(day: str, works: bool) -> None:
    assert CALENDAR.is_workday(date.fromisoformat(day)) is works


def test_a_year_without_published_days_is_provisional() -> None:
    assert not CALENDAR.is_provisional(date(2026, 12, 31))
    assert CALENDAR.is_provisional(date(2027, 1, 1))
    assert CALENDAR.is_provisional(date(2030, 6, 1))


def test_the_company_has_its_own_days() -> None:
    founding, make_up = date(2026, 11, 18), date(2026, 11, 21)
    calendar = WorkCalendar(frozenset({founding}), frozenset({make_up}))
    assert not calendar.is_workday(founding)
    assert calendar.is_workday(make_up)
    assert calendar.next_workday(date(2026, 11, 17)) == date(2026, 11, 19)


def test_a_day_listed_as_both_is_worked() -> None:
    day = date(2026, 11, 21)
    assert WorkCalendar(frozenset({day}), frozenset({day})).is_workday(day)


def test_working_days_are_counted_over_the_national_holiday() -> None:
    assert CALENDAR.add_workdays(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert CALENDAR.add_workdays(date(2026, 12, 30), 3) == date(2027, 1, 5)
    assert CALENDAR.add_workdays(date(2026, 10, 8), -1) == date(2026, 9, 30)
    assert CALENDAR.add_workdays(date(2026, 11, 21), 0) == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("festival", "year", "day"),
    [
        (Festival.NEW_YEAR, 2027, "2027-01-01"),
        (Festival.SPRING, 2026, "2026-02-17"),
        (Festival.SPRING, 2027, "2027-02-06"),
        (Festival.TOMB_SWEEPING, 2026, "2026-04-05"),
        (Festival.LABOUR, 2026, "2026-05-01"),
        (Festival.DRAGON_BOAT, 2026, "2026-06-19"),
        (Festival.MID_AUTUMN, 2026, "2026-09-25"),
        (Festival.NATIONAL, 2026, "2026-10-01"),
        (Festival.MID_AUTUMN, 2028, "2028-10-03"),
        (Festival.NATIONAL, 2028, "2028-10-01"),
    ],
)
def test_the_day_of_a_festival(festival: Festival, year: int, day: str) -> None:
    assert festival_day(festival, year) == date.fromisoformat(day)


def test_around_the_spring_festival() -> None:
    assert CALENDAR.last_workday_before_holiday(Festival.SPRING, 2026) == date(2026, 2, 14)
    assert CALENDAR.first_workday_after_holiday(Festival.SPRING, 2026) == date(2026, 2, 24)
    assert CALENDAR.first_workday_after_holiday(Festival.NEW_YEAR, 2027) == date(2027, 1, 4)


@given(DAYS, st.integers(min_value=1, max_value=30))
def test_counting_working_days_lands_on_one_and_comes_back(day: date, count: int) -> None:
    reached = CALENDAR.add_workdays(day, count)
    between = [day + timedelta(days=step) for step in range(1, (reached - day).days + 1)]
    assert CALENDAR.is_workday(reached)
    assert sum(CALENDAR.is_workday(one) for one in between) == count


@given(st.integers(min_value=2024, max_value=2034), st.sampled_from(list(Festival)))
def test_every_festival_is_a_day_off_with_work_before_and_after(
    year: int, festival: Festival
) -> None:
    day = festival_day(festival, year)
    assert not CALENDAR.is_workday(day)
    assert CALENDAR.last_workday_before_holiday(festival, year) < day
    assert CALENDAR.first_workday_after_holiday(festival, year) > day

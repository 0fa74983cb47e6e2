"""Mainland China's working days, 调休 included, and the days of its public festivals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

import chinese_calendar
import holidays

_ONE_DAY = timedelta(days=1)


class Festival(StrEnum):
    """The public holidays, by the name that the fallback calendar writes."""

    NEW_YEAR = "元旦"
    SPRING = "春节"
    TOMB_SWEEPING = "清明节"
    LABOUR = "劳动节"
    DRAGON_BOAT = "端午节"
    MID_AUTUMN = "中秋节"
    NATIONAL = "国庆节"


@dataclass(frozen=True)
class WorkCalendar:
    """The company's calendar: the public one, changed by the policy's own days."""

    extra_holidays: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day; the company's own days win over the public ones."""
        if day in self.extra_workdays:
            return True
        return day not in self.extra_holidays and _is_public_workday(day)

    def is_provisional(self, day: date) -> bool:
        """True when the year's 调休 are not published yet in the data at hand."""
        return not _is_published(day.year)

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which itself does not count.

        A negative `count` goes back; 0 gives `day` itself. Raises OverflowError past year 9999.
        """
        step = _ONE_DAY if count > 0 else -_ONE_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def next_workday(self, day: date) -> date:
        """The first working day after `day`."""
        return self.add_workdays(day, 1)

    def first_workday_after_holiday(self, festival: Festival, year: int) -> date:
        """The first working day after the festival's day off (「元旦后第一个工作日」)."""
        return self.next_workday(festival_day(festival, year))

    def last_workday_before_holiday(self, festival: Festival, year: int) -> date:
        """The last working day before the festival's days off begin (「国庆前」)."""
        return self.add_workdays(festival_day(festival, year), -1)


def festival_day(festival: Festival, year: int) -> date:
    """The festival's own day in that year (正月初一 for 春节), not the first day off.

    Raises KeyError for a year in which the calendar does not know it (春节 after 2100).
    """
    return _festivals(year)[festival]


def _is_public_workday(day: date) -> bool:
    if _is_published(day.year):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5 and day not in _named_days(day.year)


@cache
def _is_published(year: int) -> bool:
    """`chinese_calendar` raises for a year whose 调休 it does not know."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@cache
def _festivals(year: int) -> Mapping[Festival, date]:
    found: dict[Festival, date] = {}
    for day, names in sorted(_named_days(year).items()):
        for festival in Festival:
            if festival.value in names.split("; "):
                found.setdefault(festival, day)
    return found


@cache
def _named_days(year: int) -> Mapping[date, str]:
    return dict(holidays.country_holidays("CN", years=year, language="zh_CN").items())

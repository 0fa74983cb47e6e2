"""Months and years as a calendar counts them: their ends, and days of a month near today."""

from calendar import monthrange
from datetime import date

from bot.domain.when.found import Tense

YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
"""Named years, counted from this one."""
MONTHS = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下下": 2}
"""Named months or quarters, counted from this one."""
WHICH_YEAR = "(?:(?P<year>前年|去年|今年|明年|后年)的?)?"
WHICH_MONTH = "(?P<which>上上|上|这|本|当|下下|下)个?"


def build_day(year: int, month: int, day: int) -> date | None:
    """The day, or None when the calendar has no such day (2月30号)."""
    return date(year, month, day) if 1 <= day <= monthrange(year, month)[1] else None


def add_months(day: date, count: int) -> date:
    """The same day `count` months on, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_start(day: date, months: int = 0) -> date:
    """The first day of the month that lies `months` after the day's own."""
    return add_months(day.replace(day=1), months)


def month_end(day: date, months: int = 0) -> date:
    """The last day of the month that lies `months` after the day's own."""
    start = month_start(day, months)
    return start.replace(day=monthrange(start.year, start.month)[1])


def year_of_month(month: int, today: date, tense: Tense) -> int:
    """The year of a month said without one: the coming one, or the nearest when looking back."""
    if tense is Tense.FUTURE:
        return today.year + (month < today.month)
    distance = month - today.month
    return today.year - (distance > 6) + (distance < -6)


def nearest_month_day(month: int, day: int, today: date, tense: Tense) -> date | None:
    """The day of a month said without a year: the next one, or the nearest when looking back."""
    years = (today.year - 1, today.year, today.year + 1, today.year + 2)
    days = [found for year in years if (found := build_day(year, month, day))]
    if tense is Tense.FUTURE:
        return min((found for found in days if found >= today), default=None)
    return min(days, key=lambda found: abs((found - today).days), default=None)


def nearest_day_of_month(day: int, today: date, tense: Tense) -> date | None:
    """「28号」: the next such day, or the last one when looking back; today counts."""
    step = 1 if tense is Tense.FUTURE else -1
    for months in range(0, 3 * step, step):
        start = month_start(today, months)
        found = build_day(start.year, start.month, day)
        if found and (found - today).days * step >= 0:
            return found
    return None

"""The days that a text can mean, generously: a date outside of them is made up.

Written apart from `domain.when`, which the engines use: a measure must not repeat the mistakes of
what it measures.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from unicodedata import normalize

from bot.domain.calendar import Festival, WorkCalendar
from bot.domain.numerals import DIGIT_CHARS, parse_int

_CALENDAR = WorkCalendar()
_NUMBER = f"([{DIGIT_CHARS}十百]+|\\d+)"
_NOT_IN_NUMBER = f"(?<![{DIGIT_CHARS}十百月\\d])"
_WEEKDAYS = "一二三四五六日"
_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}

Reading = Callable[[re.Match[str], date], Iterator[date]]


def possible_days(text: str, today: date) -> set[date]:
    """Every day that a time phrase of the text can mean when it is said on `today`."""
    folded = normalize("NFKC", text)
    return {
        day
        for pattern, read in _readings()
        for found in pattern.finditer(folded)
        for day in read(found, today)
    }


def _readings() -> Iterator[tuple[re.Pattern[str], Reading]]:
    for words, days in _NEAR_DAYS:
        yield re.compile(words), _in_days(days)
    for words, read in _PHRASES:
        yield re.compile(words), read


def _in_days(count: int) -> Reading:
    return lambda _, today: iter([today + timedelta(count)])


def _said_days(found: re.Match[str], today: date) -> Iterator[date]:
    yield from _after(today, found, days=1)


def _said_weeks(found: re.Match[str], today: date) -> Iterator[date]:
    yield from _after(today, found, days=7)


def _after(today: date, found: re.Match[str], *, days: int) -> Iterator[date]:
    count = parse_int(found[1])
    if count is not None and count < 1000:
        yield today + timedelta(count * days)


def _workdays(found: re.Match[str], today: date) -> Iterator[date]:
    count = parse_int(found[1])
    if count is not None and count < 300:
        yield _CALENDAR.add_workdays(today, count)


def _weekday(found: re.Match[str], today: date) -> Iterator[date]:
    week, weekday = found[1] or "", _WEEKDAYS.index(found[2].replace("天", "日"))
    day = today + timedelta(weekday - today.weekday() + 7 * _WEEKS.get(week, 0))
    yield day
    if not week:
        yield day + timedelta(7)


def _month_end(_: re.Match[str], today: date) -> Iterator[date]:
    yield _last_day(today)


def _next_month_end(_: re.Match[str], today: date) -> Iterator[date]:
    yield _last_day(_next_month(today))


def _next_month_start(_: re.Match[str], today: date) -> Iterator[date]:
    yield _next_month(today)


def _year_end(_: re.Match[str], today: date) -> Iterator[date]:
    yield date(today.year, 12, 31)


def _after_new_year(_: re.Match[str], today: date) -> Iterator[date]:
    yield _CALENDAR.first_workday_after_holiday(Festival.NEW_YEAR, today.year + 1)


def _month_and_day(found: re.Match[str], today: date) -> Iterator[date]:
    for year in (today.year, today.year + 1):
        yield from _real(year, parse_int(found[1]), parse_int(found[2]))


def _day_of_month(found: re.Match[str], today: date) -> Iterator[date]:
    for month in (today, _next_month(today)):
        yield from _real(month.year, month.month, parse_int(found[1]))


def _real(year: int, month: int | None, day: int | None) -> Iterator[date]:
    if month and day and month <= 12 and day <= monthrange(year, month)[1]:
        yield date(year, month, day)


def _next_month(day: date) -> date:
    return _last_day(day) + timedelta(1)


def _last_day(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


_NEAR_DAYS = (
    ("大前天", -3),
    ("(?<!大)前天", -2),
    ("昨[天晚日夜儿]", -1),
    ("今|凌晨|刚[才从散见]|马上|立刻|立即|尽快", 0),
    ("明[天早晚日儿]", 1),
    ("(?<!大)后天", 2),
    ("大后天", 3),
    ("半个?月", 15),
)
_PHRASES: tuple[tuple[str, Reading], ...] = (
    (
        "(上上|下下|上|下|这|本)?个?(?:周|星期|礼拜)([一二三四五六日天])(?![个年月次场例万])",
        _weekday,
    ),
    (f"{_NUMBER}个工作日", _workdays),
    (f"{_NUMBER}天(?:之?内|之?后|以后)", _said_days),
    (f"{_NUMBER}个?(?:周|星期|礼拜)(?:之?内|之?后|以后)", _said_weeks),
    ("(?<!下)(?<!下个)月底|月末", _month_end),
    ("下个?月底", _next_month_end),
    ("下个?月初", _next_month_start),
    ("年底前|年底之前|年内", _year_end),
    ("(?:元旦|节)后第一个工作日", _after_new_year),
    (f"{_NUMBER}月{_NUMBER}[号日]", _month_and_day),
    (f"下个?月{_NUMBER}[号日]", _day_of_month),
    (f"{_NOT_IN_NUMBER}{_NUMBER}[号日]", _day_of_month),
)

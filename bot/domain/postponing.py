"""The new day of a promise that is put off: 「推迟一周」「改到下周五」「推迟到下个月」."""

import re
from datetime import date, datetime, timedelta

from bot.domain.calendar import WorkCalendar, festival_day
from bot.domain.clock import local_day
from bot.domain.numerals import NUMERAL_CHARS, parse_int
from bot.domain.pause import FESTIVALS, read_pause
from bot.domain.when import find_days

_SPAN = re.compile(
    rf"(半|[{NUMERAL_CHARS}]{{1,3}})\s*(个(?:星期|礼拜|月)|天|日|周|星期|礼拜)(?![后前内底初末])"
)
_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}
_HALF_A_MONTH = 15
_NEXT_MONTH = re.compile(r"下个?月(?:份)?")
_NEXT_WEEK = re.compile(r"下个?(?:周|星期|礼拜)")
_AFTER = re.compile(rf"(?:{'|'.join(FESTIVALS)})[节假期]*(?:之|以|过)?后")
_OTHER = re.compile(rf"明年|来年|年[后底末]|{_AFTER.pattern}")


def new_days(words: str, due: date | None, *, now: datetime, calendar: WorkCalendar) -> list[date]:
    """The day that the words name, or several to choose from when they name a week or a month; none
    when they name neither. A length of time counts from `due`, or from today when that is past."""
    found = find_days(words, now=now, calendar=calendar)
    if found:
        return [found[-1].day]
    today = local_day(now)
    span = _SPAN.search(words)
    if span:
        return [_later(span, max(due or today, today))]
    if _NEXT_MONTH.search(words):
        return _in_month(_first_of_next(today), calendar)
    if _NEXT_WEEK.search(words):
        monday = today + timedelta(days=7 - today.weekday())
        return _distinct([monday + timedelta(days=days) for days in (0, 2, 4)], calendar)
    if _OTHER.search(words):
        return [read_pause(words, now=now, calendar=calendar, default_days=1).until]
    return []


def without_days(words: str, *, now: datetime, calendar: WorkCalendar) -> str:
    """The words without what tells the new day: what is left names the promise."""
    for found in find_days(words, now=now, calendar=calendar):
        words = words.replace(found.phrase, " ")
    for pattern in (_SPAN, _NEXT_MONTH, _NEXT_WEEK, _OTHER):
        words = pattern.sub(" ", words)
    return words


def festival_said(words: str, *, now: datetime, calendar: WorkCalendar) -> date | None:
    """The next 中秋, 春节 … that the words name; 「春节后」 is the first working day after it."""
    if _AFTER.search(words):
        return read_pause(words, now=now, calendar=calendar, default_days=1).until
    today = local_day(now)
    for name, festival in FESTIVALS.items():
        if re.search(rf"{name}(?![月个点条])", words):
            year = today.year + (festival_day(festival, today.year) < today)
            return festival_day(festival, year)
    return None


def _later(span: re.Match[str], start: date) -> date:
    unit = span[2].removeprefix("个")
    if unit == "月":
        return _months_on(start, parse_int(span[1]) or 1) if span[1] != "半" else _half_on(start)
    return start + timedelta(days=_DAYS[unit] * (parse_int(span[1]) or 1))


def _half_on(start: date) -> date:
    return start + timedelta(days=_HALF_A_MONTH)


def _months_on(start: date, count: int) -> date:
    """The same day of a later month, or its last day when it is shorter."""
    first = start.replace(day=1)
    for _ in range(count):
        first = _first_of_next(first)
    return min(first + timedelta(days=start.day - 1), _first_of_next(first) - timedelta(days=1))


def _first_of_next(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _in_month(first: date, calendar: WorkCalendar) -> list[date]:
    """The beginning, the middle and the end of a month."""
    last = calendar.add_workdays(_first_of_next(first), -1)
    return [*_distinct([first, first.replace(day=15)], calendar), last]


def _distinct(days: list[date], calendar: WorkCalendar) -> list[date]:
    worked = (day if calendar.is_workday(day) else calendar.next_workday(day) for day in days)
    return list(dict.fromkeys(worked))

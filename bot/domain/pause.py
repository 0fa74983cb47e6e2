"""Until when a customer is not suggested, from the reason a rep gives for 「不去」."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot.domain.calendar import Festival, WorkCalendar, festival_day
from bot.domain.clock import local_day
from bot.domain.numerals import NUMERAL_CHARS, parse_int
from bot.domain.when import DayFound, find_days

_UNTIL = re.compile(r"(?<![等拖推改挪])[到至]$")
_DAYS = {"天": 1, "周": 7, "星期": 7, "礼拜": 7, "个月": 30}
FESTIVALS = {
    "元旦": Festival.NEW_YEAR,
    "春节": Festival.SPRING,
    "过年": Festival.SPRING,
    "清明": Festival.TOMB_SWEEPING,
    "五一": Festival.LABOUR,
    "端午": Festival.DRAGON_BOAT,
    "中秋": Festival.MID_AUTUMN,
    "国庆": Festival.NATIONAL,
    "十一": Festival.NATIONAL,
}
"""The festivals as people call them."""


class Pause(NamedTuple):
    """`until` is the first day on which the customer may be suggested again; `said` tells whether
    the rep's words name it."""

    until: date
    said: bool


def read_pause(words: str, *, now: datetime, calendar: WorkCalendar, default_days: int) -> Pause:
    """「她去进修到年底」 ends with the year, 「下周三再说」 on that Wednesday.

    A reason without a day lasts `default_days` (policy.toml).
    """
    today = local_day(now)
    days = [_first_free(found, words) for found in find_days(words, now=now, calendar=calendar)]
    days = [day for day in days if day >= today] or _spans(words, today, calendar)
    if days:
        return Pause(max(days[-1], today + timedelta(days=1)), said=True)
    return Pause(today + timedelta(days=default_days), said=False)


def _first_free(found: DayFound, words: str) -> date:
    """Away until a day includes that day; 「下周三回来」 does not."""
    away = _UNTIL.search(words[: found.start]) or re.search(r"[前内]$|为止", found.phrase)
    return found.day + timedelta(days=1) if away else found.day


def _spans(words: str, today: date, calendar: WorkCalendar) -> list[date]:
    """Phrases that name no single day: the first day after them, or with which they begin."""
    for pattern, first_day in _SPANS:
        match = re.search(pattern, words)
        if match:
            return [first_day(match, today, calendar)]
    return []


def _after_festival(match: re.Match[str], today: date, calendar: WorkCalendar) -> date:
    return _after(FESTIVALS[match[1]], today, calendar)


def _after_new_year(_: re.Match[str], today: date, calendar: WorkCalendar) -> date:
    """年 alone is the lunar one."""
    return _after(Festival.SPRING, today, calendar)


def _after(festival: Festival, today: date, calendar: WorkCalendar) -> date:
    year = today.year + (festival_day(festival, today.year) <= today)
    return calendar.first_workday_after_holiday(festival, year)


def _after_some_time(match: re.Match[str], today: date, _: WorkCalendar) -> date:
    return today + timedelta(days=(parse_int(match[1]) or 1) * _DAYS[match[2]])


def _in_month(match: re.Match[str], today: date, _: WorkCalendar) -> date:
    month = parse_int(match[2]) or 0
    if not 1 <= month <= 12:
        return today
    next_year = bool(match[1]) or month <= today.month
    return date(today.year + next_year, month, 1)


def _next_year(_: re.Match[str], today: date, __: WorkCalendar) -> date:
    return date(today.year + 1, 1, 1)


def _next_month(_: re.Match[str], today: date, __: WorkCalendar) -> date:
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


def _next_week(_: re.Match[str], today: date, __: WorkCalendar) -> date:
    return today + timedelta(days=7 - today.weekday())


_SPANS: tuple[tuple[str, Callable[[re.Match[str], date, WorkCalendar], date]], ...] = (
    (rf"({'|'.join(FESTIVALS)})(?:节|假期)?(?:之|以|过)?(?:后|完)", _after_festival),
    (rf"过完?({'|'.join(FESTIVALS)})", _after_festival),
    (r"过完年|(?<!明)年(?:之|以)?后", _after_new_year),
    (rf"([{NUMERAL_CHARS}]{{1,3}})(?:个(?=星|礼))?(个月|天|周|星期|礼拜)", _after_some_time),
    (rf"(明年)?([{NUMERAL_CHARS}]{{1,2}})月份?", _in_month),
    (r"年[底末终]|明年|来年", _next_year),
    (r"下个?月", _next_month),
    (r"下个?(?:周|星期|礼拜)", _next_week),
)

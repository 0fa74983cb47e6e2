"""Until when a person wants to be left alone: 「这周别提醒我」「休假到下周三」."""

import re
from datetime import date, datetime, time, timedelta

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import local_day
from bot.domain.numerals import NUMERAL_CHARS, parse_int
from bot.domain.pause import read_pause
from bot.domain.quiet import at

_HOURS = re.compile(rf"(半|[{NUMERAL_CHARS}]{{1,3}})\s*个?(半)?(小时|钟头|分钟)")
_WEEKS = {
    "下下周": 3,
    "下周": 2,
    "下个星期": 2,
    "下星期": 2,
    "这周": 1,
    "本周": 1,
    "这个星期": 1,
    "这星期": 1,
    "这个礼拜": 1,
}
"""How many Mondays away the end of the week is, by what it is called."""

_DAY_OF_WEEK = re.compile(r"(?:周|星期|礼拜)[一二三四五六日天]")


def hush_until(words: str, *, now: datetime, calendar: WorkCalendar) -> datetime:
    """The end of the pause that the words name; without a time it is the end of the day."""
    hours = _HOURS.search(words)
    if hours:
        return now + _span(hours)
    today = local_day(now)
    for name, weeks in _WEEKS.items() if not _DAY_OF_WEEK.search(words) else ():
        if name in words:
            return at(today + timedelta(days=7 * weeks - today.weekday()), time())
    if "今天" in words or "今晚" in words:
        return at(today + timedelta(days=1), time())
    pause = read_pause(words, now=now, calendar=calendar, default_days=1)
    return at(pause.until, time())


def back_on(words: str, *, now: datetime, calendar: WorkCalendar) -> date | None:
    """The first day after a leave; None when the words name no end."""
    pause = read_pause(words, now=now, calendar=calendar, default_days=1)
    if pause.said:
        return pause.until
    today = local_day(now)
    weeks = next((count for name, count in _WEEKS.items() if name in words), None)
    if weeks is not None:
        return today + timedelta(days=7 * weeks - today.weekday())
    return today + timedelta(days=1) if "今天" in words else None


def _span(said: re.Match[str]) -> timedelta:
    count = 0.5 if said[1] == "半" else float(parse_int(said[1]) or 1)
    count += 0.5 if said[2] else 0
    return timedelta(minutes=count) if said[3] == "分钟" else timedelta(hours=count)

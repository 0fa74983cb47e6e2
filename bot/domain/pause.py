"""Until when a customer is not suggested, from the reason a rep gives for 「不去」."""

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import local_day
from bot.domain.when import DayFound, find_days

_UNTIL = re.compile(r"(?<![等拖推改挪])[到至]$")
_NEXT_MONTH = re.compile(r"下个?月")
_NEXT_WEEK = re.compile(r"下个?(?:周|星期|礼拜)")


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
    coming = [day for day in days if day >= today]
    if coming:
        return Pause(max(coming[-1], today + timedelta(days=1)), said=True)
    span = _span_start(words, today)
    return (
        Pause(span, said=True) if span else Pause(today + timedelta(days=default_days), said=False)
    )


def _first_free(found: DayFound, words: str) -> date:
    """Away until a day includes that day; 「下周三回来」 does not."""
    away = _UNTIL.search(words[: found.start]) or re.search(r"[前内]$|为止", found.phrase)
    return found.day + timedelta(days=1) if away else found.day


def _span_start(words: str, today: date) -> date | None:
    if _NEXT_MONTH.search(words):
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    if _NEXT_WEEK.search(words):
        return today + timedelta(days=7 - today.weekday())
    return None

"""Time as people in China see it: stored in UTC, shown and reasoned about in Asia/Shanghai."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_WEEKDAYS = "一二三四五六日"


def to_local(moment: datetime) -> datetime:
    """The same moment on a clock in Shanghai.

    Raises:
        ValueError: the moment is naive; a time without a zone is a bug, never a guess.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place here")
    return moment.astimezone(SHANGHAI)


def to_utc(moment: datetime) -> datetime:
    """The same moment in UTC, for storing. Raises ValueError when it is naive."""
    return to_local(moment).astimezone(UTC)


def local_day(moment: datetime) -> date:
    """The calendar day in Shanghai."""
    return to_local(moment).date()


def say_day(day: date, *, today: date | None = None) -> str:
    """A day as people read it: 「11月25日（周三）」, with the year when it is not `today`'s."""
    year = f"{day.year}年" if today is not None and day.year != today.year else ""
    return f"{year}{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"

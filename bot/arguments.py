"""Reads what follows the name in a button's id (`todo.move:12:2026-11-25`)."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from bot.domain.errors import StaleCardError

STALE = "这个按钮已经不能用了，请重新问一次。"

_YEARS = range(2020, 2100)


def read_arguments(wanted: Sequence[object], said: Sequence[str]) -> list[Any]:
    """Each argument as the type that is wanted: `int`, `date`, `date | None` or `str`.

    Raises:
        StaleCardError: the id was not made by this version of the program.
    """
    if len(wanted) != len(said):
        raise StaleCardError(STALE)
    try:
        return [_READERS[kind](words) for kind, words in zip(wanted, said, strict=True)]
    except ValueError as unreadable:
        raise StaleCardError(STALE) from unreadable


def _read_number(said: str) -> int:
    """Only what an id or a version can be. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,15}", said):
        raise ValueError("no id")
    return int(said)


def _read_day(said: str) -> date:
    """A day that a button can be about. Raises ValueError."""
    day = date.fromisoformat(said)
    if day.year not in _YEARS:
        raise ValueError("no day of this program")
    return day


def _read_day_or_none(said: str) -> date | None:
    return None if said == "none" else _read_day(said)


_READERS: dict[object, Callable[[str], Any]] = {
    int: _read_number,
    date: _read_day,
    date | None: _read_day_or_none,
    str: str,
}

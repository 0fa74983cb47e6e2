"""What a cell may hold: reading it, what an empty one means, and writing it back."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Plain = str | int | float

_SEPARATORS = re.compile("[;；、，]")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


class UnfitError(ValueError):
    """A cell's value does not fit its column; the message says what does."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a column's cells are read (raises UnfitError), what an empty cell means, and how a value
    is written."""

    read: Callable[[Plain], Any]
    blank: Callable[[], Any]
    write: Callable[[Any], Plain | None]


def tidy(text: str) -> str:
    """Text without characters that nobody can see, and with single spaces."""
    if not text.isprintable():
        text = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in _UNSEEN)
    return " ".join(text.split())


def spoken(value: Plain) -> str:
    """A cell's value as text; a whole number stays one (a login of 1001 is not 「1001.0」)."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return tidy(str(value))


def text(limit: int, *, blank: str | None = None) -> Kind:
    """Up to `limit` characters."""
    return Kind(lambda value: _limited(spoken(value), limit), lambda: blank, lambda value: value)


def words(limit: int) -> Kind:
    """A list with 「;」, 「、」 or 「，」 between; items up to `limit` characters, no repeats."""
    return Kind(lambda value: _split(spoken(value), limit), list, _join)


def joined_words(limit: int) -> Kind:
    """Like `words`, but kept as one text of up to `limit` characters."""
    return Kind(
        lambda value: _limited(_join(_split(spoken(value), limit)) or "", limit),
        lambda: None,
        lambda value: value,
    )


def choice(spellings: Mapping[Any, Iterable[str]]) -> Kind:
    """One of a few values; the first spelling of each is the one that is written."""
    first = {value: next(iter(ways)) for value, ways in spellings.items()}
    known = {_folded(way): value for value, ways in spellings.items() for way in ways}
    expected = "只能填 " + "、".join(first.values())

    def read(value: Plain) -> Any:
        try:
            return known[_folded(spoken(value))]
        except KeyError:
            raise UnfitError(expected) from None

    return Kind(read, lambda: None, first.get)


def whole(low: int, high: int) -> Kind:
    """A whole number within bounds, also when it was typed as text."""
    expected = f"应是 {low} 到 {high} 的整数"

    def read(value: Plain) -> int:
        number = _number(value, expected)
        if not number.is_integer() or not low <= number <= high:
            raise UnfitError(expected)
        return int(number)

    return Kind(read, lambda: None, lambda value: value)


def decimal(low: int, high: int) -> Kind:
    """A number within bounds, also when it was typed as text."""
    expected = f"应是 {low} 到 {high} 之间的数"

    def read(value: Plain) -> float:
        number = _number(value, expected)
        if not low <= number <= high:
            raise UnfitError(expected)
        return number

    return Kind(read, lambda: None, lambda value: value)


def _folded(value: str) -> str:
    return unicodedata.normalize("NFKC", value).casefold().replace(" ", "")


def _limited(value: str, limit: int) -> str:
    if len(value) > limit:
        raise UnfitError(f"最多 {limit} 个字")
    return value


def _split(value: str, limit: int) -> list[str]:
    items = (item.strip() for item in _SEPARATORS.split(value))
    return list(dict.fromkeys(_limited(item, limit) for item in items if item))


def _join(items: Iterable[str]) -> str | None:
    return ";".join(items) or None


def _number(value: Plain, expected: str) -> float:
    try:
        number = float(unicodedata.normalize("NFKC", str(value)).strip())
    except ValueError:
        raise UnfitError(expected) from None
    if not math.isfinite(number):
        raise UnfitError(expected)
    return number

"""Compares wordings; width, case, punctuation and how a number is written do not matter."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache

from bot.domain.names import split_surname
from bot.domain.numerals import DIGIT_CHARS, parse_int

SAME_QUOTE = 0.7
"""From which similarity on two quotes are the same one."""

_GROUNDED = 0.3
"""Share of the pairs of neighbouring characters that must come from the text."""

_UNITS = "十百千万亿"
_NUMERAL = re.compile(f"[{DIGIT_CHARS}{_UNITS}]+(?:点[{DIGIT_CHARS}]+)?")
_HAS_NUMBER = re.compile(f"[{DIGIT_CHARS}{_UNITS}0-9]")
_PERCENT = re.compile(rf"百分之({_NUMERAL.pattern}|\d+(?:\.\d+)?)")
_TEN_THOUSANDS = re.compile(r"(\d+(?:\.\d+)?)\s*万")
_THOUSANDS_COMMA = re.compile(r"(?<=\d),(?=\d{3})")
_DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_TITLE = re.compile(
    "(?:主任医师|副主任|主任|医生|大夫|老师|院长|药师|店长|经理|总监|科长|护士长|教授)$"
)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The letters, digits, % signs and decimal points only, in one width and case."""
    folded = unicodedata.normalize("NFKC", text).lower()
    points = {found.start() for found in _DECIMAL_POINT.finditer(folded)}
    return "".join(
        char
        for place, char in enumerate(folded)
        if char.isalnum() or char == "%" or place in points
    )


@lru_cache(maxsize=4096)
def in_digits(text: str) -> str:
    """`plain`, with every number in Arabic digits (百分之七十八 = 78%, 四万二 = 42000)."""
    folded = unicodedata.normalize("NFKC", text).lower()
    folded = _PERCENT.sub(r"\1%", _THOUSANDS_COMMA.sub("", folded))
    folded = _NUMERAL.sub(lambda found: _digits(found[0]), folded)
    return plain(_TEN_THOUSANDS.sub(lambda found: f"{float(found[1]) * 10_000:.10g}", folded))


def has_words(words: Iterable[str], text: str) -> bool:
    """Whether every word, or one of its `a|b` alternatives, occurs in the text."""
    return all(any(_occurs(one, text) for one in word.split("|") if one) for word in words)


def is_grounded(text: str, source: str) -> bool:
    """Whether a wording takes enough of its characters from the source."""
    pairs = _neighbours(text)
    known = set(_neighbours(source))
    return bool(pairs) and sum(pair in known for pair in pairs) >= _GROUNDED * len(pairs)


def similarity(one: str, other: str) -> float:
    """0 to 1: the longest stretch that both share, in relation to their lengths."""
    lengths = len(plain(one)) + len(plain(other))
    return 2 * shared(one, other) / lengths if lengths else 0.0


def shared(one: str, other: str) -> int:
    """Characters of the longest stretch that both have."""
    first, second = plain(one), plain(other)
    return SequenceMatcher(None, first, second, autojunk=False).find_longest_match().size


def same_person(one: str, other: str) -> bool:
    """Whether two mentions can be one person: one contains the other, titles aside."""
    first, second = plain(one), plain(other)
    if not first or not second:
        return False
    if first in second or second in first:
        return True
    first, second = _TITLE.sub("", first), _TITLE.sub("", second)
    return min(len(first), len(second)) > 1 and (first in second or second in first)


def is_referred_to(name: str, source: str) -> bool:
    """Whether a text mentions a person at all: by the name, the surname or the given name."""
    known, text = plain(name), plain(source)
    surname, given = split_surname(known)
    parts = [known, surname, given if len(known) > 2 else ""]
    return any(part and part in text for part in parts)


def longest_point(source: str) -> int:
    """A point or an action with more characters than this is a copy of the note."""
    return max(45, min(120, int(0.6 * len(plain(source)))))


def _digits(numeral: str) -> str:
    whole, _, fraction = numeral.partition("点")
    if any(char in _UNITS for char in whole):
        number = parse_int(whole)
        if number is None:
            return numeral
        figures = str(number)
    else:
        figures = _one_by_one(whole)
    return f"{figures}.{_one_by_one(fraction)}" if fraction else figures


def _one_by_one(digits: str) -> str:
    return "".join(str(parse_int(digit)) for digit in digits)


def _occurs(word: str, text: str) -> bool:
    if not _HAS_NUMBER.search(plain(word)):
        return plain(word) in plain(text)
    number = in_digits(word)
    before = r"(?<![\d.])" if number[:1].isdigit() else ""
    after = r"(?!\.?\d)" if number[-1:].isdigit() else ""
    return re.search(f"{before}{re.escape(number)}{after}", in_digits(text)) is not None


def _neighbours(text: str) -> list[str]:
    written = in_digits(text)
    if len(written) < 2:
        return [written] if written else []
    return [written[place : place + 2] for place in range(len(written) - 1)]

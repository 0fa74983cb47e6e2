"""Cuts a long text into messages that a platform takes, where a reader would pause."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator

Measure = Callable[[str], int]
"""How long a platform finds a text: UTF-16 units, bytes …; more text is never shorter."""

PAUSES = tuple(
    re.compile(pattern)
    for pattern in (
        r"\n\s*\n",  # a paragraph
        r"\n",
        r"(?:[。！？；…]|[!?;](?=\s))+[”’」』）)】》]*",
        r"[，、]|,?\s+",
    )
)
"""Where to cut, the best first."""

JOINER = "\u200d"
SKIN_TONES = range(0x1F3FB, 0x1F400)
FLAG_LETTERS = range(0x1F1E6, 0x1F200)


def utf16_units(text: str) -> int:
    """What Telegram counts: characters outside of the basic plane are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split_text(text: str, limit: int, measure: Measure) -> list[str]:
    """The messages that carry a text, in order, each at most `limit` long; only blanks at their
    ends are left out. A single character that is longer than `limit` stays whole."""
    return [part for piece in cut_text(text, limit, measure) if (part := piece.strip())]


def cut_text(text: str, limit: int, measure: Measure) -> Iterator[str]:
    """The text in pieces, blanks and all."""
    while measure(text) > limit:
        fitting = _fitting(text, limit, measure)
        end = _pause_in(text, fitting) or _whole_characters(text, fitting)
        yield text[:end]
        text = text[end:]
    yield text


def _fitting(text: str, limit: int, measure: Measure) -> int:
    """How many characters of it fit, at least one."""
    ends = range(1, len(text) + 1)
    return max(1, bisect_right(ends, limit, key=lambda end: measure(text[:end])))


def _pause_in(text: str, end: int) -> int | None:
    """Behind the best pause up to `end`: in the second half, so that no message is a mere scrap,
    else anywhere."""
    return _last_pause(text, end // 2, end) or _last_pause(text, 0, end)


def _last_pause(text: str, start: int, end: int) -> int | None:
    for pause in PAUSES:
        places = [found.end() for found in pause.finditer(text, start, end)]
        whole = [place for place in places if not _belongs(text, place)]
        if whole:
            return whole[-1]
    return None


def _whole_characters(text: str, end: int) -> int:
    """The last place up to `end` that does not tear what shows as one character; `end` itself when
    there is none."""
    places = (place for place in range(end, 0, -1) if not _belongs(text, place))
    return next(places, end)


def _belongs(text: str, place: int) -> bool:
    """Whether the character at `place` completes the one before it."""
    before, after = text[place - 1], text[place : place + 1]
    if not after:
        return False
    return (
        unicodedata.category(after).startswith("M")
        or JOINER in {before, after}
        or ord(after) in SKIN_TONES
        or "\ud800" <= before <= "\udbff"
        or _splits_flag(text, place)
    )


def _splits_flag(text: str, place: int) -> bool:
    """A flag is a pair of letters: an odd number of them before the cut tears one."""
    letters = 0
    while letters < place and ord(text[place - 1 - letters]) in FLAG_LETTERS:
        letters += 1
    return letters % 2 == 1 and ord(text[place]) in FLAG_LETTERS

"""Which product the words are about: one of ours, a competitor's, or unclear."""

import re
from dataclasses import dataclass

from bot.domain.roster import Roster, RosterProduct
from bot.understanding.screening.data import pattern


@dataclass(frozen=True, slots=True)
class Brands:
    """The brand words of a roster, ours and the competitors', as patterns."""

    ours: re.Pattern[str]
    rivals: re.Pattern[str]
    products: tuple[RosterProduct, ...]


def brands(roster: Roster) -> Brands:
    """The brand words that the roster knows; a pattern that matches nothing when it knows none."""
    own = [word for product in roster.products for word in (product.name, *product.aliases)]
    rival = [word for product in roster.products for word in product.competitors]
    return Brands(ours=_any(own), rivals=_any(rival, "{rival}"), products=roster.products)


def is_rivals(text: str, start: int, place: int, known: Brands) -> bool:
    """Whether the product nearest before `place` (else after it) is a competitor's."""
    before = _last(known.rivals, text, start, place), _last(known.ours, text, start, place)
    if max(before) >= 0:
        return before[0] > before[1]
    rest = re.split(r"[。！？；\n]", text[place:])[0]
    return bool(known.rivals.search(rest)) and not known.ours.search(rest)


def named_product(text: str, place: int, known: Brands) -> RosterProduct | None:
    """Our product named last before `place`, else the first in the text, else None."""
    hits = list(known.ours.finditer(text))
    if not hits:
        return None
    before = [hit for hit in hits if hit.end() <= place]
    word = (before[-1] if before else hits[0]).group()
    return next(p for p in known.products if word == p.name or word in p.aliases)


def _last(shape: re.Pattern[str], text: str, start: int, place: int) -> int:
    return max((hit.start() for hit in shape.finditer(text, start, place)), default=-1)


def _any(words: list[str], *classes: str) -> re.Pattern[str]:
    known = sorted({re.escape(word) for word in words if word}, key=len, reverse=True)
    extra = [pattern(name).pattern for name in classes]
    return re.compile("|".join([*known, *extra]) or "(?!)")

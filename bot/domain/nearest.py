"""Names that look or sound like one that was not found, to offer instead of a bare 「没有」."""

from collections import Counter
from collections.abc import Hashable, Iterable

from bot.domain.names import split_title
from bot.domain.sounds import blurred

_ALIKE = 0.5


def nearest_names(said: str, names: Iterable[str], *, limit: int = 3) -> list[str]:
    """At most `limit` names that share half of their characters or sounds with what was said, the
    most alike first; equally alike ones in the order of the text."""
    core, _ = split_title(said)
    scored = sorted({(-_likeness(core, name), name) for name in names})
    return [name for score, name in scored if -score >= _ALIKE][:limit]


def _likeness(one: str, other: str) -> float:
    sounds = (_shared(a, b) for a in blurred(one) for b in blurred(other))
    return max(_shared(one, other), max(sounds, default=0.0))


def _shared(one: Iterable[Hashable], other: Iterable[Hashable]) -> float:
    first, second = Counter(one), Counter(other)
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 0.0

"""Lists of customers by words on their file: 「心内科+青年医师+关注药物涂层球囊」."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_JOINED = re.compile(r"\s*[+＋]\s*")
_CARES = "关注"


class Filed(NamedTuple):
    """A customer and every word they can be found by (tags, interests, place, tier, kind)."""

    id: int
    name: str
    words: frozenset[str]


class Found(NamedTuple):
    """Who carries all the terms; `unknown` are terms that nobody carries."""

    ids: list[int]
    terms: list[str]
    unknown: list[str]


def find_filed(asked: str, filed: Sequence[Filed]) -> Found:
    """Who is meant by words joined with +, or by the words on file that a sentence contains."""
    vocabulary = {word for each in filed for word in _findable(each.words)}
    joined = [term for term in _JOINED.split(asked.strip()) if term]
    terms = joined if len(joined) > 1 else _terms_in(asked, vocabulary) or _whole(asked, filed)
    unknown = [term for term in terms if not any(carries(each.words, term) for each in filed)]
    ids = [each.id for each in filed if terms and all(carries(each.words, t) for t in terms)]
    return Found(ids, terms, unknown)


def carries(words: frozenset[str], term: str) -> bool:
    """Whether a term is on the file: as it is, as an interest (关注X), or inside a longer word."""
    plain = term.casefold()
    folded = {word.casefold() for word in _findable(words)}
    if plain in folded:
        return True
    return len(plain) > 1 and any(plain in word for word in folded) and plain not in _TIERS


def common_words(carried: Iterable[frozenset[str]], limit: int = 6) -> list[str]:
    """The words that most customers carry, to offer when a term is unknown."""
    counted = Counter(word for words in carried for word in words)
    return [word for word, _ in sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:limit]]


# 潜力 is a tier and must not find 高潜力, which is a tag.
_TIERS = frozenset({"kol", "重点", "潜力"})


def _findable(words: frozenset[str]) -> set[str]:
    return set(words) | {_CARES + word for word in words if not word.startswith(_CARES)}


def _terms_in(text: str, vocabulary: Iterable[str]) -> list[str]:
    """The words on file that occur in a sentence, the longest first, not overlapping."""
    left, found = text.casefold(), []
    for word in sorted(vocabulary, key=lambda each: (-len(each), each)):
        if len(word) > 1 and word.casefold() in left:
            found.append(word)
            left = left.replace(word.casefold(), "\n")
    return found


def _whole(asked: str, filed: Sequence[Filed]) -> list[str]:
    """A short message that is itself part of a word on file (「心内」)."""
    term = asked.strip()
    return [term] if 1 < len(term) <= 8 and any(carries(each.words, term) for each in filed) else []

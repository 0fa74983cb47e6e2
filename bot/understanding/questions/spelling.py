"""Puts right the words of a question that a recogniser spelt by their sound (超其 for 超期)."""

from collections.abc import Iterable, Iterator

from bot.domain.sounds import Sound, sounds

_SHORTEST, _LONGEST = 2, 8


def respell(text: str, known: Iterable[str], kept: Iterable[str]) -> str:
    """The text with every stretch that sounds like a known word spelt as it, the longest first; as
    long as before, so that positions stay. What is written like a known or a kept word stays."""
    known = {word for word in known if _SHORTEST <= len(word) <= _LONGEST}
    written = [word for word in (*known, *kept) if word and word in text]
    heard = text
    for start, end in _stretches(text, {len(word) for word in known}):
        if any(_overlaps(text, word, start, end) for word in written):
            continue
        word = _sounding_like(text[start:end], known)
        if word is not None and heard[start:end] == text[start:end]:
            heard = heard[:start] + word + heard[end:]
    return heard


def _stretches(text: str, lengths: Iterable[int]) -> Iterator[tuple[int, int]]:
    for length in sorted(lengths, reverse=True):
        for start in range(len(text) - length + 1):
            yield start, start + length


def _sounding_like(piece: str, known: Iterable[str]) -> str | None:
    if not all("\u4e00" <= character <= "\u9fff" for character in piece):
        return None
    said: frozenset[Sound] = sounds(piece)
    return min(
        (word for word in known if len(word) == len(piece) and said & sounds(word)), default=None
    )


def _overlaps(text: str, word: str, start: int, end: int) -> bool:
    """Whether the word is written over any part of the stretch."""
    return word in text[max(0, start - len(word) + 1) : end + len(word) - 1]

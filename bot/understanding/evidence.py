"""Whether the dictation supports what was proposed: words, numbers, names, denials."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property

from bot.domain.numerals import parse_number
from bot.domain.roster import Roster
from bot.domain.sounds import syllables

_NUMBER = re.compile(
    r"\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?"
)
_DAY = re.compile(
    r"[上下这本]?个?(?:周|星期|礼拜)[一二三四五六日天]|[今明昨前后]天|[上下这本]个?(?:周|月|季度)|月[底初]"
)
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]+")
_DENIALS = "不没未无别非"
_SOFTENERS = "有是能会可要想再太怎么"
_REACH = 4
"""Characters after a denial that it can deny, softeners included."""
_VAGUE_NUMBERS = ("一", "两")

MIN_SHARED = 0.5
"""Share of a point's character pairs that the dictation must contain; below it the words are not
the rep's any more (chosen on the development dictations)."""


class Source:
    """One dictation, read once, against which everything proposed is checked."""

    def __init__(self, text: str) -> None:
        self.text = text

    def locate(self, said: str) -> str | None:
        """The words as they stand in the text, found even when punctuation, spacing or width
        differ; None when they are not there."""
        wanted, _ = _letters(said)
        letters, places = self._letters
        at = letters.find(wanted) if wanted else -1
        if at < 0:
            return None
        return self.text[places[at] : places[at + len(wanted) - 1] + 1]

    def supports(self, point: str, roster: Roster) -> bool:
        """Whether the text says what a point says: its numbers, days, drugs, Latin words and
        denials all occur, nothing denied is affirmed, and at least half of its character pairs
        are there."""
        return (
            self.shared(point) >= MIN_SHARED
            and self._numbers.issuperset(_numbers(point))
            and all(day in self.text for day in _DAY.findall(point))
            and all(word.casefold() in self._folded for word in _LATIN.findall(point))
            and all(_is_named(name, self.text) for name in _drugs(roster) if name in point)
            and self._denies_alike(point)
        )

    def shared(self, point: str) -> float:
        """The share of a point's character pairs that the text contains, 0 to 1."""
        letters, _ = _letters(_arabic(point))
        pairs = _pairs(letters)
        if not pairs:
            return float(bool(letters) and letters in self._arabic_letters)
        return sum(pair in self._arabic_pairs for pair in pairs) / len(pairs)

    def _denies_alike(self, point: str) -> bool:
        """Whether the text denies what the point denies, and not only denies what it affirms."""
        letters, _ = _letters(point)
        return _denied(letters) <= self._deniable and self._only_denied.isdisjoint(
            _affirmed(letters)
        )

    @cached_property
    def _letters(self) -> tuple[str, list[int]]:
        return _letters(self.text)

    @cached_property
    def _folded(self) -> str:
        return self.text.casefold()

    @cached_property
    def _arabic_letters(self) -> str:
        return _letters(_arabic(self.text))[0]

    @cached_property
    def _arabic_pairs(self) -> frozenset[str]:
        return frozenset(_pairs(self._arabic_letters))

    @cached_property
    def _numbers(self) -> frozenset[float]:
        return frozenset(_numbers(self.text)) | frozenset(_number_parts(self.text))

    @cached_property
    def _deniable(self) -> frozenset[str]:
        """Every letter within reach of a denial in the same clause."""
        reaches = re.findall(rf"(?<=[{_DENIALS}])(?=(\w{{1,{_REACH}}}))", self.text)
        return frozenset(letter for reach in reaches for letter in _letters(reach)[0])

    @cached_property
    def _only_denied(self) -> frozenset[str]:
        """The pairs that stand nowhere but right after a denial."""
        letters, _ = self._letters
        pairs = list(enumerate(_pairs(letters)))
        free = {pair for at, pair in pairs if at == 0 or letters[at - 1] not in _DENIALS}
        return frozenset(pair for _, pair in pairs) - free


def _letters(text: str) -> tuple[str, list[int]]:
    """The text without punctuation and spaces, in one width and case, with each letter's place."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKC", character).casefold():
            if letter.isalnum() or letter == "%":
                letters.append(letter)
                places.append(place)
    return "".join(letters), places


def _arabic(text: str) -> str:
    """The text with its numbers in digits, so that 七点一 and 7.1 are the same words."""
    return _NUMBER.sub(_digits, unicodedata.normalize("NFKC", text).replace("百分之", "%"))


def _digits(match: re.Match[str]) -> str:
    number = None if match.group() in _VAGUE_NUMBERS else parse_number(match.group())
    return match.group() if number is None else f"{number:g}"


def _pairs(letters: str) -> list[str]:
    return [letters[i : i + 2] for i in range(len(letters) - 1)]


def _numbers(text: str) -> Iterable[float]:
    plain = unicodedata.normalize("NFKC", text)
    for said in _NUMBER.findall(plain):
        number = None if said in _VAGUE_NUMBERS else parse_number(said)
        if number is not None:
            yield number


def _number_parts(text: str) -> Iterable[float]:
    """Numbers inside longer ones: the 8 and 10 of 八点十分."""
    for said in _NUMBER.findall(unicodedata.normalize("NFKC", text)):
        for part in re.split(r"[点.]", said):
            number = parse_number(part)
            if number is not None:
                yield number


def _drugs(roster: Roster) -> Iterable[str]:
    for product in roster.products:
        yield from (product.name, *product.aliases, *product.competitors)


def _is_named(name: str, text: str) -> bool:
    """Whether a drug is named in the text, or was misheard there."""
    if name in text:
        return True
    spans = (text[i : i + len(name)] for i in range(len(text) - len(name) + 1))
    return any(all(map(_sounds_alike, name, span)) for span in spans)


def _sounds_alike(one: str, other: str) -> bool:
    return not set(syllables(one)).isdisjoint(syllables(other))


def _denied(letters: str) -> set[str]:
    """The characters that directly follow a denial, 有 and 会 and the like skipped."""
    return set(re.findall(f"[{_DENIALS}][{_SOFTENERS}]*([^{_SOFTENERS}])", letters))


def _affirmed(letters: str) -> list[str]:
    pairs = enumerate(_pairs(letters))
    return [
        pair
        for i, pair in pairs
        if not (set(letters[max(0, i - 2) : i]) | set(pair)) & set(_DENIALS)
    ]

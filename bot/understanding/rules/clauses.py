"""Cuts a dictation into clauses: at its punctuation, outside quote marks, or at turns of speech."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.understanding.rules.vocabulary import endings, pattern

Span = tuple[int, int]

QUOTED = re.compile(
    r"「[^」]{1,120}」|“[^”]{1,120}”|\"[^\"]{1,120}\"|『[^』]{1,120}』|‘[^’]{1,120}’"
)
_TITLE = re.compile(r"《[^》]{1,80}》")
_STOP = re.compile(r"[。！？!?；;\n…]+|(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])|[，,]")
_SENTENCE_END = re.compile(r"[。！？!?；;\n…]")
_LONG = 26
_SHORT = 4
_HESITATIONS = "嗯呃额啊哦唉诶哎"
_LONGEST_GOVERNOR = 4


@dataclass(frozen=True, slots=True)
class Clause:
    """`text[start:end]` of the dictation, without its closing mark; `sentence` counts from 0."""

    start: int
    end: int
    text: str
    sentence: int


def plain(text: str) -> str:
    """The text, equally long, with quoted words, titles and nouns that only look like speech
    (说明书) blanked, so that what is quoted does not count as what the clause says."""
    for silent in (QUOTED, _TITLE, pattern("speakers.speech.nouns")):
        text = silent.sub(lambda match: "■" * len(match.group()), text)
    return text


def quoted_spans(text: str) -> list[Span]:
    """Everything in quote marks, the marks included."""
    return [match.span() for match in QUOTED.finditer(text)]


def split(text: str, openers: Iterable[int] = ()) -> list[Clause]:
    """The clauses in order. Text that runs on without marks (voice) is also cut at connectives,
    at pronouns that open a clause, and at `openers`: offsets where a clause may start."""
    quoted = quoted_spans(text)
    marks = sorted({*openers, *_turns(text)})
    marks = [mark for mark in marks if not within(mark, quoted)]
    clauses: list[Clause] = []
    sentence = 0
    for start, end, ends_sentence in _between_stops(text, quoted):
        inside = marks[bisect_left(marks, start) : bisect_left(marks, end)]
        for left, right in _pieces(start, end, inside):
            clauses.extend(_trimmed(text, left, right, sentence))
        sentence += ends_sentence
    return clauses


def _between_stops(text: str, quoted: list[Span]) -> Iterator[tuple[int, int, bool]]:
    start, starts = 0, {span[0] for span in quoted}
    for stop in _STOP.finditer(text):
        if within(stop.start(), quoted) or _announces(stop, starts):
            continue
        yield start, stop.start(), bool(_SENTENCE_END.search(stop.group()))
        start = stop.end()
    yield start, len(text), True


def _announces(stop: re.Match[str], starts: set[int]) -> bool:
    """「他说，」 and the words in quote marks are one clause."""
    return stop.group() in "，," and stop.end() in starts


def _pieces(start: int, end: int, marks: list[int]) -> Iterator[Span]:
    left = start
    for mark in marks if end - start > _LONG else ():
        if left + _SHORT <= mark <= end - _SHORT:
            yield left, mark
            left = mark
    yield left, end


def _turns(text: str) -> Iterator[int]:
    yield from (match.start() for match in pattern("speakers.clauses.connectives").finditer(text))
    yield from (match.start() for match in opening_pronouns(text))


def opening_pronouns(text: str) -> Iterator[re.Match[str]]:
    """Pronouns that act: not the object of the verb or preposition right before them."""
    for match in pattern("speakers.subject.pronouns").finditer(text):
        if text[match.end() : match.end() + 1] == "的":
            continue
        if not takes_object(text[: match.start()]) or _starts_speaking(text, match):
            yield match


def _starts_speaking(text: str, pronoun: re.Match[str]) -> bool:
    """「给他答复 他还说」: the verb before is complete, and the pronoun goes on to speak."""
    before = text[: pronoun.start()].endswith(endings("speakers.subject.complete"))
    return before and pattern("speakers.subject.speaking").match(text, pronoun.end()) is not None


def takes_object(before: str) -> bool:
    """Whether the words before a person make that person their object (「问」我, 「给」他)."""
    return before[-_LONGEST_GOVERNOR:].endswith(endings("speakers.subject.governors"))


def within(offset: int, spans: Sequence[Span]) -> bool:
    """Whether the offset lies in one of the spans, which are in order and apart."""
    at = bisect_right(spans, offset, key=lambda span: span[0])
    return at > 0 and offset < spans[at - 1][1]


def _trimmed(text: str, start: int, end: int, sentence: int) -> Iterator[Clause]:
    while start < end and (text[start].isspace() or text[start] in _HESITATIONS):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(char.isalnum() for char in text[start:end]):
        yield Clause(start, end, text[start:end], sentence)

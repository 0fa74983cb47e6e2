"""Runs the structures of the rule data over a text: who gives, wants or says what, to whom."""

import re
from collections.abc import Iterator

from bot.understanding.screening.data import Frame, Rule, pattern
from bot.understanding.screening.spans import (
    Span,
    clause_around,
    given_by_them,
    is_negated,
    is_principle,
    said_by_them,
    sentences,
)


def rule_hits(rule: Rule, text: str) -> Iterator[Span]:
    """Every clause of the text that raises the rule."""
    for sentence in sentences(text):
        for frame in rule.frame:
            yield from _frame_hits(frame, sentence)


def _frame_hits(frame: Frame, sentence: Span) -> Iterator[Span]:
    for template in frame.any:
        for hit in pattern(template).finditer(sentence.text, sentence.start, sentence.end):
            clause = clause_around(sentence.text, hit.start(), hit.end())
            if not _excused(frame, clause, hit):
                yield clause


def _excused(frame: Frame, clause: Span, hit: re.Match[str]) -> bool:
    text, place = clause.text, hit.start()
    if any(pattern(words).search(clause.words) for words in frame.unless):
        return True
    if frame.giver and given_by_them(text, place):
        return True
    if frame.ours and said_by_them(text, place):
        return True
    return not frame.stands and (is_negated(text, place) or is_principle(clause, hit.end()))

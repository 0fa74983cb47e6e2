"""Finds the scenes of `scenes.toml`: parts that stand together in a sentence, in any order."""

import re
from collections.abc import Iterator

from bot.domain.note import FlagCode
from bot.understanding.screening.data import Scene, pattern, scenes
from bot.understanding.screening.spans import (
    Span,
    clause_around,
    given_by_them,
    is_principle,
    sentences,
)


def scene_hits(text: str) -> Iterator[tuple[FlagCode, Span]]:
    """Every scene that the text tells, with the clauses that hold its parts."""
    for sentence in sentences(text):
        for scene in scenes():
            yield from ((scene.code, span) for span in _places(scene, sentence))


def _places(scene: Scene, sentence: Span) -> Iterator[Span]:
    for act, span in together(scene.parts, scene.reach, sentence):
        if not _excused(scene, span, act):
            yield span


def together(
    parts: tuple[str, ...], reach: int, sentence: Span
) -> Iterator[tuple[re.Match[str], Span]]:
    """Each place of the first part that has all the others within `reach` characters, with the
    clauses that hold them."""
    found = [list(_finds(template, sentence)) for template in parts]
    for act in found[0] if all(found) else ():
        others = [_nearest(act, hits, reach) for hits in found[1:]]
        complete = [act, *(other for other in others if other)]
        if len(complete) == len(parts):
            start = min(hit.start() for hit in complete)
            end = max(hit.end() for hit in complete)
            yield act, clause_around(sentence.text, start, end)


def _finds(template: str, sentence: Span) -> Iterator[re.Match[str]]:
    return pattern(template).finditer(sentence.text, sentence.start, sentence.end)


def _nearest(act: re.Match[str], found: list[re.Match[str]], reach: int) -> re.Match[str] | None:
    near = min(found, key=lambda hit: _distance(act, hit))
    return near if _distance(act, near) <= reach else None


def _distance(one: re.Match[str], other: re.Match[str]) -> int:
    return max(one.start() - other.end(), other.start() - one.end(), 0)


def _excused(scene: Scene, span: Span, act: re.Match[str]) -> bool:
    if any(pattern(words).search(span.words) for words in scene.unless):
        return True
    # What they take or give back was given by us.
    returned = act.group().startswith(("收", "退"))
    if scene.giver and not returned and given_by_them(span.text, act.start()):
        return True
    return is_principle(span, act.end())

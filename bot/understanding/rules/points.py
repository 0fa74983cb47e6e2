"""Key points, objections and competitor mentions: short, one thing each, in the words of the text.

A point is one clause, or several of a sentence that belong together, up to 40 characters. Left out:
feelings, weather, the rep's own trouble, the frame of the visit. Words: `words/points.toml`.
"""

from collections.abc import Iterator, Sequence

from bot.domain.roster import Roster
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.steps import step_turns
from bot.understanding.rules.vocabulary import has, pattern

_LONGEST = 40
_SHORTEST = 4
_FRAGMENT = 10
_TOPIC = 2
_EDGES = " ，,。；;：:、！!"


def key_points(turns: Sequence[Turn], reading: Reading) -> list[str]:
    """What the contact was about, in order."""
    points: list[str] = []
    steps = set(step_turns(turns, reading))
    told = [turn for turn in turns if turn not in steps and _has_content(turn)]
    for chunk in _chunks(told):
        start, end = chunk[0].clause.start, chunk[-1].clause.end
        point = _trim(reading.text[start:end])
        if len(point) > _TOPIC and point not in points:
            points.extend(_fitting(point))
    return points


def _chunks(turns: list[Turn]) -> Iterator[list[Turn]]:
    """Neighbouring clauses of one sentence, joined while one of them is a fragment and they fit."""
    chunk: list[Turn] = []
    for turn in turns:
        if chunk and not _joins(chunk, turn):
            yield chunk
            chunk = []
        chunk.append(turn)
    if chunk:
        yield chunk


def _joins(chunk: list[Turn], turn: Turn) -> bool:
    last = chunk[-1].clause
    near = last.sentence == turn.clause.sentence and turn.clause.start - last.end <= 2
    short = len(last.text) < _FRAGMENT or len(turn.text) < _FRAGMENT
    return near and short and turn.clause.end - chunk[0].clause.start <= _LONGEST


def _has_content(turn: Turn) -> bool:
    if turn.says("points.key_points.filler") or _is_goal(turn):
        return False
    talked = pattern("points.key_points.talk").search(turn.text)
    bare = _bare(turn)
    return len(bare) >= _SHORTEST or bool(talked and len(bare) >= _TOPIC)


def _is_goal(turn: Turn) -> bool:
    """The stated purpose, or no more than how it went."""
    stated = pattern("points.key_points.purpose").match(turn.text)
    outcome = pattern("goal.outcome.tail").fullmatch(turn.text)
    return stated is not None or outcome is not None


def _bare(turn: Turn) -> str:
    """The clause without what other fields hold: names, places, days, times, lengths, frames."""
    told = bytearray(len(turn.text))
    for start, end in turn.spans:
        at = start - turn.clause.start
        told[at : end - turn.clause.start] = b"\1" * (end - start)
    kept = "".join(char for char, elsewhere in zip(turn.text, told, strict=False) if not elsewhere)
    kept = pattern("points.key_points.frames").sub("", kept)
    return pattern("contact.met.acts").sub("", kept)


def _trim(point: str) -> str:
    return point.strip(_EDGES)


def _fitting(point: str) -> list[str]:
    """A run-on point in pieces of at most the longest length."""
    pieces = []
    while len(point) > _LONGEST:
        cut = max(point.rfind(end, _LONGEST // 2, _LONGEST) for end in "了、的，") + 1
        pieces.append(point[: cut or _LONGEST])
        point = point[cut or _LONGEST :]
    return [*pieces, point]


def objections(turns: Sequence[Turn]) -> list[str]:
    """What the customer doubted or asked, one clause each."""
    return [
        _trim(turn.text)
        for turn in turns
        if turn.actor is Actor.CUSTOMER
        and (has("points.objections.words", turn.text) or _is_question(turn))
    ]


def _is_question(turn: Turn) -> bool:
    return has("points.objections.asks", turn.text)


def competitors(turns: Sequence[Turn], roster: Roster) -> list[str]:
    """The clauses that name a competing brand."""
    brands = {brand for product in roster.products for brand in product.competitors}
    return [_trim(turn.text) for turn in turns if any(brand in turn.text for brand in brands)]

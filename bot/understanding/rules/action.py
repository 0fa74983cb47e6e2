"""Words a next step: the verb with its thing, without who promises it and until when."""

from collections.abc import Sequence

from bot.domain.when import DayFound
from bot.understanding.rules.reading import Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import has, pattern

_EDGES = " ，,。；;：:、"
_LONGEST = 42
_BACK = 4


def action_of(promised: Sequence[Turn], due: DayFound | None, turns: Sequence[Turn]) -> str:
    """The action of a promise; the thing comes from the words before when the promise names none."""
    words = "，".join(_without_lead(_without(turn, due)) for turn in promised)
    if not _is_empty(words):
        return words[:_LONGEST]
    thing = _thing_before(promised[0], turns)
    return f"{thing}，{words}"[:_LONGEST] if thing else words


def names_nothing(turn: Turn, due: DayFound | None) -> bool:
    """Whether the clause promises without naming a thing: 「周四给他」, 「明天发」."""
    return _is_empty(_without(turn, due))


def _without(turn: Turn, due: DayFound | None) -> str:
    if due is None or not turn.clause.start <= due.start < turn.clause.end:
        return turn.text
    start, end = due.start - turn.clause.start, due.end - turn.clause.start
    return (turn.text[:start] + turn.text[end:]).strip(_EDGES)


def _without_lead(words: str) -> str:
    lead = pattern("steps.action.lead")
    match = lead.match(words) or (
        lead.search(words[:8]) if has("steps.steps.requests", words[:8]) else None
    )
    rest = words[match.end() :].strip(_EDGES) if match else words
    return rest if len(rest) > 1 else words


def _is_empty(words: str) -> bool:
    if has("steps.action.visits", words):
        return False
    return len(pattern("steps.action.empty").sub("", words).strip(_EDGES)) < 2


def _thing_before(first: Turn, turns: Sequence[Turn]) -> str | None:
    """What the customer asked for just before; else the clause right before."""
    at = turns.index(first)
    near = [
        turn
        for turn in reversed(turns[max(0, at - _BACK) : at])
        if first.clause.sentence - turn.clause.sentence <= 1 and _names_thing(turn)
    ]
    asked = (
        turn for turn in near if turn.actor is Actor.CUSTOMER and turn.says("needs.asks.words")
    )
    best = next(asked, None) or next(iter(near), None)
    return best.text[-_LONGEST + 10 :] if best else None


def _names_thing(turn: Turn) -> bool:
    return not _is_empty(turn.text) and not turn.says("points.key_points.filler")

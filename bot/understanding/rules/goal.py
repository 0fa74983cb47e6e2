"""The goal of the visit, only when it was stated, and whether it was reached.

Stated is 本来想…, 目标是…, 为了… by our side; what a customer wants is no goal of ours.
Words: `words/goal.toml`.
"""

from collections.abc import Sequence

from bot.domain.note import Outcome
from bot.understanding.rules.reading import Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import has, pattern

_SHORTEST = 3
_EDGES = " ，,。；;：:、"


def goal_of(turns: Sequence[Turn]) -> str | None:
    """The stated purpose in the words of the text."""
    for turn in turns:
        mark = pattern("goal.goal.stated").search(turn.text)
        if mark is None or _is_theirs(turn, mark.start()):
            continue
        goal = turn.text[mark.end() :].strip(_EDGES)
        if len(goal) >= _SHORTEST:
            return goal
    return None


def _is_theirs(turn: Turn, at: int) -> bool:
    """Whether somebody else than us is the subject of the purpose."""
    return turn.subject.said and not turn.ours and turn.subject.at < at


def outcome_of(turns: Sequence[Turn], goal: str | None) -> Outcome:
    """Whether the stated goal was reached; without a stated goal there is nothing to judge."""
    if goal is None:
        return Outcome.NOT_SAID
    for path, outcome in (
        ("goal.outcome.missed", Outcome.MISSED),
        ("goal.outcome.partly", Outcome.PARTLY),
        ("goal.outcome.reached", Outcome.REACHED),
    ):
        if any(has(path, turn.text) for turn in turns):
            return outcome
    return Outcome.NOT_SAID

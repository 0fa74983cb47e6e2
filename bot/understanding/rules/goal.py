"""The goal of the visit, only when it was stated, and whether it was reached.

Stated is 本来想…, 目标是…, 为了… by our side; what a customer wants is no goal of ours.
Words: `words/goal.toml`.
"""

from collections.abc import Sequence

from bot.domain.note import Outcome
from bot.understanding.rules.reading import Turn
from bot.understanding.rules.vocabulary import has, pattern

_SHORTEST = 3
_EDGES = " ，,。；;：:、"


def goal_of(turns: Sequence[Turn]) -> str | None:
    """The stated purpose in the words of the text: a plain statement before a mere wish of ours."""
    plainly = _first_goal(turns, "goal.goal.stated")
    wishing = [turn for turn in turns if turn.ours and not turn.says("goal.goal.later")]
    begun = [turn for number, turn in enumerate(turns) if _wishes(turn, turns[:number][-1:])]
    return (
        plainly
        or _first_goal(wishing, "goal.goal.wanted")
        or next((turn.text for turn in begun), None)
    )


def _wishes(turn: Turn, before: Sequence[Turn]) -> bool:
    """「见了陆主任，想请他讲课」: a wish without a subject right after what we did."""
    opens = pattern("goal.goal.ours").match(turn.text)
    ours = all(other.ours or other.says("speakers.subject.topic_marks") for other in before)
    return opens is not None and ours and not turn.says("goal.goal.theirs")


def _first_goal(turns: Sequence[Turn], path: str) -> str | None:
    for number, turn in enumerate(turns):
        mark = pattern(path).search(turn.text)
        if mark is None or _is_theirs(turn, mark.start()):
            continue
        goal = turn.text[mark.end() :].strip(_EDGES).removeprefix("是") or _following(turns, number)
        goal = pattern("goal.outcome.tail").split(goal)[0].strip(_EDGES)
        if len(goal) >= _SHORTEST:
            return goal + _added(turns, number)
    return None


def _following(turns: Sequence[Turn], number: int) -> str:
    """「目的很简单，…」: the purpose is in the clause after."""
    following = turns[number + 1 : number + 3]
    return "，".join(turn.text for turn in following).removeprefix("就是")


def _added(turns: Sequence[Turn], number: int) -> str:
    """A second purpose added in the same sentence (顺便…)."""
    for turn in turns[number + 1 : number + 2]:
        same = turn.clause.sentence == turns[number].clause.sentence
        if same and pattern("goal.goal.added").match(turn.text):
            return f"，{turn.text}"
    return ""


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

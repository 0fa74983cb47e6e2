"""Words a next step: the verb with its thing, without who promises it and until when."""

from bisect import bisect_left
from collections.abc import Sequence

from bot.domain.when import DayFound
from bot.understanding.rules.clauses import plain
from bot.understanding.rules.reading import Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import has, pattern

_EDGES = " ，,。；;：:、"
_LONGEST = 45
_THING = 32
_DOING = (
    "steps.action.empty",
    "steps.steps.serve",
    "steps.steps.tasks",
    "steps.steps.verbs",
    "steps.steps.house",
    "steps.time.vague",
)
_BACK = 6
_CLEAR = 10


def action_of(promised: Sequence[Turn], due: DayFound | None, turns: Sequence[Turn]) -> str:
    """The action of a promise; the thing comes from the words before when it names none."""
    words = "，".join(_without_lead(_without(turn, due)) for turn in promised)
    if not _is_empty(words) and (len(words) > _CLEAR or "把" in words):
        return words[:_LONGEST]
    thing = _thing_before(promised[0], turns, any_thing=_is_empty(words))
    return f"{thing}，{words}".strip(_EDGES)[:_LONGEST] if thing else words


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
    if match is None:
        return words
    rest = words[match.end() :].strip(_EDGES)
    return rest or words


def _is_empty(words: str) -> bool:
    """Whether nothing but doing is left: verbs, pronouns, times, measures, our own departments."""
    if has("steps.action.visits", words):
        return False
    for path in _DOING:
        words = pattern(path).sub("", words)
    return len([char for char in words if char.isalnum()]) < 2


def _thing_before(first: Turn, turns: Sequence[Turn], *, any_thing: bool) -> str | None:
    """What the customer asked for just before; else, with `any_thing`, the clause right before."""
    at = bisect_left(turns, first.number, key=lambda turn: turn.number)
    near = [
        turn
        for turn in turns[max(0, at - _BACK) : at]
        if first.clause.sentence - turn.clause.sentence <= 1
        and _names_thing(turn)
        and not _is_quotation(turn)
    ]
    wanted = [turn for turn in near if _is_wish(turn)]
    here = [turn for turn in wanted if turn.clause.sentence == first.clause.sentence]
    chosen = here or wanted
    if any_thing:
        chosen = chosen or [turn for turn in near if not _is_told(turn)][-1:]
    return "，".join(turn.text for turn in chosen)[-_THING:] or None


def _is_told(turn: Turn) -> bool:
    """What we did, a state, or somebody's own words: no thing that can be promised."""
    met = turn.says("contact.met.acts")
    return met or turn.ours or bool(turn.lengths) or _is_quotation(turn)


def _is_quotation(turn: Turn) -> bool:
    """Words in quote marks that ask for nothing."""
    return "■" in plain(turn.text) and not turn.says("steps.steps.serve")


def _is_wish(turn: Turn) -> bool:
    theirs = turn.actor is Actor.CUSTOMER or not turn.subject.said
    return theirs and asks_for(turn)


def asks_for(turn: Turn) -> bool:
    """Whether somebody wants something in this clause."""
    return turn.says("needs.asks.words") or turn.says("steps.action.wants")


def _names_thing(turn: Turn) -> bool:
    blank = turn.says("points.key_points.filler") or turn.says("needs.level1.shortage")
    return not blank and not _is_empty(turn.text)

"""需求: what the customer asks of us with a response clock. Level 1: out of stock, adverse-reaction
question; 2: meeting places, research cooperation, department meetings; 3: policy, trend, report.
A request for literature or material is a next step, not a need. Words: `words/needs.toml`."""

from collections.abc import Sequence

from bot.domain.note import ProposedNeed
from bot.understanding.rules.focus import Focus
from bot.understanding.rules.reading import Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import has, pattern

_EDGES = " ，,。；;：:、"


def needs_of(turns: Sequence[Turn], focus: Focus) -> list[ProposedNeed]:
    """The needs in order, one per level and sentence, with the words of all clauses that ask."""
    asked: dict[tuple[int, int], list[Turn]] = {}
    for number, turn in enumerate(turns):
        level = _level(turn, turns[max(0, number - 3) : number + 1])
        if level is not None:
            asked.setdefault((turn.clause.sentence, level), []).append(turn)
    return [_need(level, group, focus) for (_, level), group in asked.items()]


def _need(level: int, group: list[Turn], focus: Focus) -> ProposedNeed:
    return ProposedNeed(
        level=level,
        text="，".join(turn.text.strip(_EDGES) for turn in group),
        customer=focus.about(group[0]),
        evidence=group[0].text,
    )


def _level(turn: Turn, upto: Sequence[Turn]) -> int | None:
    if turn.says("needs.asks.own") or turn.says("needs.asks.thanks"):
        return None
    if turn.says("needs.level1.shortage") or _asks_about_reaction(turn, upto):
        return 1
    if turn.ours or turn.actor is Actor.OTHER or not turn.says("needs.asks.words"):
        return None
    if _wants(turn, "needs.level3.words"):
        return 3
    return 2 if _wants(turn, "needs.level2.meetings") or _wants_research(turn) else None


def _wants_research(turn: Turn) -> bool:
    """A study is the customer's own until we are wanted in it."""
    return turn.says("needs.level2.research") and turn.says("needs.asks.of_us")


def _wants(turn: Turn, path: str) -> bool:
    return has(path, pattern("needs.asks.material").sub("", turn.text))


def _asks_about_reaction(turn: Turn, upto: Sequence[Turn]) -> bool:
    if turn.ours or not turn.says("needs.asks.question"):
        return False
    return any(_wants(before, "needs.level1.reaction") for before in upto) and any(
        before.says("needs.asks.exposure") for before in upto
    )

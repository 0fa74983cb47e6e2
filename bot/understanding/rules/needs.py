"""需求: what the customer asks of us with a response clock. Level 1: out of stock, adverse-reaction
question; 2: meeting places, research cooperation, department meetings; 3: policy, trend, report.
A request for literature or material is a next step, not a need. Words: `words/needs.toml`."""

from collections.abc import Sequence

from bot.domain.note import ProposedNeed
from bot.understanding.rules.clauses import Span
from bot.understanding.rules.focus import Focus
from bot.understanding.rules.reading import Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import has, pattern

_LONGEST = 90
_EDGES = " ，,。；;：:、"


def needs_of(
    turns: Sequence[Turn], focus: Focus, alarms: Sequence[Span] = ()
) -> list[ProposedNeed]:
    """The needs in order, one per level and sentence, with the words of all clauses that ask;
    `alarms` are the spans that the screen took for an adverse event."""
    asked: dict[tuple[int, int], list[Turn]] = {}
    for number, turn in enumerate(turns):
        beside = _beside(turns, number)
        level = _level(turn, turns[max(0, number - 3) : number + 1], beside, alarms)
        if level is not None:
            words = [other for other in beside if other is turn or _carries(other, level)]
            asked.setdefault((turn.clause.sentence, level), []).extend(words or [turn])
    return [_need(level, group, focus) for (_, level), group in asked.items()]


def _carries(turn: Turn, level: int) -> bool:
    """Whether a clause beside belongs to the words of the need: the reaction, or the asking."""
    return turn.says("needs.level1.reaction" if level == 1 else "needs.asks.words")


def _in_order(group: list[Turn]) -> list[Turn]:
    return sorted(dict.fromkeys(group), key=lambda turn: turn.clause.start)


def _need(level: int, group: list[Turn], focus: Focus) -> ProposedNeed:
    return ProposedNeed(
        level=level,
        text="，".join(turn.text.strip(_EDGES) for turn in _in_order(group))[:_LONGEST],
        customer=focus.about(group[0]),
        evidence=group[0].text,
    )


def _beside(turns: Sequence[Turn], number: int) -> list[Turn]:
    """The customer's clauses right before and after in the same sentence, and the clause itself."""
    turn = turns[number]
    return [
        other
        for other in turns[max(0, number - 1) : number + 2]
        if other.actor is Actor.CUSTOMER and other.clause.sentence == turn.clause.sentence
    ]


def _level(
    turn: Turn, upto: Sequence[Turn], beside: list[Turn], alarms: Sequence[Span]
) -> int | None:
    if turn.says("needs.asks.own") or turn.says("needs.asks.thanks"):
        return None
    if _wants(turn, "needs.level1.shortage") or _asks_about_reaction(turn, upto, alarms):
        return 1
    if turn.actor is not Actor.CUSTOMER or not any(t.says("needs.asks.words") for t in beside):
        return None
    if _wants(turn, "needs.level3.words"):
        return 3
    return 2 if _wants(turn, "needs.level2.meetings") or _wants_research(turn, beside) else None


def _wants_research(turn: Turn, beside: list[Turn]) -> bool:
    """A study is the customer's own until we are wanted in it."""
    return _wants(turn, "needs.level2.research") and any(
        other.says("needs.asks.of_us") for other in beside
    )


def _wants(turn: Turn, path: str) -> bool:
    return has(path, pattern("needs.asks.material").sub("", turn.text))


def _asks_about_reaction(turn: Turn, upto: Sequence[Turn], alarms: Sequence[Span]) -> bool:
    if turn.ours or not turn.says("needs.asks.question"):
        return False
    if any(_overlaps(before, span) for before in upto for span in alarms):
        return True
    reaction = any(_wants(before, "needs.level1.reaction") for before in upto)
    return reaction and any(before.says("needs.asks.exposure") for before in upto)


def _overlaps(turn: Turn, span: Span) -> bool:
    return span[0] < turn.clause.end and turn.clause.start < span[1]

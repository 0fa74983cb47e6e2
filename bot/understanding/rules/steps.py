"""下一步: what our side promised to do after the visit, for whom, until when.

A promise is ours to do, still to come and meant: our side acts (or the customer asks us and a day is
said), with a verb of doing; not negated, cancelled, hypothetical, done, or given to us. What
compliance flags never becomes a step. Words: `words/steps.toml`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.domain.note import ProposedStep
from bot.domain.when import DayFound
from bot.understanding.rules.clauses import Span
from bot.understanding.rules.focus import Focus
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import endings, has, pattern

_EDGES = " ，,。；;：:、"
_LONGEST = 42


@dataclass(slots=True)
class _Promise:
    turns: list[Turn] = field(default_factory=list)
    due: DayFound | None = None


def next_steps(
    turns: Sequence[Turn], reading: Reading, focus: Focus, barred: Sequence[Span] = ()
) -> list[ProposedStep]:
    """The promises in order; `barred` are the spans that compliance has flagged."""
    steps = []
    for promise in _promises(turns, reading, barred):
        first = promise.turns[0]
        steps.append(
            ProposedStep(
                action=_action(promise, turns, reading),
                customer=_customer(promise, focus),
                due=promise.due.phrase if promise.due else None,
                evidence=reading.text[first.clause.start : promise.turns[-1].clause.end],
            )
        )
    return steps


def _promises(
    turns: Sequence[Turn], reading: Reading, barred: Sequence[Span]
) -> Iterator[_Promise]:
    """Clauses of one promise stand side by side in a sentence and share at most one day."""
    current: _Promise | None = None
    for turn in turns:
        if not _is_promise(turn, reading) or _is_barred(turn, barred):
            continue
        due = _due(turn, reading)
        if current is None or not _continues(current, turn, due):
            if current:
                yield current
            current = _Promise()
        current.turns.append(turn)
        current.due = current.due or due
    if current:
        yield current


def _continues(promise: _Promise, turn: Turn, due: DayFound | None) -> bool:
    last = promise.turns[-1].clause
    adjacent = last.sentence == turn.clause.sentence and turn.clause.start - last.end <= 2
    return adjacent and (due is None or promise.due is None)


def _is_barred(turn: Turn, barred: Sequence[Span]) -> bool:
    return any(start < turn.clause.end and turn.clause.start < end for start, end in barred)


def _is_promise(turn: Turn, reading: Reading) -> bool:
    if _is_called_off(turn) or not turn.says("steps.steps.verbs"):
        return False
    due = _due(turn, reading)
    coming = due is not None or turn.says("steps.time.vague")
    if _asks_us(turn):
        return due is not None
    if turn.actor is Actor.CUSTOMER and turn.subject.said:
        return False
    if turn.ours and (turn.subject.said or coming):
        return coming or (turn.says("steps.steps.commits") and _is_open(turn))
    return due is not None and not turn.speaks


def _is_called_off(turn: Turn) -> bool:
    if turn.says("steps.not.hypothetical") or turn.says("steps.not.negated"):
        return True
    return turn.says("steps.not.to_us") and not _asks_us(turn)


def _is_open(turn: Turn) -> bool:
    return not turn.says("steps.not.done") and not turn.clocks


def _asks_us(turn: Turn) -> bool:
    return turn.actor is Actor.CUSTOMER and turn.says("steps.steps.requests")


def _due(turn: Turn, reading: Reading) -> DayFound | None:
    """The day to come; today only as a deadline (今天下班前), since today is also when we met."""
    for day in turn.days:
        if day.day > reading.today and not _went_by(turn, day):
            return day
        if day.day == reading.today and _is_deadline(day, turn):
            return day
    return None


def _went_by(turn: Turn, day: DayFound) -> bool:
    """A bare 周三 in a report of what was done is a day gone by."""
    past = next((past for past in turn.past if past.start == day.start), None)
    return past is not None and past.day < day.day and turn.says("contact.met.acts")


def _is_deadline(day: DayFound, turn: Turn) -> bool:
    after = turn.text[day.end - turn.clause.start :]
    return day.deadline or after.startswith(("下班前", "晚上", "之前", "前", "内"))


def _customer(promise: _Promise, focus: Focus) -> str | None:
    named = next((turn for turn in promise.turns if turn.people), promise.turns[-1])
    return focus.receiver(named)


def _action(promise: _Promise, turns: Sequence[Turn], reading: Reading) -> str:
    words = "，".join(_without_due(turn, promise) for turn in promise.turns)
    words = _without_subject(words)
    if not _is_empty(words):
        return words[:_LONGEST]
    thing = _thing_before(promise.turns[0], turns)
    return f"{thing}，{words}" if thing else words


def _without_due(turn: Turn, promise: _Promise) -> str:
    due = promise.due
    if due is None or not turn.clause.start <= due.start < turn.clause.end:
        return turn.text
    start, end = due.start - turn.clause.start, due.end - turn.clause.start
    return (turn.text[:start] + turn.text[end:]).strip(_EDGES)


def _without_subject(words: str) -> str:
    for subject in endings("speakers.subject.rep"):
        if words.startswith(subject) and len(words) > len(subject) + 2:
            return words.removeprefix(subject).removeprefix("这边")
    return words


def _is_empty(words: str) -> bool:
    """Whether the action names no thing: 「周四给他」, 「明天发」."""
    return len(pattern("steps.object.empty").sub("", words).strip(_EDGES)) < 2


def _thing_before(first: Turn, turns: Sequence[Turn]) -> str | None:
    """The clause right before, where the thing was named."""
    at = turns.index(first)
    for turn in reversed(turns[max(0, at - 3) : at]):
        if first.clause.sentence - turn.clause.sentence > 1:
            break
        if not _is_empty(turn.text) and not has("points.key_points.filler", turn.text):
            return turn.text[-_LONGEST + 10 :]
    return None

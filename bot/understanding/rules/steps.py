"""下一步: what our side promised to do after the visit, for whom, until when.

A promise is ours to do, still to come and meant: our side acts, or the customer asks us, or a day
to come stands with a verb of serving; not negated, hypothetical, done, or given to us. What
compliance flags never becomes a step. Words: `words/steps.toml`; `action` words the result.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.domain.note import ProposedStep
from bot.domain.when import DayFound
from bot.understanding.rules.action import action_of, asks_for, names_nothing
from bot.understanding.rules.clauses import Span
from bot.understanding.rules.focus import Focus
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import endings, has, pattern

_LEADING = 3
_NEAR = 2


@dataclass(slots=True)
class Promise:
    """The clauses of one promise, side by side, and its day."""

    turns: list[Turn] = field(default_factory=list)
    due: DayFound | None = None


def next_steps(
    turns: Sequence[Turn], reading: Reading, focus: Focus, barred: Sequence[Span] = ()
) -> list[ProposedStep]:
    """The promises in order; `barred` are the spans that compliance has flagged."""
    return [
        ProposedStep(
            action=action_of(promise.turns, promise.due, turns),
            customer=_customer(promise, focus),
            due=promise.due.phrase if promise.due else _vague(promise),
            evidence=_evidence(promise, reading.text),
        )
        for promise in promises(turns, reading, barred)
    ]


def promises(turns: Sequence[Turn], reading: Reading, barred: Sequence[Span] = ()) -> list[Promise]:
    """Neighbouring clauses of one promise are put together; they share at most one day."""
    found: list[Promise] = []
    for number, turn in enumerate(turns):
        before = turns[number - 1] if number else None
        if found and before and _dates(found[-1], before, turn, reading):
            found[-1].due = _due(turn, reading)
            continue
        due = _due(turn, reading)
        promised = _is_promise(turn, before, reading) or _details(found, before, turn, due)
        if not promised or _is_barred(turn, barred) or _is_refused(turn, turns[number + 1 :]):
            continue
        if not (found and before and _continues(found[-1], before, turn, due)):
            found.append(Promise([before] if before and _dates_ours(before, turn, due) else []))
        found[-1].turns.append(turn)
        found[-1].due = found[-1].due or due
    return found


def _continues(promise: Promise, before: Turn, turn: Turn, due: DayFound | None) -> bool:
    """The clause right after, without a second day; of the next sentence if it names nothing."""
    if _has_own_time(promise, turn, due):
        return False
    if promise.turns[-1] is not before:
        return _answers_late(promise, before, turn, due)
    same = before.clause.sentence == turn.clause.sentence
    return same or names_nothing(turn, due)


def _answers_late(promise: Promise, before: Turn, turn: Turn, due: DayFound | None) -> bool:
    """「让我发PPT，还要两张照片，我答应今晚发」: the answer names no other thing."""
    near = turn.number - promise.turns[-1].number <= _NEAR and promise.due is None
    return near and before.actor is Actor.CUSTOMER and names_nothing(turn, due)


def _has_own_time(promise: Promise, turn: Turn, due: DayFound | None) -> bool:
    """「三天内给他回复，过两天发资料」: a second time makes a second promise."""
    if due and promise.due:
        return due.day != promise.due.day
    vague = turn.says("steps.time.vague") and turn.says("steps.steps.serve")
    return bool(vague and due is None and promise.due)


def _is_refused(turn: Turn, following: Sequence[Turn]) -> bool:
    """「让我安排车，我说安排不了」, 「让我转给他，我昨天已经转了」."""
    answer = next(iter(following), None)
    if answer is None or turn.actor is not Actor.CUSTOMER or not answer.ours:
        return False
    settled = answer.says("steps.not.refusals") or answer.says("steps.not.settled")
    return answer.subject.said and settled


def _details(found: list[Promise], before: Turn | None, turn: Turn, due: DayFound | None) -> bool:
    """「让我做成海报，五号前挂到示教室」: a deadline right after what they asked of us."""
    if not found or before is None or due is None or not due.deadline:
        return False
    same = before.clause.sentence == turn.clause.sentence and not turn.subject.said
    return same and found[-1].turns[-1] is before and not _is_called_off(turn)


def _dates(promise: Promise, before: Turn, turn: Turn, reading: Reading) -> bool:
    """Whether the clause only says until when the promise right before holds."""
    due = _due(turn, reading)
    undated = promise.turns[-1] is before and promise.due is None
    return undated and due is not None and _only_day(turn, due)


def _dates_ours(before: Turn, turn: Turn, due: DayFound | None) -> bool:
    """「我先把申请表发给她，二十号之前」: the day makes what we said just before a promise."""
    if due is None or not due.deadline or not _only_day(turn, due):
        return False
    return before.ours and before.says("steps.steps.serve") and not _is_called_off(before)


def _is_barred(turn: Turn, barred: Sequence[Span]) -> bool:
    return any(start < turn.clause.end and turn.clause.start < end for start, end in barred)


def _is_promise(turn: Turn, before: Turn | None, reading: Reading) -> bool:
    if _is_called_off(turn) or _depends(turn, before):
        return False
    due = _due(turn, reading)
    if before and due and _only_day(turn, due):
        asked = before.actor is Actor.CUSTOMER and asks_for(before)
        return asked or _dates_ours(before, turn, due)
    if turn.actor is Actor.CUSTOMER and (turn.subject.said or turn.says("steps.steps.requests")):
        return _asks_us(turn, due)
    if turn.ours and turn.subject.said:
        return _we_commit(turn, due) or _answers(turn, before)
    if turn.actor is Actor.CUSTOMER and not turn.says("steps.steps.house"):
        opens = pattern("speakers.speech.opening").match(turn.text)
        return due is not None and turn.says("steps.steps.serve") and not opens
    return _goes_on(turn, due)


def _goes_on(turn: Turn, due: DayFound | None) -> bool:
    """A clause that continues what we do."""
    works = turn.says("steps.steps.serve") or turn.says("steps.steps.tasks")
    if turn.says("profile.门诊时间.words"):
        return False
    if due is not None:
        return works or due.deadline or (_opens(due, turn) and turn.says("steps.steps.verbs"))
    must = pattern("steps.steps.musts").match(turn.text) is not None
    return _is_open(turn) and (must or (works and turn.says("steps.time.vague")))


def _answers(turn: Turn, before: Turn | None) -> bool:
    """Our answer to what the customer asked for right before: 「我答应了」, 「我发他邮箱」."""
    if before is None or before.actor is not Actor.CUSTOMER or not asks_for(before):
        return False
    return turn.says("steps.steps.agrees") or (_is_open(turn) and turn.says("steps.steps.serve"))


def _only_day(turn: Turn, due: DayFound) -> bool:
    """「…，下周五之前。」: the day for what was asked just before."""
    return len(turn.text) - len(due.phrase) <= 1 and not turn.subject.said


def _opens(due: DayFound, turn: Turn) -> bool:
    """The day stands first: 「月底前走完流程」, unlike 「例会定在25号开」."""
    return due.start - turn.clause.start <= _LEADING


def _we_commit(turn: Turn, due: DayFound | None) -> bool:
    kinds = ("steps.steps.serve", "steps.steps.tasks", "steps.steps.verbs")
    if not any(turn.says(kind) for kind in kinds):
        return False
    coming = turn.says("steps.time.vague") or turn.says("steps.steps.commits")
    if turn.says("steps.steps.house"):
        coming = coming or any(turn.says(kind) for kind in kinds[:2])
    return due is not None or (coming and _is_open(turn))


def _asks_us(turn: Turn, due: DayFound | None) -> bool:
    if not turn.says("steps.steps.requests") or turn.says("steps.steps.now_only"):
        return False
    wish = pattern("steps.steps.requests").sub("", turn.text)
    works = has("steps.steps.serve", wish) or has("steps.steps.tasks", wish)
    return works or (due is not None and has("steps.steps.verbs", wish))


def _is_called_off(turn: Turn) -> bool:
    if pattern("contact.met.recorded").match(turn.text):
        return True
    if turn.says("steps.not.hypothetical") or turn.says("steps.not.negated"):
        return True
    if turn.ours and turn.says("steps.not.delegated"):
        return True
    if (
        turn.says("steps.not.theirs")
        and not turn.subject.said
        and not turn.says("steps.steps.serve")
    ):
        return True
    return turn.says("steps.not.to_us") and not turn.says("steps.steps.requests")


def _depends(turn: Turn, before: Turn | None) -> bool:
    """「如果过了，我就去…」: a condition in the clause before makes this one hypothetical."""
    if before is None or before.clause.sentence != turn.clause.sentence:
        return False
    return before.says("steps.not.conditions")


def _is_open(turn: Turn) -> bool:
    words = turn.text[turn.subject.at :] if turn.subject.said else turn.text
    done = has("steps.not.done", words) or words.endswith("了")
    return not done and not turn.clocks


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
    bare = past is not None and past.day < day.day and not day.deadline
    return bare and (turn.says("contact.met.acts") or turn.says("steps.not.done"))


def _is_deadline(day: DayFound, turn: Turn) -> bool:
    at = day.start - turn.clause.start
    after = turn.text[day.end - turn.clause.start :]
    tonight = turn.text.startswith(endings("steps.time.tonight"), at) and _is_open(turn)
    return day.deadline or tonight or after.startswith(("下班前", "之前", "前", "内"))


def _customer(promise: Promise, focus: Focus) -> str | None:
    named = next((turn for turn in promise.turns if turn.people), promise.turns[-1])
    return focus.receiver(named)


def _evidence(promise: Promise, text: str) -> str:
    return text[promise.turns[0].clause.start : promise.turns[-1].clause.end]


def _vague(promise: Promise) -> str | None:
    """An unclear time stays as said."""
    matches = (pattern("steps.time.vague").search(turn.text) for turn in promise.turns)
    return next((match.group() for match in matches if match), None)


def step_turns(turns: Sequence[Turn], reading: Reading) -> Iterator[Turn]:
    """The clauses that are promises of our own, so that they are no key points as well."""
    for promise in promises(turns, reading):
        yield from (
            turn
            for turn in promise.turns
            if turn.actor is not Actor.CUSTOMER or pattern("steps.steps.musts").match(turn.text)
        )

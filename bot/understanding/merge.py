"""Where the model and the rules engine disagree: people, dates and quotes are the rules engine's,
points are the model's, and a flag of either counts."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TypeVar

from bot.domain.note import (
    Flag,
    Outcome,
    ProposedNeed,
    ProposedNote,
    ProposedStep,
    ProposedUpdate,
    ProposedVisit,
)

T = TypeVar("T")
Backed = TypeVar("Backed", ProposedStep, ProposedNeed, ProposedUpdate, Flag)


def merge(model: ProposedNote, rules: ProposedNote, text: str) -> ProposedNote:
    """One note of the two. How many visits there were depends on people and dates, so it is the
    rules engine's view when that found any."""
    if not rules.visits or not model.visits:
        return rules if rules.visits else model
    said: list[list[ProposedVisit]] = [[] for _ in rules.visits]
    for at, visit in enumerate(model.visits):
        said[_home(visit, at, rules.visits)].append(visit)
    pairs = zip(said, rules.visits, strict=True)
    return ProposedNote(visits=[_merged(visits, own, text) for visits, own in pairs])


def _home(visit: ProposedVisit, at: int, visits: Sequence[ProposedVisit]) -> int:
    """Which of the rules engine's visits the model means: same people, else same place in order."""
    people = {met.mention for met in visit.customers}
    shared = [len(people & {met.mention for met in own.customers}) for own in visits]
    return shared.index(max(shared)) if any(shared) else min(at, len(visits) - 1)


def _merged(said: list[ProposedVisit], own: ProposedVisit, text: str) -> ProposedVisit:
    if not said:
        return own
    first = said[0]
    return ProposedVisit(
        day=own.day or first.day,
        start=own.start or first.start,
        duration=own.duration or first.duration,
        channel=own.channel or first.channel,
        hospital=own.hospital or first.hospital,
        department=own.department or first.department,
        customers=own.customers or _all(v.customers for v in said),
        absent=own.absent or _all(v.absent for v in said),
        co_visitors=own.co_visitors or _all(v.co_visitors for v in said),
        goal=first.goal or own.goal,
        outcome=own.outcome if first.outcome is Outcome.NOT_SAID else first.outcome,
        key_points=_all(v.key_points for v in said) or own.key_points,
        objections=_all(v.objections for v in said) or own.objections,
        competitors=_all(v.competitors for v in said) or own.competitors,
        quotes=own.quotes or _all(v.quotes for v in said),
        profile_updates=_all(v.profile_updates for v in said) or own.profile_updates,
        next_steps=_steps(_all(v.next_steps for v in said), own.next_steps, text),
        needs=_all(v.needs for v in said) or own.needs,
        flags=_flags(_all(v.flags for v in said), own.flags, text),
    )


def _steps(said: list[ProposedStep], own: list[ProposedStep], text: str) -> list[ProposedStep]:
    """The model's wording with the rules engine's date and customer; a dated promise that only the
    rules engine saw is kept, for a forgotten promise costs more than one too many."""
    kept = [_dated(step, _same(step, own, text)) for step in said]
    missed = [step for step in own if step.due and _same(step, said, text) is None]
    return [*kept, *missed]


def _dated(step: ProposedStep, own: ProposedStep | None) -> ProposedStep:
    if own is None:
        return step
    return step.model_copy(
        update={"due": own.due or step.due, "customer": own.customer or step.customer}
    )


def _flags(said: list[Flag], own: list[Flag], text: str) -> list[Flag]:
    """Both, but one finding once."""
    new = [f for f in said if _same(f, [o for o in own if o.code is f.code], text) is None]
    return [*own, *new]


def _same(item: Backed, others: Sequence[Backed], text: str) -> Backed | None:
    """The first of the others that rests on the same words of the text."""
    start, end = _span(item, text)
    for other in others:
        other_start, other_end = _span(other, text)
        if start < other_end and other_start < end:
            return other
    return None


def _span(item: Backed, text: str) -> tuple[int, int]:
    start = text.find(item.evidence)
    return (start, start + len(item.evidence)) if start >= 0 else (-1, -1)


def _all(lists: Iterable[list[T]]) -> list[T]:
    found: list[T] = []
    for item in chain.from_iterable(lists):
        if item not in found:
            found.append(item)
    return found

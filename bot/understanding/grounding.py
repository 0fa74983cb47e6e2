"""Checks what was proposed against dictation and roster: nothing unsupported gets through."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from bot.domain.calendar import WorkCalendar
from bot.domain.note import (
    Flag,
    GroundedVisit,
    Met,
    Need,
    NextStep,
    Outcome,
    ProfileUpdate,
    ProposedNeed,
    ProposedNote,
    ProposedStep,
    ProposedUpdate,
    ProposedVisit,
    Quote,
)
from bot.domain.roster import Roster, RosterCustomer
from bot.domain.when import Tense, parse_day
from bot.understanding.identity import Cast, Identity, Place, known_customer
from bot.understanding.moments import moment_of

T = TypeVar("T")
Said = TypeVar("Said")


def ground(
    proposed: ProposedNote, text: str, roster: Roster, *, now: datetime, calendar: WorkCalendar
) -> list[GroundedVisit]:
    """Resolve people, places and dates; drop (and count) what the dictation does not support.

    `now` is when the dictation was said: the day of the visit when no day was said."""
    cast = Cast.of(text, roster)
    return [_ground_visit(visit, cast, now, calendar) for visit in proposed.visits]


@dataclass(slots=True)
class _Sieve:
    """Keeps what is supported, once, and counts the rest."""

    dropped: int = 0

    def keep(self, items: Iterable[Said], check: Callable[[Said], T | None]) -> list[T]:
        checked = [check(item) for item in items]
        kept = [item for item in checked if item is not None]
        self.dropped += len(checked) - len(kept)
        return list({repr(item): item for item in reversed(kept)}.values())[::-1]


@dataclass(frozen=True, slots=True)
class _Scene:
    """What the items of one visit are read against."""

    cast: Cast
    around: Place
    met: list[RosterCustomer] = field(default_factory=list)

    def words(self, said: str) -> str | None:
        return self.cast.source.locate(said)

    def point(self, said: str) -> str | None:
        point = said.strip()
        return point if self.cast.source.supports(point, self.cast.roster) else None

    def worded(self, said: str, evidence: str) -> str:
        """The proposer's short wording when the dictation supports it, else the dictation's own."""
        return self.point(said) or evidence

    def whom(self, mention: str | None) -> RosterCustomer | None:
        return self.cast.refer(mention, self.met, self.around)


def _ground_visit(
    said: ProposedVisit, cast: Cast, now: datetime, calendar: WorkCalendar
) -> GroundedVisit:
    sieve = _Sieve()
    around = cast.place(said.hospital, said.department)
    people = sieve.keep(said.customers, lambda met: cast.identify(met, around))
    met = _customers(people)
    scene = _Scene(cast, _place_of(people, around), met)
    steps = sieve.keep(said.next_steps, lambda step: _step(step, scene, now=now, calendar=calendar))
    absent = sieve.keep(said.absent, lambda mention: _absent(mention, scene))
    place = scene.around if _is_anybody(people) else _place_missed(scene, absent, steps)
    moment = moment_of(said, cast.source, now=now, calendar=calendar)
    goals = sieve.keep([said.goal] if said.goal else [], scene.point)
    sieve.dropped += moment.dropped
    return GroundedVisit(
        visit_date=moment.day,
        date_said=moment.day_said,
        start_time=moment.start,
        duration_minutes=moment.minutes,
        channel=said.channel,
        hospital=place.hospital,
        department=place.department,
        customers=[known_customer(customer) for customer in met],
        ambiguous=[one.ambiguous for one in people if one.ambiguous],
        new_people=[one.new for one in people if one.new],
        absent=[_name(one) for one in absent],
        co_visitors=_co_visitors(people, sieve.keep(said.co_visitors, scene.cast.colleague)),
        goal=goals[0] if goals else None,
        outcome=said.outcome if goals else Outcome.NOT_SAID,
        key_points=sieve.keep(said.key_points, scene.point),
        objections=sieve.keep(said.objections, scene.point),
        competitors=sieve.keep(said.competitors, scene.words),
        quotes=sieve.keep(said.quotes, lambda quote: _quote(quote, scene)),
        profile_updates=sieve.keep(said.profile_updates, lambda fact: _update(fact, scene)),
        next_steps=steps,
        needs=sieve.keep(said.needs, lambda need: _need(need, scene)),
        flags=sieve.keep(said.flags, lambda flag: _flag(flag, scene)),
        dropped=sieve.dropped,
    )


def _customers(people: list[Identity]) -> list[RosterCustomer]:
    both = [customer for one in people for customer in (one.customer, one.other) if customer]
    return list({customer.id: customer for customer in both}.values())


def _is_anybody(people: list[Identity]) -> bool:
    return any(not one.colleague for one in people)


def _co_visitors(people: list[Identity], named: list[str]) -> list[str]:
    met = [one.colleague for one in people if one.colleague]
    return list(dict.fromkeys([*named, *met]))


def _place_of(people: list[Identity], said: Place) -> Place:
    """Where the visit took place: where everybody met works, else what was said. Several hospitals
    or departments are none."""
    where = [Place(met.hospital, met.department) for met in _customers(people)]
    strangers = [
        Place(one.new.hospital or said.hospital, one.new.department or said.department)
        for one in people
        if one.new
    ]
    where += [place for place in strangers if place.hospital or not where]
    if not where:
        where = (
            [_where_all(one) for one in people if one.ambiguous]
            if said == Place(None, None)
            else [said]
        )
    return Place(_only(p.hospital for p in where), _only(p.department for p in where))


def _absent(mention: str, scene: _Scene) -> Identity | None:
    """Somebody sought in vain, who is not among those met after all."""
    met = Met(mention=mention, department=None, hospital=None)
    identity = scene.cast.identify(met, scene.around)
    if identity is None or identity.colleague or identity.customer in scene.met:
        return None
    return identity


def _name(one: Identity) -> str:
    if one.customer:
        return one.customer.name
    return one.ambiguous.mention if one.ambiguous else one.new.name if one.new else ""


def _place_missed(scene: _Scene, absent: list[Identity], steps: list[NextStep]) -> Place:
    """Where the rep went in vain: as said, else where those work who were not there or for whom
    something is planned."""
    planned = {step.customer_id for step in steps}
    sought = [one.customer for one in absent if one.customer]
    sought = sought or [c for c in scene.cast.roster.customers if c.id in planned]
    hospital = _only(c.hospital for c in sought)
    department = _only(c.department for c in sought)
    return Place(scene.around.hospital or hospital, scene.around.department or department)


def _where_all(one: Identity) -> Place:
    candidates = one.ambiguous.candidates if one.ambiguous else []
    return Place(_only(c.hospital for c in candidates), _only(c.department for c in candidates))


def _only(values: Iterable[str | None]) -> str | None:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _quote(quote: Quote, scene: _Scene) -> Quote | None:
    words = scene.words(quote.text)
    if words is None:
        return None
    return Quote(speaker=scene.words(quote.speaker) if quote.speaker else None, text=words)


def _update(fact: ProposedUpdate, scene: _Scene) -> ProfileUpdate | None:
    evidence, customer = scene.words(fact.evidence), scene.whom(fact.customer)
    named = customer.name if customer else scene.words(fact.customer)
    if evidence is None or named is None:
        return None
    return ProfileUpdate(
        customer_id=customer.id if customer else None,
        customer=named,
        field=fact.field,
        value=scene.worded(fact.value, evidence),
        evidence=evidence,
    )


def _step(
    step: ProposedStep, scene: _Scene, *, now: datetime, calendar: WorkCalendar
) -> NextStep | None:
    evidence, customer = scene.words(step.evidence), scene.whom(step.customer)
    if evidence is None:
        return None
    phrase = scene.words(step.due) if step.due else None
    due = parse_day(phrase, now=now, calendar=calendar, tense=Tense.FUTURE) if phrase else None
    named = scene.words(step.customer) if step.customer else None
    return NextStep(
        action=scene.worded(step.action, evidence),
        customer_id=customer.id if customer else None,
        customer=customer.name if customer else named,
        due=due if due is None or due >= now.date() else None,
        due_phrase=phrase,
        evidence=evidence,
    )


def _need(need: ProposedNeed, scene: _Scene) -> Need | None:
    evidence, customer = scene.words(need.evidence), scene.whom(need.customer)
    if evidence is None:
        return None
    return Need(
        level=need.level,
        text=scene.worded(need.text, evidence),
        customer_id=customer.id if customer else None,
        evidence=evidence,
    )


def _flag(flag: Flag, scene: _Scene) -> Flag | None:
    evidence = scene.words(flag.evidence)
    return Flag(code=flag.code, evidence=evidence) if evidence else None

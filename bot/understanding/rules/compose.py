"""Puts the fields of each visit together; flags go to the visit that holds their words."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from bot.domain.note import Flag, FlagCode, Met, ProposedVisit
from bot.domain.people import PlaceFound
from bot.understanding.rules.clauses import Span
from bot.understanding.rules.contact import (
    channel_of,
    day_phrase,
    duration_phrase,
    start_phrase,
)
from bot.understanding.rules.focus import Focus
from bot.understanding.rules.goal import goal_of, outcome_of
from bot.understanding.rules.mention import Contact
from bot.understanding.rules.needs import needs_of
from bot.understanding.rules.people_met import Somebody, colleagues_along
from bot.understanding.rules.points import competitors, key_points, objections
from bot.understanding.rules.profile import profile_updates
from bot.understanding.rules.quotes import quotes_of
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.steps import next_steps
from bot.understanding.rules.visits import Visit, separate
from bot.understanding.screening import screen

# Reported to safety and quality as they are; the follow-up that was promised is a real next step.
_BARRING = set(FlagCode) - {
    FlagCode.ADVERSE_EVENT,
    FlagCode.PRODUCT_COMPLAINT,
    FlagCode.PATIENT_PII,
}
_ALARM = {FlagCode.ADVERSE_EVENT}


def compose(reading: Reading, people: list[Somebody]) -> list[ProposedVisit]:
    """The visits of the dictation, in order."""
    flags = screen(reading.text, reading.roster)
    focus = Focus.of(people)
    visits = separate(reading, people)
    owned = _owned(flags, visits, reading.text)
    return [_visit(visit, reading, focus, own) for visit, own in zip(visits, owned, strict=True)]


def _visit(visit: Visit, reading: Reading, focus: Focus, flags: list[Flag]) -> ProposedVisit:
    turns = visit.turns
    goal = goal_of(turns)
    place = _place(turns)
    where = dict(_said_where(turns))
    return ProposedVisit(
        day=day_phrase(turns, reading),
        start=start_phrase(turns, reading),
        duration=duration_phrase(turns, reading),
        channel=channel_of(turns, reading),
        hospital=place[0],
        department=place[1],
        customers=[_met(somebody, where) for somebody in visit.people],
        absent=visit.absent,
        co_visitors=list(colleagues_along(reading)),
        goal=goal,
        outcome=outcome_of(turns, goal),
        key_points=key_points(turns, reading),
        objections=objections(turns),
        competitors=competitors(turns, reading.roster),
        quotes=quotes_of(turns, reading, focus),
        profile_updates=profile_updates(turns, reading, focus),
        next_steps=next_steps(turns, reading, focus, _spans(flags, reading.text, _BARRING)),
        needs=needs_of(turns, focus, _spans(flags, reading.text, _ALARM)),
        flags=flags,
    )


def _place(turns: Sequence[Turn]) -> tuple[str | None, str | None]:
    """Hospital and department in the words that were said; none when several were."""
    here = (turn for turn in turns if turn is turns[0] or _goes_there(turn))
    places = [place for turn in here for place in turn.places]
    hospitals: dict[str, str] = {p.hospital: p.phrase for p in places if p.hospital}
    departments: dict[str, str] = {p.department: p.phrase for p in places if p.department}
    return _only(hospitals), _only(departments)


def _goes_there(turn: Turn) -> bool:
    return turn.ours and turn.says("contact.met.acts")


def _only(said: dict[str, str]) -> str | None:
    return next(iter(said.values())) if len(said) == 1 else None


def _met(somebody: Somebody, where: dict[int, PlaceFound]) -> Met:
    places = (
        where.get(person.start)
        for person, contact in zip(somebody.mentions, somebody.contacts, strict=True)
        if contact == Contact.MET
    )
    place = next((place for place in places if place is not None), None)
    return Met(
        mention=somebody.name,
        department=place.phrase if place and place.department else None,
        hospital=place.phrase if place and place.hospital else None,
    )


def _said_where(turns: Sequence[Turn]) -> Iterator[tuple[int, PlaceFound]]:
    """By where a person is named: the place said last before in the same sentence."""
    sentence, last = 0, None
    for turn, following in zip_longest(turns, turns[1:]):
        if turn.clause.sentence != sentence:
            sentence, last = turn.clause.sentence, None
        for said in sorted([*turn.places, *turn.people], key=lambda said: said.start):
            if isinstance(said, PlaceFound):
                last = said
            elif place := last or _explained(following):
                yield said.start, place


def _explained(following: Turn | None) -> PlaceFound | None:
    """「孔医生，就是东院儿科那个」: the place in the clause that follows."""
    if following is None or following.people or not following.says("people.met.explains"):
        return None
    return following.places[0] if following.places else None


def _owned(flags: Sequence[Flag], visits: list[Visit], text: str) -> list[list[Flag]]:
    """The flags of each visit: the visit in whose clauses the words stand."""
    owned: list[list[Flag]] = [[] for _ in visits]
    home = {turn.number: number for number, visit in enumerate(visits) for turn in visit.turns}
    turns = sorted((turn.clause.start, turn.number) for v in visits for turn in v.turns)
    for flag in flags:
        at = bisect_right(turns, (text.find(flag.evidence), len(text)))
        owned[home[turns[max(0, at - 1)][1]]].append(flag)
    return owned


def _spans(flags: list[Flag], text: str, codes: set[FlagCode]) -> list[Span]:
    found = [(text.find(flag.evidence), flag) for flag in flags if flag.code in codes]
    return [(at, at + len(flag.evidence)) for at, flag in found if at >= 0]

"""Puts the fields of each visit together; flags go to the visit that holds their words."""

from collections.abc import Sequence

from bot.domain.note import Flag, FlagCode, Met, ProposedVisit
from bot.domain.people import PersonFound, PlaceFound
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
from bot.understanding.rules.visits import Visit, places_of, separate
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
    focus = Focus(reading, tuple(people))
    visits = separate(reading, people)
    return [
        _visit(visit, reading, focus, _flags_of(number, visits, flags, reading.text))
        for number, visit in enumerate(visits)
    ]


def _visit(visit: Visit, reading: Reading, focus: Focus, flags: list[Flag]) -> ProposedVisit:
    turns = visit.turns
    goal = goal_of(turns)
    place = _place(visit)
    return ProposedVisit(
        day=day_phrase(turns, reading),
        start=start_phrase(turns, reading),
        duration=duration_phrase(turns, reading),
        channel=channel_of(turns, reading),
        hospital=place[0],
        department=place[1],
        customers=[_met(somebody, visit) for somebody in visit.people],
        co_visitors=list(colleagues_along(reading)),
        goal=goal,
        outcome=outcome_of(turns, goal),
        key_points=key_points(turns, reading),
        objections=objections(turns),
        competitors=competitors(turns, reading.roster),
        quotes=quotes_of(turns, reading, list(focus.people)),
        profile_updates=profile_updates(turns, reading, focus),
        next_steps=next_steps(turns, reading, focus, _spans(flags, reading.text, _BARRING)),
        needs=needs_of(turns, focus, _spans(flags, reading.text, _ALARM)),
        flags=flags,
    )


def _place(visit: Visit) -> tuple[str | None, str | None]:
    """Hospital and department in the words that were said; none when several were."""
    places = [p for p in places_of(visit) if _visited(p, visit)]
    hospitals: dict[str, str] = {p.hospital: p.phrase for p in places if p.hospital}
    departments: dict[str, str] = {p.department: p.phrase for p in places if p.department}
    return _only(hospitals), _only(departments)


def _visited(place: PlaceFound, visit: Visit) -> bool:
    turn = next(turn for turn in visit.turns if place in turn.places)
    return turn is visit.turns[0] or (turn.ours and turn.says("contact.met.acts"))


def _only(said: dict[str, str]) -> str | None:
    return next(iter(said.values())) if len(said) == 1 else None


def _met(somebody: Somebody, visit: Visit) -> Met:
    where = [
        _where(person, visit)
        for person, contact in zip(somebody.mentions, somebody.contacts, strict=True)
        if contact == Contact.MET
    ]
    place = next((place for place in where if place is not None), None)
    return Met(
        mention=somebody.name,
        department=place.phrase if place and place.department else None,
        hospital=place.phrase if place and place.hospital else None,
    )


def _where(person: PersonFound, visit: Visit) -> PlaceFound | None:
    """The place said last before the person in the same sentence."""
    turn = next((turn for turn in visit.turns if person in turn.people), None)
    if turn is None:
        return None
    same = [t for t in visit.turns if t.clause.sentence == turn.clause.sentence]
    places = [p for t in same for p in t.places if p.end <= person.start]
    return places[-1] if places else _explained(turn, visit)


def _explained(turn: Turn, visit: Visit) -> PlaceFound | None:
    """「孔医生，就是东院儿科那个」: the place in the clause that follows."""
    at = visit.turns.index(turn) + 1
    following = visit.turns[at] if at < len(visit.turns) else None
    if following is None or following.people or not following.says("people.met.explains"):
        return None
    return following.places[0] if following.places else None


def _flags_of(number: int, visits: list[Visit], flags: Sequence[Flag], text: str) -> list[Flag]:
    owners = [(_owner(flag, visits, text), flag) for flag in flags]
    return [flag for owner, flag in owners if owner == number]


def _owner(flag: Flag, visits: list[Visit], text: str) -> int:
    at = text.find(flag.evidence)
    for number, visit in enumerate(visits):
        if any(turn.clause.start <= at < turn.clause.end for turn in visit.turns):
            return number
    return 0


def _spans(flags: list[Flag], text: str, codes: set[FlagCode]) -> list[Span]:
    found = [(text.find(flag.evidence), flag) for flag in flags if flag.code in codes]
    return [(at, at + len(flag.evidence)) for at, flag in found if at >= 0]

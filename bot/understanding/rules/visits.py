"""Cuts one dictation into visits: a new one where the hospital, the day or its part changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from bot.domain.people import PersonFound
from bot.understanding.rules.contact import contact_day
from bot.understanding.rules.mention import Contact
from bot.understanding.rules.people_met import Somebody, Whose, whose
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.vocabulary import pattern


@dataclass(slots=True, eq=False)
class Visit:
    """The turns that belong to one contact, who was met there, and who was sought in vain."""

    hospital: str | None
    day: date | None
    part: str | None = None
    turns: list[Turn] = field(default_factory=list)
    people: list[Somebody] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def separate(reading: Reading, people: list[Somebody]) -> list[Visit]:
    """The visits in order. Several departments of one hospital in one outing stay one visit."""
    visits: list[Visit] = []
    current = Visit(None, None)
    known = whose(people)
    for turn in reading.turns:
        current = _visit_of(turn, reading, known, visits, current)
        if current not in visits:
            visits.append(current)
        current.turns.append(turn)
    homes = _homes(visits, known)
    for somebody in people:
        if id(somebody) in homes:
            homes[id(somebody)].people.append(somebody)
    visits = _with_people(visits)
    for visit in visits:
        visit.absent = list(dict.fromkeys(_missed(visit, known)))
    return visits


def _missed(visit: Visit, known: Whose) -> Iterator[str]:
    for person in (person for turn in visit.turns for person in turn.people):
        somebody, contact = known.get(person.start, (None, None))
        if somebody is not None and contact is Contact.ABSENT and not somebody.met:
            yield somebody.name


def _homes(visits: list[Visit], known: Whose) -> dict[int, Visit]:
    """In which visit each person was met first."""
    homes: dict[int, Visit] = {}
    for visit in visits:
        for person in (person for turn in visit.turns for person in turn.people):
            somebody, contact = known.get(person.start, (None, None))
            if contact == Contact.MET:
                homes.setdefault(id(somebody), visit)
    return homes


def _visit_of(
    turn: Turn, reading: Reading, known: Whose, visits: list[Visit], current: Visit
) -> Visit:
    hospital, day = _hospital(turn, known), contact_day(turn, reading)
    part = _part(turn) if hospital else None
    if part and current.part and part != current.part:
        return Visit(hospital, day or current.day, part)
    current.part = current.part or part
    if hospital is None and day is None:
        return current
    if _agrees(current.hospital, hospital) and _agrees(current.day, day):
        current.hospital, current.day = current.hospital or hospital, current.day or day
        return current
    for visit in visits:
        if _agrees(visit.hospital, hospital) and (day is None or visit.day == day):
            return visit
    return Visit(hospital, day or (current.day if day is None else None))


def _part(turn: Turn) -> str | None:
    """The part of the day that a clause about a contact names: 上午 and 下午 are two visits."""
    match = pattern("contact.start.parts").search(turn.text)
    return match.group() if match and turn.ours and turn.says("contact.met.acts") else None


def _agrees(known: object | None, new: object | None) -> bool:
    return known is None or new is None or known == new


def _hospital(turn: Turn, known: Whose) -> str | None:
    """Where the turn happens, when it names somebody who was met, or a place where we went."""
    for person in turn.people:
        somebody, contact = known.get(person.start, (None, None))
        if somebody is not None and contact == Contact.MET:
            return _said_before(turn, person) or _workplace(somebody)
    if turn.ours and not turn.people and turn.says("contact.met.acts"):
        return next((place.hospital for place in turn.places if place.hospital), None)
    return None


def _said_before(turn: Turn, person: PersonFound) -> str | None:
    places = [place for place in turn.places if place.start < person.start and place.hospital]
    return places[-1].hospital if places else None


def _workplace(somebody: Somebody) -> str | None:
    """The one hospital where everybody works who can be meant."""
    hospitals = {c.hospital for c in somebody.candidates}
    return hospitals.pop() if len(hospitals) == 1 else None


def _with_people(visits: list[Visit]) -> list[Visit]:
    """A leading stretch without people belongs to the visit that follows it."""
    merged: list[Visit] = []
    for visit in visits:
        if merged and not merged[-1].people and _agrees(merged[-1].hospital, visit.hospital):
            _join(merged[-1], visit)
        elif merged and not visit.people:
            merged[-1].turns.extend(visit.turns)
        else:
            merged.append(visit)
    for visit in merged:
        visit.turns.sort(key=lambda turn: turn.number)
    return merged


def _join(first: Visit, second: Visit) -> None:
    first.hospital = second.hospital or first.hospital
    first.day = second.day or first.day
    first.turns.extend(second.turns)
    first.people = second.people

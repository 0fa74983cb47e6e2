"""Who acts in each clause: our side, a customer, or a third person; and whether somebody reports it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.people import PersonFound
from bot.understanding.rules.clauses import Clause, opening_pronouns, takes_object
from bot.understanding.rules.vocabulary import endings, has, pattern

_NEAR_START = 14


class Actor(StrEnum):
    """Whose act or words a clause holds."""

    REP = "rep"
    COLLEAGUE = "colleague"
    CUSTOMER = "customer"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Subject:
    """The actor of a clause; `person` when the actor is named in it, `said` when the clause names its
    actor itself rather than continuing the one before, `at` where in the clause it stands."""

    actor: Actor
    person: PersonFound | None
    said: bool
    at: int


def is_ours(actor: Actor) -> bool:
    """Whether the actor works for our company."""
    return actor in (Actor.REP, Actor.COLLEAGUE)


def subjects(clauses: list[Clause], people: list[PersonFound]) -> list[Subject]:
    """The subject of each clause. A clause without one continues the one before, unless its object
    tells: what is done to the customer is ours, what is done to us is the customer's."""
    found: list[Subject] = []
    for clause in clauses:
        before = found[-1] if found else Subject(Actor.REP, None, said=False, at=0)
        found.append(_subject(clause, _inside(clause, people), before))
    return found


def _inside(clause: Clause, people: list[PersonFound]) -> list[PersonFound]:
    return [person for person in people if clause.start <= person.start < clause.end]


def _subject(clause: Clause, people: list[PersonFound], before: Subject) -> Subject:
    named = [*_named(clause, people), *_pronouns(clause), *_others(clause)]
    if named:
        return min(named, key=lambda subject: subject.at)
    if has("speakers.speech.to_customer", clause.text) or _opens_contact(clause):
        return Subject(Actor.REP, None, said=False, at=0)
    if has("speakers.speech.to_rep", clause.text):
        return Subject(Actor.CUSTOMER, None, said=False, at=0)
    return Subject(before.actor, before.person, said=False, at=0)


def _named(clause: Clause, people: list[PersonFound]) -> list[Subject]:
    subjects = []
    for person in people:
        at = person.start - clause.start
        if at <= _NEAR_START and not takes_object(clause.text[:at]):
            actor = Actor.COLLEAGUE if person.colleague else Actor.CUSTOMER
            subjects.append(Subject(actor, person, said=True, at=at))
    return subjects


def _pronouns(clause: Clause) -> list[Subject]:
    ours = endings("speakers.subject.rep")
    return [
        Subject(
            Actor.REP if match.group() in ours else Actor.CUSTOMER,
            None,
            said=True,
            at=match.start(),
        )
        for match in opening_pronouns(clause.text)
        if match.start() <= _NEAR_START
    ]


def _others(clause: Clause) -> list[Subject]:
    return [
        Subject(Actor.OTHER, None, said=True, at=match.start())
        for match in pattern("speakers.subject.others").finditer(clause.text)
        if match.start() <= _NEAR_START and not takes_object(clause.text[: match.start()])
    ]


def _opens_contact(clause: Clause) -> bool:
    return has("contact.met.acts", clause.text)

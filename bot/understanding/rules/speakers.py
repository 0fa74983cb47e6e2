"""Who acts in each clause: our side, a customer, or a third person."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.people import PersonFound
from bot.understanding.rules.clauses import Clause, opening_pronouns, plain, takes_object
from bot.understanding.rules.vocabulary import endings, has, pattern

_NEAR_START = 14
_LINKS = "和跟与及同、"


class Actor(StrEnum):
    """Whose act or words a clause holds."""

    REP = "rep"
    COLLEAGUE = "colleague"
    CUSTOMER = "customer"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Subject:
    """The actor of a clause; `person` when it is named, `said` when the clause names its actor
    itself rather than continuing the one before, `at` where in the clause it stands."""

    actor: Actor
    person: PersonFound | None
    said: bool
    at: int


def is_ours(actor: Actor) -> bool:
    """Whether the actor works for our company."""
    return actor in (Actor.REP, Actor.COLLEAGUE)


def subjects(clauses: Sequence[Clause], people: Sequence[Sequence[PersonFound]]) -> list[Subject]:
    """The subject of each clause, given who is named in it. A clause without one continues the one
    before, unless its object tells: what is done to the customer is ours, to us the customer's."""
    found: list[Subject] = []
    sentence = 0
    for clause, named in zip(clauses, people, strict=True):
        before = found[-1] if found else Subject(Actor.REP, None, said=True, at=0)
        same = clause.sentence == sentence
        found.append(_subject(clause, named, before, same_sentence=same))
        sentence = clause.sentence
    return found


def _speaking(before: Subject, *, same_sentence: bool) -> Subject:
    """「说…」 without a subject: who spoke goes on; after our own contact it is the customer."""
    if before.said and before.actor is not Actor.CUSTOMER and same_sentence:
        return Subject(before.actor, before.person, said=False, at=0)
    return Subject(Actor.CUSTOMER, before.person, said=False, at=0)


def _governs_other(before: str) -> bool:
    """「高血压的病人」 is still a subject, unlike 「陆主任的病人」 is no matter of whose."""
    return not before.endswith("的") and takes_object(before)


def _continuing(before: Subject, same_sentence: bool) -> Subject:
    """A third person is not the topic of the next sentence; a customer or our side can be."""
    actor = before.actor if same_sentence or before.actor is not Actor.OTHER else Actor.REP
    return Subject(actor, before.person, said=False, at=0)


def _subject(
    clause: Clause, people: Sequence[PersonFound], before: Subject, *, same_sentence: bool
) -> Subject:
    words = plain(clause.text)
    if pattern("speakers.speech.opening").match(words):
        return _speaking(before, same_sentence=same_sentence)
    named = [*_named(clause, people), *_pronouns(words), *_others(words, clause, people)]
    if named:
        return min(named, key=lambda subject: subject.at)
    if _first(words, "speakers.speech.to_rep") < _first(words, "speakers.speech.to_customer"):
        return Subject(Actor.CUSTOMER, None, said=False, at=0)
    if has("speakers.speech.to_customer", words) or has("contact.met.acts", words):
        return Subject(Actor.REP, None, said=False, at=0)
    return _continuing(before, same_sentence)


def last_subject(before: str, people: Sequence[PersonFound], start: int) -> Actor | None:
    """Who is named last as acting in `before`, the head of a clause that starts at `start`."""
    acting = [*_pronouns(plain(before)), *_others(plain(before))]
    for person in people:
        at = person.start - start
        if person.end - start <= len(before) and not takes_object(before[:at]):
            actor = Actor.COLLEAGUE if person.colleague else Actor.CUSTOMER
            acting.append(Subject(actor, person, said=True, at=at))
    return max(acting, key=lambda subject: subject.at).actor if acting else None


def _named(clause: Clause, people: Sequence[PersonFound]) -> list[Subject]:
    subjects = []
    objects_end = -1
    for person in people:
        at = person.start - clause.start
        linked = clause.text[:at].rstrip(_LINKS)
        if takes_object(clause.text[:at]) or len(linked) == objects_end:
            objects_end = person.end - clause.start
        elif at <= _NEAR_START and not _is_topic(clause, person):
            actor = Actor.COLLEAGUE if person.colleague else Actor.CUSTOMER
            subjects.append(Subject(actor, person, said=True, at=at))
    return subjects


def _is_topic(clause: Clause, person: PersonFound) -> bool:
    """「陆主任那边我…」 names a matter, not who acts."""
    after = clause.text[person.end - clause.start :]
    return after.startswith(endings("speakers.subject.topic_marks"))


def _pronouns(words: str) -> list[Subject]:
    ours = endings("speakers.subject.rep")
    return [
        Subject(
            Actor.REP if match.group() in ours else Actor.CUSTOMER,
            None,
            said=True,
            at=match.start(),
        )
        for match in opening_pronouns(words)
        if match.start() <= _NEAR_START
    ]


def _others(
    words: str, clause: Clause | None = None, people: Sequence[PersonFound] = ()
) -> list[Subject]:
    """Somebody of a kind (护士, 病人), who is not the one named right after (护士长陈红)."""
    named = {person.start - clause.start for person in people} if clause else set()
    return [
        Subject(Actor.OTHER, None, said=True, at=match.start())
        for match in pattern("speakers.subject.others").finditer(words)
        if match.start() <= _NEAR_START
        and not _governs_other(words[: match.start()])
        and named.isdisjoint(range(match.end(), match.end() + 2))
    ]


def _first(words: str, path: str) -> int:
    match = pattern(path).search(words)
    return match.start() if match else len(words)

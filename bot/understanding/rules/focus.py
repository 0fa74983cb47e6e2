"""Whom a clause is about: the customer that it names, else the one last talked to."""

from dataclasses import dataclass

from bot.domain.people import PersonFound
from bot.understanding.rules.mention import Contact
from bot.understanding.rules.people_met import Somebody
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import endings


@dataclass(frozen=True, slots=True)
class Focus:
    """Looks up the person behind 他, behind a missing subject and behind 给…; built once."""

    reading: Reading
    people: tuple[Somebody, ...]

    def about(self, turn: Turn, at: int = 0) -> str | None:
        """Who has or does what the clause says at `at`: the person named last before it
        (「他说小孔在做…」), else the subject; nobody when a third person does."""
        if turn.actor is Actor.OTHER:
            return None
        named = [p for p in turn.people if not p.colleague and p.end <= turn.clause.start + at]
        if named:
            return self._name(named[-1])
        person = turn.subject.person
        if person is not None and not person.colleague:
            return self._name(person)
        return self.last_before(turn.clause.start + turn.subject.at)

    def receiver(self, turn: Turn) -> str | None:
        """For whom our side does it: 给X, 跟X, 约X in the clause, else the one last talked to."""
        named = [person for person in turn.people if not person.colleague]
        themselves = [person for person in named if not _is_owner(turn, person)]
        receivers = [person for person in themselves if _receives(turn, person)]
        best = next(iter([*receivers, *themselves, *named]), None)
        return self._name(best) if best else self.last_before(turn.clause.start)

    def last_before(self, offset: int) -> str | None:
        """The customer named last before the offset; who was talked to comes first."""
        seen = [
            (contact >= Contact.MAYBE, mention.start, one.name)
            for one in self.people
            for mention, contact in zip(one.mentions, one.contacts, strict=True)
            if mention.start < offset and contact > Contact.DROPPED
        ]
        return max(seen)[2] if seen else None

    def _name(self, person: PersonFound) -> str:
        owner = next((one for one in self.people if person in one.mentions), None)
        return owner.name if owner else person.mention


def _receives(turn: Turn, person: PersonFound) -> bool:
    before = turn.text[: person.start - turn.clause.start]
    return before.endswith(endings("speakers.subject.receivers"))


def _is_owner(turn: Turn, person: PersonFound) -> bool:
    """「孔医生的病例」 is not for 孔医生."""
    return turn.text[person.end - turn.clause.start :].startswith("的")

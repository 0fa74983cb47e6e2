"""Whom a clause is about: the customer that it names, else the one last talked to."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.people import PersonFound
from bot.understanding.rules.mention import Contact
from bot.understanding.rules.people_met import Somebody
from bot.understanding.rules.reading import Turn
from bot.understanding.rules.speakers import Actor
from bot.understanding.rules.vocabulary import endings

Named = list[tuple[int, str]]
"""Where each mention starts and the name of whom it means, in order."""


@dataclass(frozen=True, slots=True)
class Focus:
    """Looks up the person behind 他, behind a missing subject and behind 给…; built once."""

    names: dict[int, str]
    everybody: Named
    spoken_of: Named
    talked_to: Named
    met: Named

    @classmethod
    def of(cls, people: Iterable[Somebody]) -> "Focus":
        """The people of one dictation."""
        said = sorted(
            (mention.start, name, contact)
            for one in people
            for name in [one.name]
            for mention, contact in zip(one.mentions, one.contacts, strict=True)
        )
        return cls(
            names={start: name for start, name, _ in said},
            everybody=[(start, name) for start, name, _ in said],
            spoken_of=[(start, name) for start, name, how in said if how > Contact.DROPPED],
            talked_to=[(start, name) for start, name, how in said if how >= Contact.MAYBE],
            met=[(start, name) for start, name, how in said if how is Contact.MET],
        )

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
        known = (self.met, self.talked_to, self.spoken_of)
        return next((name for name in (_last(named, offset) for named in known) if name), None)

    def last_named(self, offset: int) -> str | None:
        """Whoever was named last before the offset."""
        return _last(self.everybody, offset)

    def _name(self, person: PersonFound) -> str:
        return self.names.get(person.start, person.mention)


def _last(named: Named, offset: int) -> str | None:
    at = bisect_left(named, (offset,))
    return named[at - 1][1] if at else None


def _receives(turn: Turn, person: PersonFound) -> bool:
    before = turn.text[: person.start - turn.clause.start]
    return before.endswith(endings("speakers.subject.receivers"))


def _is_owner(turn: Turn, person: PersonFound) -> bool:
    """「孔医生的病例」 is not for 孔医生."""
    return turn.text[person.end - turn.clause.start :].startswith("的")

"""Who was met: people talked to count; absent, mentioned, passed or corrected-away ones do not.

What a single mention tells is decided in `mention`; here the mentions of one person come together.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.domain.people import PersonFound
from bot.domain.roster import RosterCustomer
from bot.understanding.rules.mention import Contact, Scene, is_to_come, judge
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.speakers import Actor


@dataclass(slots=True)
class Somebody:
    """One person of the dictation under all the names used for them, in order."""

    mentions: list[PersonFound]
    contacts: list[Contact] = field(default_factory=list)
    candidates: set[RosterCustomer] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The mention that tells most: the fewest candidates, then the longest."""
        kept = [m for m, c in zip(self.mentions, self.contacts, strict=True) if c > Contact.DROPPED]
        best = min(kept or self.mentions, key=lambda m: (len(m.candidates), -len(m.mention)))
        return best.mention

    @property
    def met(self) -> bool:
        """Met at some point, and not found absent after that."""
        return Contact.MET in self.contacts


Whose = dict[int, tuple[Somebody, Contact]]
"""Where a mention starts: who that is, and what the mention tells."""


def everybody(reading: Reading) -> list[Somebody]:
    """Every customer or stranger named, with what each mention says; colleagues are left out."""
    known: list[Somebody] = []
    called: dict[int | str, int] = {}
    for number, turn in enumerate(reading.turns):
        following = reading.turns[number + 1] if number + 1 < len(reading.turns) else None
        for person in turn.people:
            if person.colleague or not (person.candidates or person.named):
                continue
            at = min((called[key] for key in _keys(person) if key in called), default=len(known))
            if at == len(known):
                known.append(Somebody([]))
            called |= {key: at for key in _keys(person) if key not in called}
            known[at].mentions.append(person)
            known[at].candidates.update(person.candidates)
            known[at].contacts.append(judge(Scene(person, turn, following, reading)))
    return _with_default(known, acts=_someone_acts(reading))


def _keys(person: PersonFound) -> list[int | str]:
    """What tells that two mentions mean one person: a customer in common, else the surname."""
    return [customer.id for customer in person.candidates] or [person.mention[:1]]


def whose(people: Iterable[Somebody]) -> Whose:
    """Every mention by where it starts."""
    return {
        mention.start: (one, contact)
        for one in people
        for mention, contact in zip(one.mentions, one.contacts, strict=True)
    }


def _with_default(known: list[Somebody], *, acts: bool) -> list[Somebody]:
    """Without a clear contact, the people whose part stayed open are taken as met; failing that,
    the one person talked about, when 他 goes on to act."""
    if any(one.met or Contact.ABSENT in one.contacts for one in known):
        return known
    level = max((contact for one in known for contact in one.contacts), default=Contact.DROPPED)
    if level == Contact.MAYBE or (level == Contact.MENTIONED and acts):
        for one in known:
            one.contacts = [Contact.MET if c == level else c for c in one.contacts]
    return known


def _someone_acts(reading: Reading) -> bool:
    """A customer acts who is only called 他."""
    return any(
        turn.actor is Actor.CUSTOMER and turn.subject.said and turn.subject.person is None
        for turn in reading.turns
    )


def colleagues_along(reading: Reading) -> Iterator[str]:
    """Colleagues who came along (协访), as they were called."""
    named = [
        person.mention
        for turn in reading.turns
        for person in turn.people
        if person.colleague and _came_along(turn, reading)
    ]
    yield from dict.fromkeys(named)


def _came_along(turn: Turn, reading: Reading) -> bool:
    return turn.says("people.covisitor.together") and not is_to_come(turn, reading)

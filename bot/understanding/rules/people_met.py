"""Who was met: people talked to count; absent, mentioned, passed or corrected-away ones do not.

What a single mention tells is decided in `mention`; here the mentions of one person come together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain.people import PersonFound
from bot.understanding.rules.mention import Contact, Scene, is_to_come, judge
from bot.understanding.rules.reading import Reading, Turn
from bot.understanding.rules.speakers import Actor


@dataclass(slots=True)
class Somebody:
    """One person of the dictation under all the names used for them, in order."""

    mentions: list[PersonFound]
    contacts: list[Contact] = field(default_factory=list)

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

    def is_named_by(self, person: PersonFound) -> bool:
        """Whether a further mention can mean this person."""
        known = {c.id for m in self.mentions for c in m.candidates}
        if known or person.candidates:
            return bool(known & {c.id for c in person.candidates})
        return self.mentions[0].mention[:1] == person.mention[:1]


def everybody(reading: Reading) -> list[Somebody]:
    """Every customer or stranger named, with what each mention says; colleagues are left out."""
    known: list[Somebody] = []
    for number, turn in enumerate(reading.turns):
        following = reading.turns[number + 1] if number + 1 < len(reading.turns) else None
        for person in turn.people:
            if person.colleague or not (person.candidates or person.named):
                continue
            somebody = next((one for one in known if one.is_named_by(person)), None)
            if somebody is None:
                somebody = Somebody([])
                known.append(somebody)
            somebody.mentions.append(person)
            somebody.contacts.append(judge(Scene(person, turn, following, reading)))
    return _with_default(known, acts=_someone_acts(reading))


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

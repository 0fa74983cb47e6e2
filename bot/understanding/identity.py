"""Who a proposed mention is: a customer, a question, a new person, a colleague, or nobody."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.names import split_surname, split_title
from bot.domain.note import Ambiguity, KnownCustomer, Met, NewPerson
from bot.domain.people import PersonFound, find_people, resolve
from bot.domain.places import canonical_department, canonical_hospital
from bot.domain.roster import Roster, RosterCustomer
from bot.domain.standing import follows_verb, looks_private
from bot.domain.strangers import is_full_name, is_named
from bot.understanding.evidence import Source

_BOTH = ("两位", "二位")
_PAIR = 2
_PRONOUNS = ("他", "她", "对方", "人家")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody works or a visit took place, canonical; None when not known."""

    hospital: str | None
    department: str | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Exactly one of these is set; `other` with `customer` when two were met under one name."""

    customer: RosterCustomer | None = None
    other: RosterCustomer | None = None
    ambiguous: Ambiguity | None = None
    new: NewPerson | None = None
    colleague: str | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of one dictation, against whom every mention is looked up."""

    source: Source
    roster: Roster
    found: tuple[PersonFound, ...]

    @property
    def text(self) -> str:
        """The dictation."""
        return self.source.text

    @classmethod
    def of(cls, text: str, roster: Roster) -> "Cast":
        """Everybody whom the dictation names."""
        return cls(Source(text), roster, tuple(find_people(text, roster)))

    def place(
        self, hospital: str | None, department: str | None, *, near: str | None = None
    ) -> Place:
        """The place that words of the dictation name; words that were not said name nothing. `near`
        is the hospital that spells the department when none is said."""
        known = canonical_hospital(self._said(hospital), self.roster)
        named = canonical_department(self._said(department), self.roster, known or near)
        return Place(known, named)

    def _said(self, words: str | None) -> str | None:
        return self.source.locate(words) if words else None

    def identify(self, met: Met, around: Place) -> Identity | None:
        """Who was met. The place said for the person decides; that of the visit only helps."""
        mention = self.source.locate(met.mention)
        if mention is None or self._is_private(mention):
            return None
        own = self.place(met.hospital, met.department, near=around.hospital)
        place = Place(own.hospital or around.hospital, own.department or around.department)
        candidates = self._candidates(mention, own, place)
        colleague = self.colleague(mention)
        if colleague and not candidates:
            return Identity(colleague=colleague)
        if len(candidates) == _PAIR and self._says_both(mention):
            return Identity(customer=candidates[0], other=candidates[1])
        return _settled(mention, candidates) or self._stranger(mention, place)

    def _says_both(self, mention: str) -> bool:
        """「见了两位李主任」: exactly those two; not 「科里有两个李主任」."""
        return any(
            self.text.endswith(both, 0, at) and follows_verb(self.text, at - len(both))
            for at in _starts(mention, self.text)
            for both in _BOTH
        )

    def _candidates(self, mention: str, own: Place, place: Place) -> tuple[RosterCustomer, ...]:
        if not self._is_called(mention):
            return ()
        for where in (place, own):
            here = resolve(
                mention, self.roster, hospital=where.hospital, department=where.department
            )
            if here:
                return here
        return ()

    def _is_called(self, mention: str) -> bool:
        """Whether the mention was found as a person, or at least looks like a name."""
        core = split_title(mention)[0]
        found = any(core in one.mention or one.mention in mention for one in self.found)
        return found or is_full_name(core)

    def colleague(self, mention: str) -> str | None:
        """The colleague called so in the dictation, by full name when only one can be meant."""
        if self.source.locate(mention) is None:
            return None
        core = split_title(mention)[0]
        if core in self.roster.colleagues:
            return core
        if not any(one.colleague and one.mention == mention for one in self.found):
            return None
        alike = [c for c in self.roster.colleagues if split_surname(c)[0] == core.lstrip("老小")]
        return alike[0] if len(alike) == 1 else mention

    def _is_private(self, mention: str) -> bool:
        """Whether every place that names this person names a patient or a relative."""
        starts = _starts(mention, self.text)
        return mention in self.text and all(looks_private(self.text, start) for start in starts)

    def _stranger(self, mention: str, place: Place) -> Identity | None:
        if not is_named(mention):
            return None
        core, title = split_title(mention)
        name = core if is_full_name(core) else core + title
        return Identity(
            new=NewPerson(name=name, hospital=place.hospital, department=place.department)
        )

    def refer(
        self, mention: str | None, met: list[RosterCustomer], around: Place
    ) -> RosterCustomer | None:
        """The one customer that a later mention means: one of those met before anybody else.
        「他」 is the only customer met."""
        if mention is None or mention in _PRONOUNS:
            return met[0] if mention and len(met) == 1 else None
        if self.source.locate(mention) is None:
            return next((customer for customer in met if customer.name == mention), None)
        candidates = resolve(mention, self.roster)
        here = [c for c in candidates if c in met] or list(candidates)
        if len(here) == 1:
            return here[0]
        identity = self.identify(Met(mention=mention, department=None, hospital=None), around)
        return identity.customer if identity else None


def _settled(mention: str, candidates: tuple[RosterCustomer, ...]) -> Identity | None:
    if len(candidates) == 1:
        return Identity(customer=candidates[0])
    if candidates:
        known = [known_customer(candidate) for candidate in candidates]
        return Identity(ambiguous=Ambiguity(mention=mention, candidates=known))
    return None


def known_customer(customer: RosterCustomer) -> KnownCustomer:
    """The customer as the note records it."""
    return KnownCustomer(
        id=customer.id,
        name=customer.name,
        hospital=customer.hospital,
        department=customer.department,
    )


def _starts(mention: str, text: str) -> Iterator[int]:
    at = text.find(mention)
    while at >= 0:
        yield at
        at = text.find(mention, at + 1)

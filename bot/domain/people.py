"""Who is meant: names, titles, nicknames and misheard names in a text, against the rep's roster."""

from dataclasses import dataclass

from bot.domain.roster import Roster, RosterCustomer


@dataclass(frozen=True, slots=True)
class PersonFound:
    """Somebody named in the text at `text[start:end]`.

    `candidates` are the portfolio's customers that fit the mention alone: none for a stranger, several
    when it is unclear. `named` is true when a stranger has a name of his own (「韩冰」, 「钱主任」),
    so that he can become a new person; 「护士」 or 「他」 are not found at all.
    """

    start: int
    end: int
    mention: str
    candidates: tuple[RosterCustomer, ...]
    colleague: bool
    named: bool


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """A hospital or department named at `text[start:end]`, canonical as the master data spells it.

    A department that several hospitals have, named without one, has `hospital` None.
    """

    start: int
    end: int
    phrase: str
    hospital: str | None
    department: str | None


def find_people(text: str, roster: Roster) -> list[PersonFound]:
    """Everybody named in the text, in order, not overlapping: exact names first, then nicknames,
    surname with title, given names in use, then homophones of portfolio names (pinyin)."""
    raise NotImplementedError


def find_places(text: str, roster: Roster) -> list[PlaceFound]:
    """Every hospital and department named in the text, in order, not overlapping; 「市一心内」 gives
    one place with both."""
    raise NotImplementedError


def resolve(
    mention: str, roster: Roster, *, hospital: str | None = None, department: str | None = None
) -> tuple[RosterCustomer, ...]:
    """The portfolio's customers that a mention can mean, given where it was said they work
    (canonical names). Order: place said, exact name, title or nickname, then sound. One is an answer,
    several are a question, none is a stranger."""
    raise NotImplementedError

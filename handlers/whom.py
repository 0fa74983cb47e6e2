"""Which of the person's own customers is meant: one, several to choose from, or nobody known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from bot.domain.errors import NotFoundError
from bot.domain.nearest import nearest_names
from bot.domain.people import PersonFound, find_people, find_places, resolve
from bot.domain.roster import Roster, RosterCustomer
from bot.messages import Button, Reply
from bot.turn import Turn
from storage.customers import Customer
from storage.profiles import Profile, customer_in_scope, load_profile
from storage.rosters import roster_of

NOT_YOURS = "这位客户现在不在您名下了，名单可能刚调整过。"

_MOST_CHOICES = 6
_LONGEST_NAME = 6


@dataclass(frozen=True, slots=True)
class Whom:
    """Who was found for what was said; `mention` is None when nobody was named at all."""

    mention: str | None
    customers: tuple[RosterCustomer, ...]


def find_whom(turn: Turn, words: str) -> Whom:
    """The customers within the person's scope that the words name, the first that fits."""
    roster = roster_of(turn.session, turn.person)
    people = [person for person in find_people(words, roster) if not person.colleague]
    for person in people:
        found = _at_the_place_said(person, words, roster)
        if found:
            return Whom(person.mention, found)
    return Whom(people[0].mention if people else None, ())


def about_one(
    turn: Turn,
    words: str,
    verb: str,
    show: Callable[[Turn, int], Reply],
    ask: Callable[[Turn], Reply],
) -> Reply:
    """Show the one customer who is meant; offer buttons named `verb` when several could be, and
    `ask` when nobody is named. Raises NotFoundError for a name outside of the person's scope."""
    whom = find_whom(turn, words)
    if len(whom.customers) == 1:
        return show(turn, whom.customers[0].id)
    if whom.customers:
        return ask_which(whom, verb)
    mention = whom.mention or (words.strip() if 1 < len(words.strip()) <= _LONGEST_NAME else "")
    return no_such_name(turn, mention) if mention else ask(turn)


def ask_which(whom: Whom, verb: str) -> Reply:
    """The question which of several is meant; `verb` is the name of the buttons."""
    asked = f"您有 {len(whom.customers)} 位客户对得上「{whom.mention}」，是哪一位？"
    return Reply(asked, choices_of(whom, verb))


def choices_of(whom: Whom, verb: str) -> tuple[Button, ...]:
    """A button named `verb` for each of the first who could be meant; the id follows."""
    return tuple(
        Button(f"{each.name} {each.department or each.hospital}", f"{verb}:{each.id}")
        for each in whom.customers[:_MOST_CHOICES]
    )


def no_such_name(turn: Turn, mention: str) -> NoReturn:
    """Raises NotFoundError for a name, with the names within the person's scope that come near."""
    names = [each.name for each in roster_of(turn.session, turn.person).customers]
    near = nearest_names(mention.strip(), names)
    hint = f"您是说{'、'.join(near)}吗？" if near else "说一下全名，或用 /find 按科室找找。"
    raise NotFoundError(f"您的客户里没有找到「{mention.strip()}」。{hint}")


def own_customer(turn: Turn, customer_id: int) -> Customer:
    """The customer of a button, when it is within the person's scope.

    Raises:
        NotFoundError: it is somebody else's customer, or none.
    """
    found = customer_in_scope(turn.session, turn.person, customer_id)
    if found is None:
        raise NotFoundError(NOT_YOURS)
    return found


def own_profile(turn: Turn, customer_id: int) -> Profile:
    """The file of the customer of a button. Raises NotFoundError like `own_customer`."""
    found = load_profile(turn.session, turn.person, customer_id)
    if found is None:
        raise NotFoundError(NOT_YOURS)
    return found


def _at_the_place_said(
    person: PersonFound, words: str, roster: Roster
) -> tuple[RosterCustomer, ...]:
    for place in find_places(words, roster) if len(person.candidates) != 1 else ():
        there = resolve(
            person.mention, roster, hospital=place.hospital, department=place.department
        )
        if there:
            return there
    return person.candidates

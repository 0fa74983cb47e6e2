"""Which customers and products a dictation can be about: all that the model gets to see of them."""

from collections.abc import Container, Iterator

from bot.domain.people import PlaceFound, find_people, find_places
from bot.domain.roster import Roster, RosterCustomer, RosterProduct
from bot.understanding.pseudonyms import Pseudonyms

MOST_CUSTOMERS = 20
MOST_PRODUCTS = 8


def customer_lines(text: str, roster: Roster, names: Pseudonyms | None) -> str:
    """One line per plausible customer: how they are called, and where they work. With pseudonyms
    the tokens that may mean them stand for the name."""
    called = _called(text, roster)
    if names is not None:
        lines = [
            f"{'、'.join(names.hide(mention) for mention in mentions)}：{_place(customer)}"
            for customer, mentions in called.items()
        ]
    else:
        lines = [_full_line(customer) for customer in [*called, *_misheard(text, roster, called)]]
    return "\n".join(lines[:MOST_CUSTOMERS]) or "无"


def product_words(text: str, roster: Roster) -> str:
    """Our products, those that the text names first, with the brands they compete with."""
    ranked = sorted(roster.products, key=lambda product: not _is_named(product, text))
    return "、".join(map(_product, ranked[:MOST_PRODUCTS])) or "无"


def _called(text: str, roster: Roster) -> dict[RosterCustomer, list[str]]:
    """Whom the text may name, with the ways of naming; 「李主任」 is the 李建国 named in full."""
    people = find_people(text, roster)
    certain = {person.candidates[0] for person in people if len(person.candidates) == 1}
    called: dict[RosterCustomer, list[str]] = {}
    for person in people:
        known = [customer for customer in person.candidates if customer in certain]
        for customer in known or person.candidates:
            mentions = called.setdefault(customer, [])
            if person.mention not in mentions:
                mentions.append(person.mention)
    return called


def _misheard(
    text: str, roster: Roster, called: Container[RosterCustomer]
) -> Iterator[RosterCustomer]:
    """Everybody of a department that is named without one of its customers: the name that was said
    may have been misheard beyond recognition."""
    for place in find_places(text, roster):
        there = [customer for customer in roster.customers if _works_at(customer, place)]
        if not any(customer in called for customer in there):
            yield from there


def _works_at(customer: RosterCustomer, place: PlaceFound) -> bool:
    return (
        place.department is not None
        and place.department == customer.department
        and place.hospital in {None, customer.hospital}
    )


def _full_line(customer: RosterCustomer) -> str:
    aliases = f"，又叫{'、'.join(customer.aliases)}" if customer.aliases else ""
    return f"{customer.name}：{_place(customer)}{aliases}"


def _place(customer: RosterCustomer) -> str:
    parts = (customer.hospital, customer.department, customer.post or customer.title)
    return " ".join(part for part in parts if part)


def _is_named(product: RosterProduct, text: str) -> bool:
    return any(word in text for word in (product.name, *product.aliases, *product.competitors))


def _product(product: RosterProduct) -> str:
    rivals = f"（竞品{'、'.join(product.competitors)}）" if product.competitors else ""
    return product.name + rivals

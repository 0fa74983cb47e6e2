"""Which customers and products a dictation can be about: all that the model gets to see of them."""

from collections.abc import Iterator

from bot.domain.people import find_people, find_places
from bot.domain.roster import Roster, RosterCustomer, RosterProduct
from bot.understanding.pseudonyms import Pseudonyms

MOST_CUSTOMERS = 20
MOST_PRODUCTS = 8


def customer_lines(text: str, roster: Roster, names: Pseudonyms | None) -> str:
    """One line per plausible customer: how the text calls them, and where they work.

    With pseudonyms only those whom the text names are listed, by their tokens; without, also
    those of the departments named, who may have been misheard.
    """
    called = _called(text, roster)
    if names is not None:
        lines = (
            f"{'、'.join(names.hide(mention) for mention in mentions)}：{_place(customer)}"
            for customer, mentions in called.items()
        )
    else:
        known = dict.fromkeys([*called, *_at_places(text, roster)])
        lines = (_full_line(customer) for customer in known)
    return "\n".join(list(lines)[:MOST_CUSTOMERS]) or "无"


def product_words(text: str, roster: Roster) -> str:
    """Our products, those that the text names first, with the brands they compete with."""
    ranked = sorted(roster.products, key=lambda product: not _is_named(product, text))
    return "、".join(map(_product, ranked[:MOST_PRODUCTS])) or "无"


def _called(text: str, roster: Roster) -> dict[RosterCustomer, list[str]]:
    called: dict[RosterCustomer, list[str]] = {}
    for person in find_people(text, roster):
        for customer in person.candidates:
            mentions = called.setdefault(customer, [])
            if person.mention not in mentions:
                mentions.append(person.mention)
    return called


def _at_places(text: str, roster: Roster) -> Iterator[RosterCustomer]:
    places = [place for place in find_places(text, roster) if place.department]
    for customer in roster.customers:
        for place in places:
            same_hospital = place.hospital in {None, customer.hospital}
            if same_hospital and place.department == customer.department:
                yield customer


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

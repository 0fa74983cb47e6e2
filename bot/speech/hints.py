"""The names a rep is likely to say, as a sentence that a speech model reads before it listens."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.domain.roster import Roster, RosterCustomer

LONGEST_HINT = 140
"""Characters. Whisper reads 224 tokens, and Chinese with rare names takes up to 1.7 a character
(measured with the tokenizer of whisper-base: 94 tokens for 69 characters, 64 for 38 of rare names).
"""

OPENING = "以下是医药代表拜访主任、医生后的普通话口述。"
_PRODUCTS, _PLACES = 36, 36
"""Characters for each at most; customers get the rest."""

_FIRST_RARE_BYTE = 0xD8
"""GB 2312 sorts its rarer half (level 2) behind its common one."""


@dataclass(frozen=True, slots=True)
class Hint:
    """The sentence and the names in it, by which an echo of it is known again."""

    text: str = ""
    terms: tuple[str, ...] = ()


def hint_of(roster: Roster) -> Hint:
    """The most useful names that fit: products, customers with rare names first, their places.

    Simplified characters in the hint also make Whisper write simplified ones.
    """
    products = _fitting(_products(roster), _PRODUCTS)
    places = _fitting(_places(roster), _PLACES)
    lists = {"产品：": products, "地点：": places}
    rest = LONGEST_HINT - len(OPENING + _worded(lists)) - len("客户：。")
    customers = _fitting(_customers(roster), rest)
    text = OPENING + _worded({"产品：": products, "客户：": customers, "地点：": places})
    return Hint(text, products + customers + places)


def _worded(lists: dict[str, tuple[str, ...]]) -> str:
    return "".join(f"{label}{'、'.join(terms)}。" for label, terms in lists.items() if terms)


def _fitting(terms: Iterable[str], room: int) -> tuple[str, ...]:
    """The first terms that fit, with the commas between them."""
    taken: list[str] = []
    for term in dict.fromkeys(terms):
        if len(term) + 1 > room:
            break
        taken.append(term)
        room -= len(term) + 1
    return tuple(taken)


def _products(roster: Roster) -> Iterator[str]:
    yield from (product.name for product in roster.products)
    yield from (brand for product in roster.products for brand in product.competitors)


def _customers(roster: Roster) -> Iterator[str]:
    for customer in sorted(roster.customers, key=_usefulness):
        yield customer.name


def _usefulness(customer: RosterCustomer) -> tuple[int, int]:
    return -sum(map(_is_rare, customer.name)), customer.id


def _is_rare(character: str) -> bool:
    try:
        return character.encode("gb2312")[0] >= _FIRST_RARE_BYTE
    except UnicodeEncodeError:
        return True


def _places(roster: Roster) -> Iterator[str]:
    """Hospitals, called what people call them, and departments, where most customers are first."""
    called = {
        place.name: max(place.aliases, key=len) for place in roster.hospitals if place.aliases
    }
    hospitals = Counter(called.get(one.hospital, one.hospital) for one in roster.customers)
    departments = Counter(one.department for one in roster.customers if one.department)
    for pair in zip(_by_count(hospitals), _by_count(departments), strict=False):
        yield from pair
    yield from _by_count(hospitals)
    yield from _by_count(departments)


def _by_count(names: Counter[str]) -> list[str]:
    return sorted(names, key=lambda name: (-names[name], name))

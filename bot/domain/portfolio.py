"""The index of one roster by every way its people are called, built once and kept per roster."""

import functools
import operator
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.names import Title, load_names, split_surname, split_title
from bot.domain.roster import Roster, RosterCustomer
from bot.domain.sounds import Sound, blurred, sounds

Customers = tuple[RosterCustomer, ...]
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Customers by name, nickname, surname, given name and sound; colleagues too."""

    roster: Roster
    by_name: dict[str, Customers]
    by_alias: dict[str, Customers]
    by_surname: dict[str, Customers]
    by_given: dict[str, Customers]
    by_sound: dict[Sound, Customers]
    by_blur: dict[Sound, Customers]
    by_surname_sound: dict[Sound, Customers]
    colleagues: frozenset[str]
    colleague_surnames: frozenset[str]
    sound_starts: frozenset[Sound]
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _ById:
    """A roster as a cache key without hashing its thousands of customers; keeps it alive."""

    roster: Roster

    def __hash__(self) -> int:
        return id(self.roster)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.roster is self.roster


def portfolio_of(roster: Roster) -> Portfolio:
    """The index of a roster, built the first time that this very roster is asked about."""
    return _build(_ById(roster))


@functools.lru_cache(maxsize=64)
def _build(key: _ById) -> Portfolio:
    customers, colleagues = key.roster.customers, key.roster.colleagues
    names = {customer.name for customer in customers} | set(colleagues)
    aliases = {alias for customer in customers for alias in customer.aliases}
    return Portfolio(
        roster=key.roster,
        by_name=_group((c.name, c) for c in customers),
        by_alias=_group((alias, c) for c in customers for alias in c.aliases if alias != c.name),
        by_surname=_group((split_surname(c.name)[0], c) for c in customers),
        by_given=_group((split_surname(c.name)[1], c) for c in customers if len(c.name) > 1),
        by_sound=_group((sound, c) for c in customers for sound in sounds(c.name)),
        by_blur=_group((sound, c) for c in customers for sound in blurred(c.name)),
        by_surname_sound=_group(
            (sound[: len(split_surname(c.name)[0])], c)
            for c in customers
            for sound in sounds(c.name)
        ),
        colleagues=frozenset(colleagues),
        colleague_surnames=frozenset(split_surname(name)[0] for name in colleagues),
        sound_starts=frozenset(sound[:2] for c in customers for sound in blurred(c.name)),
        lengths=tuple(sorted({len(word) for word in names | aliases if word}, reverse=True)),
    )


def _group(pairs: Iterable[tuple[K, RosterCustomer]]) -> dict[K, Customers]:
    groups: dict[K, dict[int, RosterCustomer]] = defaultdict(dict)
    for key, customer in pairs:
        groups[key][customer.id] = customer
    return {key: tuple(found.values()) for key, found in groups.items()}


def fitting(customers: Customers, title_word: str) -> Customers:
    """The customers that a title fits best: 「主任」 prefers those with 主任 in post or title
    over a 主治医师; 「医生」 those without such a post. Nobody when a strict title fits nobody."""
    title = load_names().by_title.get(title_word)
    if title is None or not (title.fits or title.kinds):
        return customers
    fit = tuple(customer for customer in customers if _fits(title, customer))
    plain = tuple(c for c in fit if not any(post in (c.post or "") for post in title.not_post))
    return plain or fit or (() if title.strict else customers)


def _fits(title: Title, customer: RosterCustomer) -> bool:
    held = f"{customer.post or ''} {customer.title or ''}"
    return customer.kind in title.kinds or any(part in held for part in title.fits)


def by_words(portfolio: Portfolio, mention: str) -> Customers:
    """The customers that a mention names in writing: exact name, nickname, surname and title,
    given name and title; the first of these that fits anybody."""
    core, title = split_title(mention)
    return (
        portfolio.by_name.get(mention)
        or fitting(portfolio.by_name.get(core, ()), title)
        or portfolio.by_name.get(core)
        or portfolio.by_alias.get(mention)
        or portfolio.by_alias.get(core)
        or by_called(portfolio, core, title)
        or ()
    )


def by_called(portfolio: Portfolio, core: str, title: str) -> Customers:
    """The customers with this surname (also 老李, 小李, 大李) or given name whom the title fits."""
    bare = core[1:] if core[:1] in "老小大" and len(core) > 1 else core
    by_surname = fitting(portfolio.by_surname.get(bare, ()), title)
    if by_surname and (title or bare != core):
        return by_surname
    return fitting(portfolio.by_given.get(core, ()), title) if title else ()


def is_whole_name(portfolio: Portfolio, mention: str) -> bool:
    """Whether the mention, with or without a title, is a customer's full name or nickname."""
    core, _ = split_title(mention)
    called = (mention, core)
    return any(word in portfolio.by_name or word in portfolio.by_alias for word in called)


def by_ear(portfolio: Portfolio, mention: str, *, near: bool) -> Customers:
    """The customers whose name sounds like the mention; with `near` also nearly so (zh/z, n/ng)."""
    core, title = split_title(mention)
    if len(core) < 2:
        return ()
    alike = _lookup(portfolio.by_sound, sounds(core))
    if not alike and near:
        alike = _nearly(core, _lookup(portfolio.by_blur, blurred(core)))
    return fitting(alike, title) or alike


def _nearly(heard: str, customers: Customers) -> Customers:
    """Those with the surname as written and no more than one syllable that was blurred."""
    surname, _ = split_surname(heard)
    return tuple(
        customer
        for customer in customers
        if split_surname(customer.name)[0] == surname and _is_near(heard, customer.name)
    )


def _is_near(heard: str, name: str) -> bool:
    pairs = [(one, other) for one in sounds(heard) for other in sounds(name)]
    return any(sum(map(operator.ne, one, other)) <= 1 for one, other in pairs)


def by_surname_sound(portfolio: Portfolio, mention: str) -> Customers:
    """The customers whom the title fits and whose surname sounds like the one said (章 for 张)."""
    core, title = split_title(mention)
    return fitting(_lookup(portfolio.by_surname_sound, sounds(core)), title) if title else ()


def _lookup(index: dict[Sound, Customers], keys: Iterable[Sound]) -> Customers:
    found = {c.id: c for key in keys for c in index.get(key, ())}
    return tuple(found.values())

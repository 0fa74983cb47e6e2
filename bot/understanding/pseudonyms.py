"""Names of people become tokens before an outside model sees them, and names again afterwards."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.people import PersonFound, find_people
from bot.domain.roster import Roster

_TOKEN = re.compile(r"[〔【\[]?((?:客户|同事|人员)\d+)[〕】\]]?")


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Which token stands for which words; one token per way of calling somebody, so that the
    exact words come back. `tokens` is keyed by the words, the longest first."""

    tokens: dict[str, str]

    def hide(self, text: str) -> str:
        """The text with tokens instead of names."""
        if not self.tokens:
            return text
        names = re.compile("|".join(map(re.escape, self.tokens)))
        return names.sub(lambda name: f"〔{self.tokens[name[0]]}〕", text)

    def show(self, text: str) -> str:
        """The text with the names back; a token that nobody has stays as it is."""
        names = {token: name for name, token in self.tokens.items()}
        return _TOKEN.sub(lambda token: names.get(token[1], token[0]), text)


def pseudonyms(text: str, roster: Roster) -> Pseudonyms:
    """Tokens for everybody whom the text names: customers, colleagues, strangers."""
    kinds = dict(_named(text, roster))
    free = {kind: _unused(kind, text) for kind in set(kinds.values())}
    tokens = {mention: next(free[kind]) for mention, kind in kinds.items()}
    return Pseudonyms(dict(sorted(tokens.items(), key=lambda pair: -len(pair[0]))))


def _unused(kind: str, text: str) -> Iterator[str]:
    return (f"{kind}{n}" for n in itertools.count(1) if f"{kind}{n}" not in text)


def _named(text: str, roster: Roster) -> Iterator[tuple[str, str]]:
    for name in roster.colleagues:
        if name in text:
            yield name, "同事"
    for customer in roster.customers:
        for name in (customer.name, *customer.aliases):
            if name in text:
                yield name, "客户"
    for person in find_people(text, roster):
        yield person.mention, _kind(person)


def _kind(person: PersonFound) -> str:
    if person.colleague:
        return "同事"
    return "客户" if person.candidates else "人员"

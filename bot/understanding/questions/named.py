"""Everything that a question names: customers, colleagues, teams, tiers, tags, places."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.domain.directory import Directory
from bot.domain.people import PersonFound, find_people, find_places, resolve
from bot.domain.places import PlaceFound
from bot.domain.roster import Roster
from bot.understanding.questions.words import slot_lists, slot_words

CUSTOMER, COLLEAGUE, TAG, TIER, TEAM, PLACE, TIME = (
    "〈某人〉",
    "〈代表〉",
    "〈类〉",
    "〈层〉",
    "〈组〉",
    "〈院〉",
    "〈时〉",
)
_NICKNAME = re.compile(
    "[小老阿](?P<after>[\u4e00-\u9fff])(?!主任|院长|医生|大夫|老师|教授|药师|护士|科长|店长)"
    "|(?P<before>[\u4e00-\u9fff])(?:哥|姐|工|经理|总)(?!监)"
)
_CARES = ("关注", "对", "感兴趣", "乐于")


class Mention(NamedTuple):
    """Words at `text[start:end]` that name something; `value` is its name on file, if known."""

    start: int
    end: int
    kind: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Named:
    """A question with its mentions, in order; `plain` has them replaced by their kind
    and lacks 「帮我看看」."""

    text: str
    plain: str
    mentions: tuple[Mention, ...]

    def values(self, kind: str) -> list[str]:
        """What is named of one kind, each once."""
        found = (mention.value for mention in self.mentions if mention.kind == kind)
        return list(dict.fromkeys(value for value in found if value))


def find_named(
    text: str, roster: Roster, directory: Directory, times: Iterable[tuple[int, int]]
) -> Named:
    """Read the names in a question; `times` are where periods are said. What is found first keeps
    its words."""
    taken: list[Mention] = []
    finders = (
        (Mention(start, end, TIME, None) for start, end in times),
        _colleagues(text, directory),
        _teams(text, directory),
        _tags(text, directory),
        _tiers(text),
        _people(text, roster, directory),
        _nicknamed(text, directory),
        _places(text, roster),
    )
    for found in finders:
        for mention in found:
            if all(mention.end <= each.start or each.end <= mention.start for each in taken):
                taken.append(mention)
    mentions = tuple(_placed(sorted(taken), text))
    plain = slot_words("lead.in").sub("", _replaced(text, mentions))
    return Named(text, plain, mentions)


def _placed(mentions: Sequence[Mention], text: str) -> Iterator[Mention]:
    """A department before a name (「心内科蒋主任」) tells where that person works."""
    for mention, after in zip(mentions, [*mentions[1:], None], strict=False):
        near = after is not None and text[mention.end : after.start] in ("", "的")
        if mention.kind == TAG and after is not None and near and after.kind == CUSTOMER:
            yield mention._replace(kind=PLACE)
        else:
            yield mention


def _replaced(text: str, mentions: Iterable[Mention]) -> str:
    parts, at = [], 0
    for mention in mentions:
        parts += [text[at : mention.start], mention.kind]
        at = mention.end
    return "".join([*parts, text[at:]])


def _each(text: str, word: str) -> Iterator[tuple[int, int]]:
    at = text.find(word)
    while word and at >= 0:
        yield at, at + len(word)
        at = text.find(word, at + len(word))


def _colleagues(text: str, directory: Directory) -> Iterator[Mention]:
    for each in sorted(directory.colleagues, key=lambda one: -len(one.name)):
        for start, end in _each(text, each.name):
            yield Mention(start, end, COLLEAGUE, each.login)


def _teams(text: str, directory: Directory) -> Iterator[Mention]:
    """Teams by their whole name, or by an ending that only one of them has (「二组」)."""
    for team in directory.teams:
        for length in range(len(team), 1, -1):
            short = team[-length:]
            if sum(other.endswith(short) for other in directory.teams) == 1:
                for start, end in _each(text, short):
                    yield Mention(start, end, TEAM, team)


def _tags(text: str, directory: Directory) -> Iterator[Mention]:
    """Tags as they are on file, or by what they are about (「关注X」 by 「对X有兴趣」)."""
    tiers = {tier.casefold() for tier in slot_lists("tier")}
    tags = [tag for tag in directory.tags if tag.casefold() not in tiers]
    spelt = {tag: tag for tag in tags} | {_about(tag): tag for tag in tags if len(_about(tag)) > 1}
    for word in sorted(spelt, key=lambda one: (-len(one), one)):
        for start, end in _each(text.casefold(), word.casefold()):
            yield Mention(start, end, TAG, spelt[word])


def _about(tag: str) -> str:
    for affix in _CARES:
        tag = tag.removeprefix(affix).removesuffix(affix)
    return tag


def _tiers(text: str) -> Iterator[Mention]:
    for tier in slot_lists("tier"):
        for match in slot_words(f"tier.{tier}").finditer(text):
            yield Mention(match.start(), match.end(), TIER, tier)


def _people(text: str, roster: Roster, directory: Directory) -> Iterator[Mention]:
    places = find_places(text, roster)
    for person in find_people(text, roster):
        if person.colleague:
            called = _called(person.mention, directory)
            yield Mention(person.start, person.end, COLLEAGUE, called)
        else:
            yield Mention(person.start, person.end, CUSTOMER, _customer(person, places, roster))


def _nicknamed(text: str, directory: Directory) -> Iterator[Mention]:
    """「小周」, 「周姐」 or a given name of two, when only one colleague can be meant."""
    for match in _NICKNAME.finditer(text):
        login = _called(match["after"] or match["before"], directory)
        if login is not None:
            yield Mention(match.start(), match.end(), COLLEAGUE, login)
    for each in directory.colleagues:
        for start, end in _each(text, each.name[1:] if len(each.name) == 3 else ""):
            yield Mention(start, end, COLLEAGUE, each.login)


def _called(mention: str, directory: Directory) -> str | None:
    """The login behind a surname; reps of the asker's team before others."""
    surname = mention.lstrip("老小")[:1]
    fits = [each for each in directory.colleagues if each.name[:1] == surname]
    near = [each for each in fits if each.is_rep and each.team == directory.asker.team] or fits
    return near[0].login if len(near) == 1 else None


def _customer(person: PersonFound, places: list[PlaceFound], roster: Roster) -> str | None:
    found = person.candidates
    for place in places if len(found) > 1 else ():
        found = (
            resolve(person.mention, roster, hospital=place.hospital, department=place.department)
            or found
        )
    return found[0].name if len(found) == 1 else None


def _places(text: str, roster: Roster) -> Iterator[Mention]:
    for place in find_places(text, roster):
        kind = TAG if place.department else PLACE
        yield Mention(place.start, place.end, kind, place.department)

"""What not to repeat in the next visit: material already given, and what the customer declined."""

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from bot.domain.promises import shorten

_GIVEN = re.compile(r"(?<![没未])(?:[送给带发递交寄]|留下|分享)(?:了|过|到了|去了)")
_GIVING = re.compile(r"[送发带寄递交]|分享")
_DECLINED = re.compile(
    r"不想[听谈聊看再]|不愿|不感兴趣|没兴趣|拒绝|婉拒|[别甭](?:再|老|总)|不[用要]再|不谈|免谈|先别|"
    r"(?:暂时|现在)不|不需要|不必|不用(?:[再送发带给来寄]|麻烦)|没必要|已经(?:看过|有了|知道)"
)


class Told(NamedTuple):
    """Something that was said or done on a day."""

    day: date
    words: str


def already_given(points: Iterable[Told], done: Iterable[Told]) -> list[Told]:
    """Material that the customer has: told in a visit, or a promise of giving that was kept."""
    told = [each for each in points if _GIVEN.search(each.words)]
    kept = [each for each in done if _GIVING.search(each.words)]
    return _distinct([*told, *kept])


def declined(points: Iterable[Told]) -> list[Told]:
    """What the customer did not want, in the words of the notes."""
    return _distinct(each for each in points if _DECLINED.search(each.words))


def say_told(told: list[Told], limit: int = 2) -> str:
    """The first few in one line, each with its day."""
    return "；".join(
        f"{shorten(each.words, 18)}（{each.day.month}月{each.day.day}日）" for each in told[:limit]
    )


def _distinct(told: Iterable[Told]) -> list[Told]:
    found: dict[str, Told] = {}
    for each in told:
        found.setdefault(each.words, each)
    return list(found.values())

"""What is due, to whom it is told and where, and in which message."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from bot.domain.pushing import Due, Verdict, Wishes, goes_at, judge
from bot.policy import Policy
from bot.pushes import Push
from storage.pushes import Receiver

PEOPLE_AT_ONCE = 100
"""In one transaction: few enough that nobody else waits long for the database."""


class Place(StrEnum):
    """Where people are told: everybody at one place only, so that a trial at the terminal neither
    writes to real chats nor takes anything from them."""

    PLATFORMS = "platforms"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is due, and to whom it is told: `to` is a deputy when the owner is away."""

    push: Push
    due: Due
    to: int = 0
    owner: str | None = None

    @property
    def topic(self) -> str:
        """What it is about, for its owner."""
        return f"{self.push.kind}:{self.due.person_id}:{self.due.subject}"

    @property
    def key(self) -> str:
        """What makes it once."""
        return f"{self.topic}:{self.due.period}"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is due at a moment, and what is known of the people."""

    items: list[Item]
    wishes: Mapping[int, Wishes]
    people: Mapping[int, Receiver]

    def for_login(self, login: str | None) -> list[Item]:
        """What is for this login; for everybody when there is none."""
        if login is None:
            return self.items
        return [item for item in self.items if self.people[item.to].login == login]


@dataclass(frozen=True, slots=True)
class Judge:
    """What becomes of things at a moment, by the policy and by what people asked for."""

    policy: Policy
    now: datetime
    wishes: Mapping[int, Wishes]

    def verdict(self, item: Item, room: int) -> Verdict:
        """What becomes of something that is due; `room` is how many more may go out today."""
        quiet, wishes = self.policy.quiet_hours(), self._wishes_of(item)
        exempt = item.push.takes_held
        return judge(item.due, self.now, quiet, wishes, room=room, exempt=exempt)

    def room(self, sent: int) -> int:
        """How many more may go out to a person today; the briefing has a place of its own."""
        return self.policy.pushes.most_a_day - 1 - sent

    def goes_at(self, item: Item) -> datetime:
        """When it goes out at the earliest, as things are now."""
        return goes_at(item.due, self.now, self.policy.quiet_hours(), self._wishes_of(item))

    def _wishes_of(self, item: Item) -> Wishes:
        return self.wishes.get(item.to, Wishes())


def routed(item: Item, now: datetime, wishes: Mapping[int, Wishes]) -> Item:
    """To the deputy while the owner is on leave."""
    owner = item.due.person_id
    wish = wishes.get(owner, Wishes())
    if item.push.deputised and wish.deputy_id is not None and wish.is_away(now):
        return replace(item, to=wish.deputy_id)
    return replace(item, to=owner)


def named(item: Item, people: Mapping[int, Receiver]) -> Item:
    """With whose it is, for a deputy; one who has left is none."""
    owner = people.get(item.due.person_id)
    if item.to == item.due.person_id or owner is None:
        return item
    if item.to not in people:
        return replace(item, to=item.due.person_id)
    return replace(item, owner=owner.name)


def is_for(item: Item, people: Mapping[int, Receiver], place: Place) -> bool:
    """Whether the receiver is told here. What is urgent is tried in any case: that it failed is
    told to the admins."""
    to = people.get(item.to)
    if to is None:
        return False
    if place == Place.TERMINAL:
        return to.channel is None
    return item.due.urgent or (to.channel is not None and not to.is_lost)


def batches(items: Sequence[Item]) -> Iterator[list[Item]]:
    """All that is for some people, in the order of their ids, so that processes do not wait for
    each other in a circle."""
    ids = sorted({item.to for item in items})
    for start in range(0, len(ids), PEOPLE_AT_ONCE):
        some = set(ids[start : start + PEOPLE_AT_ONCE])
        yield [item for item in items if item.to in some]


def messages(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Those that one message tells: what is urgent first, the briefing last."""

    def order(item: Item) -> tuple[int, bool, bool, str, int, str]:
        push, due = item.push, item.due
        apart = "" if push.together else item.key
        return item.to, not due.urgent, push.takes_held, push.kind, due.person_id, apart

    ordered = sorted(items, key=lambda item: (*order(item), item.due.at, item.key))
    for _, group in groupby(ordered, key=order):
        yield list(group)

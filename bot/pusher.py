"""Says what is due: reads, lets each kind choose, and writes what goes out as rows, each once. Any
number of processes may tick; what one has made of a thing stands in its row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any, Protocol

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.domain.clock import local_day
from bot.domain.promises import shorten
from bot.domain.pushing import Due, Verdict, Wishes, goes_at, judge, newest
from bot.domain.quiet import at
from bot.messages import Reply
from bot.outbox import Address, post_push
from bot.policy import Policy
from bot.pushes import Push, Told
from storage.accounts import TERMINAL
from storage.database import open_session
from storage.push_settings import wishes_at
from storage.pushes import (
    Pushed,
    PushStatus,
    Receiver,
    known_topics,
    lock_people,
    pushed_since,
    receivers,
    take_held,
)

log = structlog.get_logger(__name__)

PEOPLE_AT_ONCE = 100
"""In one transaction: few enough that nobody else waits long for the database."""

INSTEAD = "【代{name}】"
NOTHING = "nothing"
_DAYS_WALKED = 62
_STATUS = {
    Verdict.SEND: PushStatus.SENT,
    Verdict.HOLD: PushStatus.HELD,
    Verdict.DROP: PushStatus.DROPPED,
}
_REASON = {Verdict.HOLD: "over_limit", Verdict.DROP: "too_late"}


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


@dataclass(frozen=True)
class Pusher:
    """Ticks for one program."""

    engine: Engine
    pushes: tuple[Push, ...]
    policy: Policy

    def tick(self, now: datetime, place: Place = Place.PLATFORMS) -> list[Reply]:
        """Say everything that is due; gives what was said at the terminal."""
        with Session(self.engine) as session:
            asleep = self.policy.quiet_hours().covers(now)
            outlook = self.outlook(session, now, place, only_urgent=asleep)
        said: list[Reply] = []
        for people in _batches(outlook.items):
            try:
                said += self._say_to(people, outlook, now, place)
            except IntegrityError:
                log.info("push_said_elsewhere", people=len(people))
        return said

    def advance(self, since: datetime | None, until: datetime) -> list[Reply]:
        """Say at the terminal what is due up to `until`, each thing at its own time; without a
        time before that, from the beginning of that day."""
        morning = at(local_day(until), time())
        current = since if since is not None and since <= until else morning
        current = max(current, until - timedelta(days=_DAYS_WALKED))
        said = self.tick(current, Place.TERMINAL)
        for evening in _evenings(current, until):
            while (following := self._next(current, evening)) is not None:
                said += self.tick(following, Place.TERMINAL)
                current = following
            current = evening
        return said

    def outlook(
        self, session: Session, now: datetime, place: Place, *, only_urgent: bool = False
    ) -> Outlook:
        """What is due now and was not said before, of each subject the newest."""
        wishes = wishes_at(session, now)
        kinds = [push for push in self.pushes if push.at_night or not only_urgent]
        found = [Item(push, due) for push in kinds for due in push.due(session, now, self.policy)]
        fresh = _unsaid(session, newest(found, lambda i: i.topic, lambda i: i.due.at))
        routed = [_routed(item, now, wishes) for item in fresh]
        ids = {person for item in routed for person in (item.to, item.due.person_id)}
        people = receivers(session, sorted(ids))
        kept = [_named(item, people) for item in routed if _is_for(item, people, place)]
        return Outlook(kept, wishes, people)

    def verdict(
        self, item: Item, now: datetime, wishes: Mapping[int, Wishes], room: int
    ) -> Verdict:
        """What becomes of something that is due."""
        quiet = self.policy.quiet_hours()
        whose = wishes.get(item.to, Wishes())
        return judge(item.due, now, quiet, whose, room=room, exempt=item.push.takes_held)

    def _next(self, current: datetime, horizon: datetime) -> datetime | None:
        """The next moment up to the horizon at which something goes out, as things are now."""
        quiet = self.policy.quiet_hours()
        with Session(self.engine) as session:
            wishes = wishes_at(session, current)
            found = [
                Item(push, due)
                for push in self.pushes
                for due in push.due(session, horizon, self.policy)
            ]
            routed = [_routed(item, current, wishes) for item in _unsaid(session, found)]
        moments = (
            goes_at(item.due, current, quiet, wishes.get(item.to, Wishes())) for item in routed
        )
        return min((one for one in moments if current < one <= horizon), default=None)

    def _say_to(
        self, items: Sequence[Item], outlook: Outlook, now: datetime, place: Place
    ) -> list[Reply]:
        items = [i for i in items if self.verdict(i, now, outlook.wishes, 1) != Verdict.WAIT]
        if not items:
            return []
        facts = self._facts(items, now)
        with open_session(self.engine) as session:
            desk = _Desk(session, now, self.policy, place, outlook.people, facts)
            said = desk.say(_unsaid(session, items, lock=True), self.verdict, outlook.wishes)
            session.commit()
        return said

    def _facts(self, items: Sequence[Item], now: datetime) -> Mapping[str, Mapping[int, Any]]:
        """What the words need besides, read before anything is written."""
        wanted: dict[str, tuple[Push, set[int]]] = {}
        for item in items:
            if item.push.gather is not None:
                wanted.setdefault(item.push.kind, (item.push, set()))[1].add(item.due.person_id)
        with Session(self.engine) as session:
            return {
                kind: push.gather(session, sorted(people), now, self.policy)
                for kind, (push, people) in wanted.items()
                if push.gather is not None
            }


@dataclass
class _Desk:
    """One transaction's work: rows and messages for a batch of people."""

    session: Session
    now: datetime
    policy: Policy
    place: Place
    people: Mapping[int, Receiver]
    facts: Mapping[str, Mapping[int, Any]]

    def say(
        self, items: Sequence[Item], verdict: "VerdictOf", wishes: Mapping[int, Wishes]
    ) -> list[Reply]:
        """Make the rows of everything, and the messages of what is sent."""
        ids = sorted({item.to for item in items})
        counted = pushed_since(self.session, ids, at(local_day(self.now), time()))
        room = {one: self.policy.pushes.most_a_day - 1 - counted.get(one, 0) for one in ids}
        said = []
        for group in _messages(items):
            left = room[group[0].to]
            verdicts = {item.key: verdict(item, self.now, wishes, left) for item in group}
            late = [item for item in group if verdicts[item.key] == Verdict.DROP]
            self._keep(late, PushStatus.DROPPED, _REASON[Verdict.DROP])
            together = [item for item in group if item not in late]
            if not together:
                continue
            what = verdicts[together[0].key]
            if what == Verdict.SEND:
                said += self._send(together)
                room[together[0].to] -= not together[0].due.urgent
            else:
                self._keep(together, _STATUS[what], _REASON[what])
        return said

    def _send(self, items: Sequence[Item]) -> list[Reply]:
        first, to = items[0], self.people[items[0].to]
        held = self._held(first)
        told = Told(
            now=self.now,
            policy=self.policy,
            name=to.name,
            role=to.role,
            dues=tuple(item.due for item in items),
            facts=self.facts.get(first.push.kind, {}).get(first.due.person_id),
            held=held,
        )
        reply = first.push.say(told)
        if reply is None:
            self._keep(items, PushStatus.DROPPED, NOTHING)
            return []
        if first.owner is not None:
            reply = replace(reply, text=INSTEAD.format(name=first.owner) + reply.text, buttons=())
        key = f"due-{first.key}"
        self._keep(items, PushStatus.SENT, None, delivery_key=key)
        address = self._address(to)
        post_push(self.session, key, address, reply, self.now, until=self._until(items))
        return [replace(reply, to=to.login)] if address.channel == TERMINAL else []

    def _held(self, item: Item) -> tuple[str, ...]:
        if not item.push.takes_held:
            return ()
        self.session.flush()
        return tuple(take_held(self.session, [item.to], self.now).get(item.to, ()))

    def _address(self, to: Receiver) -> Address:
        if self.place == Place.TERMINAL:
            return Address(TERMINAL, to.login, to.id)
        return Address(to.channel or "", to.chat or "", to.id)

    def _until(self, items: Sequence[Item]) -> datetime:
        """Nothing that can wait arrives at night because a platform was away."""
        last = max(item.due.until for item in items)
        if items[0].due.urgent:
            return last
        return min(last, self.policy.quiet_hours().evening_of(self.now))

    def _keep(
        self,
        items: Iterable[Item],
        status: PushStatus,
        reason: str | None,
        *,
        delivery_key: str | None = None,
    ) -> None:
        for item in items:
            row = Pushed(
                key=item.key,
                topic=item.topic,
                kind=item.push.kind,
                person_id=item.to,
                due_at=item.due.at,
                made_at=self.now,
                urgent=item.due.urgent,
                status=status,
                reason=reason,
                line=shorten(item.due.line, 200),
                delivery_key=delivery_key,
            )
            self.session.add(row)
            log.info("push_made", kind=row.kind, status=status.value, person=row.person_id)


class VerdictOf(Protocol):
    """What becomes of something that is due."""

    def __call__(
        self, item: Item, now: datetime, wishes: Mapping[int, Wishes], room: int
    ) -> Verdict: ...


def _unsaid(session: Session, items: Sequence[Item], *, lock: bool = False) -> list[Item]:
    """Those of which nothing as new was said before; with `lock`, it stays so."""
    if lock:
        lock_people(session, sorted({item.to for item in items}))
    known = known_topics(session, sorted({item.topic for item in items}))
    return [
        item
        for item in items
        if item.topic not in known
        or (item.key not in known[item.topic].keys and known[item.topic].last < item.due.at)
    ]


def _routed(item: Item, now: datetime, wishes: Mapping[int, Wishes]) -> Item:
    """To the deputy while the owner is on leave."""
    owner = item.due.person_id
    wish = wishes.get(owner, Wishes())
    if item.push.deputised and wish.deputy_id is not None and wish.is_away(now):
        return replace(item, to=wish.deputy_id)
    return replace(item, to=owner)


def _named(item: Item, people: Mapping[int, Receiver]) -> Item:
    owner = people.get(item.due.person_id)
    return (
        item if item.to == item.due.person_id or owner is None else replace(item, owner=owner.name)
    )


def _is_for(item: Item, people: Mapping[int, Receiver], place: Place) -> bool:
    """Whether the receiver is told here. What is urgent is tried in any case: that it failed is
    told to the admins."""
    to = people.get(item.to)
    if to is None:
        return False
    if place == Place.TERMINAL:
        return to.channel is None
    return item.due.urgent or (to.channel is not None and not to.is_lost)


def _batches(items: Sequence[Item]) -> Iterator[list[Item]]:
    """All that is for some people, in the order of their ids, so that processes do not wait for
    each other in a circle."""
    ids = sorted({item.to for item in items})
    for start in range(0, len(ids), PEOPLE_AT_ONCE):
        some = set(ids[start : start + PEOPLE_AT_ONCE])
        yield [item for item in items if item.to in some]


def _messages(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Those that one message tells: what is urgent first, the briefing last."""

    def order(item: Item) -> tuple[Any, ...]:
        push, due = item.push, item.due
        apart = "" if push.together else item.key
        return item.to, not due.urgent, push.takes_held, push.kind, due.person_id, apart

    ordered = sorted(items, key=lambda item: (*order(item), item.due.at, item.key))
    for _, group in groupby(ordered, key=order):
        yield list(group)


def _evenings(since: datetime, until: datetime) -> Iterator[datetime]:
    """The end of each day up to a moment, and the moment itself."""
    day = local_day(since)
    while day < local_day(until):
        yield at(day, time.max)
        day += timedelta(days=1)
    yield until

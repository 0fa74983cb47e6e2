"""One transaction of pushing: a row for each thing, a message for what goes out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

import structlog
from sqlmodel import Session

from bot.domain.clock import local_day
from bot.domain.promises import shorten
from bot.domain.pushing import Verdict
from bot.domain.quiet import at
from bot.messages import Reply
from bot.outbox import Address, post_push
from bot.push_items import Item, Judge, Place, messages
from bot.pushes import Told
from storage.accounts import TERMINAL
from storage.pushes import Pushed, PushStatus, Receiver, pushed_since, take_held

log = structlog.get_logger(__name__)

INSTEAD = "【代{name}】"
NOTHING = "nothing"
_KEPT = {
    Verdict.HOLD: (PushStatus.HELD, "over_limit"),
    Verdict.DROP: (PushStatus.DROPPED, "too_late"),
}


@dataclass
class Desk:
    """One transaction's work: rows and messages for a batch of people."""

    session: Session
    judge: Judge
    place: Place
    people: Mapping[int, Receiver]
    facts: Mapping[str, Mapping[int, Any]]

    def say(self, items: Sequence[Item]) -> list[Reply]:
        """Make the rows of everything, and the messages of what is sent; gives what the terminal
        shows."""
        ids = sorted({item.to for item in items})
        counted = pushed_since(self.session, ids, at(local_day(self.judge.now), time()))
        room = {one: self.judge.room(counted.get(one, 0)) for one in ids}
        said: list[Reply] = []
        for group in messages(items):
            to = group[0].to
            parts = self._parts(group, room[to])
            for what, part in parts.items():
                if what in _KEPT:
                    self._keep(part, *_KEPT[what])
            if together := parts.get(Verdict.SEND):
                said += self._send(together)
                room[to] -= not together[0].due.urgent
        return said

    def _parts(self, group: Sequence[Item], room: int) -> dict[Verdict, list[Item]]:
        """A message's things by what becomes of them."""
        parts: dict[Verdict, list[Item]] = {}
        for item in group:
            parts.setdefault(self.judge.verdict(item, room), []).append(item)
        return parts

    def _send(self, items: Sequence[Item]) -> list[Reply]:
        first, to = items[0], self.people[items[0].to]
        held = self._held(first)
        told = Told(
            now=self.judge.now,
            policy=self.judge.policy,
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
        post_push(self.session, key, address, reply, self.judge.now, until=self._until(items))
        return [replace(reply, to=to.login)] if address.channel == TERMINAL else []

    def _held(self, item: Item) -> tuple[str, ...]:
        if not item.push.takes_held:
            return ()
        self.session.flush()
        return tuple(take_held(self.session, [item.to], self.judge.now).get(item.to, ()))

    def _address(self, to: Receiver) -> Address:
        if self.place == Place.TERMINAL:
            return Address(TERMINAL, to.login, to.id)
        return Address(to.channel or "", to.chat or "", to.id)

    def _until(self, items: Sequence[Item]) -> datetime:
        """Nothing that can wait arrives at night because a platform was away."""
        last = max(item.due.until for item in items)
        if items[0].due.urgent:
            return last
        return min(last, self.judge.policy.quiet_hours().evening_of(self.judge.now))

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
                made_at=self.judge.now,
                urgent=item.due.urgent,
                status=status,
                reason=reason,
                line=shorten(item.due.line, 200),
                delivery_key=delivery_key,
            )
            self.session.add(row)
            log.info("push_made", kind=row.kind, status=status.value, person=row.person_id)

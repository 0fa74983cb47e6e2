"""One transaction of pushing: a row for each thing, a message for what goes out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any

import structlog
from sqlmodel import Session

from bot.domain.clock import local_day
from bot.domain.promises import shorten
from bot.domain.pushing import Verdict
from bot.domain.quiet import at
from bot.domain.reach import NOWHERE
from bot.messages import Reply
from bot.outbox import Address, push_row, tell_admins
from bot.push_items import Item, Judge, Place, messages
from bot.pushes import Told
from storage.accounts import TERMINAL
from storage.deliveries import Delivery
from storage.pushes import Pushed, PushStatus, Receiver, pushed_since, take_held

log = structlog.get_logger(__name__)

INSTEAD = "【代{name}】"
NOTHING, BROKEN = "nothing", "broken"
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
    held: Mapping[int, list[str]] = field(default_factory=dict)
    rows: list[Pushed] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    said: list[Reply] = field(default_factory=list)

    def say(self, items: Sequence[Item]) -> list[Reply]:
        """Make the rows of everything, and the messages of what is sent; gives what the terminal
        shows. The briefings come last: they tell what was held back a moment ago, too."""
        ids = sorted({item.to for item in items})
        counted = pushed_since(self.session, ids, at(local_day(self.judge.now), time()))
        room = {one: self.judge.room(counted.get(one, 0)) for one in ids}
        briefings = [item for item in items if item.push.takes_held]
        for group in messages([item for item in items if not item.push.takes_held]):
            self._tell(group, room)
        self._write()
        readers = sorted({item.to for item in briefings})
        self.held = take_held(self.session, readers, self.judge.now) if readers else {}
        for group in messages(briefings):
            self._tell(group, room)
        self._write()
        return self.said

    def _tell(self, group: Sequence[Item], room: dict[int, int]) -> None:
        to = group[0].to
        parts = self._parts(group, room[to])
        for what, part in parts.items():
            if what in _KEPT:
                self._keep(part, *_KEPT[what])
        together = parts.get(Verdict.SEND, [])
        if together and self._send(together):
            room[to] -= not together[0].due.urgent

    def _write(self) -> None:
        """Many rows at once: one by one they take most of the time of a morning."""
        self.session.bulk_save_objects([*self.rows, *self.deliveries])
        lost = [row for row in self.deliveries if row.problem == NOWHERE]
        for row in lost:
            tell_admins(self.session, row, NOWHERE, now=self.judge.now)
        made = Counter((row.kind, row.status.value) for row in self.rows)
        for (kind, status), count in made.items():
            log.info("pushes_made", kind=kind, status=status, count=count)
        self.rows.clear()
        self.deliveries.clear()

    def _parts(self, group: Sequence[Item], room: int) -> dict[Verdict, list[Item]]:
        """A message's things by what becomes of them."""
        parts: dict[Verdict, list[Item]] = {}
        for item in group:
            parts.setdefault(self.judge.verdict(item, room), []).append(item)
        return parts

    def _send(self, items: Sequence[Item]) -> bool:
        """Whether there was anything to say."""
        first, to = items[0], self.people[items[0].to]
        reply = self._words(items, to)
        if reply is None:
            return False
        if first.owner is not None:
            reply = replace(reply, text=INSTEAD.format(name=first.owner) + reply.text, buttons=())
        key, address = f"due-{first.key}", self._address(to)
        self._keep(items, PushStatus.SENT, None, delivery_key=key)
        row = push_row(key, address, reply, self.judge.now, until=self._until(items))
        self.deliveries.append(row)
        if address.channel == TERMINAL:
            self.said.append(replace(reply, to=to.login))
        return True

    def _words(self, items: Sequence[Item], to: Receiver) -> Reply | None:
        """What is said; None, with a record of it, when there is nothing to say or the words are
        broken, which must not cost other people theirs."""
        reason = NOTHING
        try:
            reply = items[0].push.say(self._told(items, to))
        except Exception:
            log.exception("push_broken", kind=items[0].push.kind)
            reply, reason = None, BROKEN
        if reply is None:
            self._keep(items, PushStatus.DROPPED, reason)
        return reply

    def _told(self, items: Sequence[Item], to: Receiver) -> Told:
        first = items[0]
        return Told(
            now=self.judge.now,
            policy=self.judge.policy,
            name=to.name,
            role=to.role,
            dues=tuple(item.due for item in items),
            facts=self.facts.get(first.push.kind, {}).get(first.due.person_id),
            held=tuple(self.held.get(to.id, ())) if first.push.takes_held else (),
        )

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
            self.rows.append(row)

"""Says what is due: reads, lets each kind choose, and writes what goes out as rows, each once. Any
number of processes may tick; what one has made of a thing stands in its row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.domain.clock import local_day
from bot.domain.pushing import Verdict, Wishes, newest
from bot.domain.quiet import at
from bot.messages import Reply
from bot.policy import Policy
from bot.push_desk import Desk
from bot.push_items import Item, Judge, Outlook, Place, batches, is_for, named, routed
from bot.pushes import Push
from storage.database import DOWN, open_session
from storage.push_settings import wishes_at
from storage.pushes import known_topics, lock_people, receivers

log = structlog.get_logger(__name__)

_DAYS_WALKED = 62


@dataclass(frozen=True)
class Pusher:
    """Ticks for one program."""

    engine: Engine
    pushes: tuple[Push, ...]
    policy: Policy

    def tick(
        self, now: datetime, place: Place = Place.PLATFORMS, *, only: str | None = None
    ) -> list[Reply]:
        """Say everything that is due, or what is due to `only` this login; gives what was said at
        the terminal."""
        with Session(self.engine) as session:
            asleep = self.policy.quiet_hours().covers(now)
            outlook = self.outlook(session, now, place, only_urgent=asleep)
        said: list[Reply] = []
        for people in batches(outlook.for_login(only)):
            try:
                said += self._say_to(people, outlook, now, place)
            except IntegrityError:
                log.info("push_said_elsewhere", people=len(people))
        return said

    def advance(
        self, since: datetime | None, until: datetime, only: str | None = None
    ) -> list[Reply]:
        """Say at the terminal what is due up to `until`, each thing at its own time; without a
        time before that, from the beginning of that day."""
        morning = at(local_day(until), time())
        current = since if since is not None and since <= until else morning
        current = max(current, until - timedelta(days=_DAYS_WALKED))
        said = self.tick(current, Place.TERMINAL, only=only)
        for evening in _evenings(current, until):
            while (following := self._next(current, evening)) is not None:
                said += self.tick(following, Place.TERMINAL, only=only)
                current = following
            current = evening
        return said

    def outlook(
        self, session: Session, now: datetime, place: Place, *, only_urgent: bool = False
    ) -> Outlook:
        """What is due now and was not said before, of each subject the newest."""
        wishes = wishes_at(session, now)
        kinds = [push for push in self.pushes if push.at_night or not only_urgent]
        found = self._found(session, now, kinds)
        fresh = _unsaid(session, newest(found, lambda i: i.topic, lambda i: i.due.at))
        sent = [routed(item, now, wishes) for item in fresh]
        ids = {person for item in sent for person in (item.to, item.due.person_id)}
        people = receivers(session, sorted(ids))
        known = [named(item, people) for item in sent]
        kept = [item for item in known if is_for(item, people, place)]
        return Outlook(kept, wishes, people)

    def judge(self, now: datetime, wishes: Mapping[int, Wishes]) -> Judge:
        """Decides at this moment."""
        return Judge(self.policy, now, wishes)

    def _next(self, current: datetime, horizon: datetime) -> datetime | None:
        """The next moment up to the horizon at which something goes out, as things are now."""
        with Session(self.engine) as session:
            wishes = wishes_at(session, current)
            unsaid = _unsaid(session, self._found(session, horizon, self.pushes))
        judge = self.judge(current, wishes)
        moments = (judge.goes_at(routed(item, current, wishes)) for item in unsaid)
        return min((one for one in moments if current < one <= horizon), default=None)

    def _found(self, session: Session, now: datetime, kinds: Iterable[Push]) -> list[Item]:
        return [item for push in kinds for item in self._of_kind(session, push, now)]

    def _of_kind(self, session: Session, push: Push, now: datetime) -> list[Item]:
        """One kind that is broken must not silence the others."""
        try:
            return [Item(push, due) for due in push.due(session, now, self.policy)]
        except DOWN:
            raise
        except Exception:
            session.rollback()
            log.exception("push_kind_broken", kind=push.kind)
            return []

    def _say_to(
        self, items: Sequence[Item], outlook: Outlook, now: datetime, place: Place
    ) -> list[Reply]:
        judge = self.judge(now, outlook.wishes)
        items = [item for item in items if judge.verdict(item, room=1) != Verdict.WAIT]
        if not items:
            return []
        facts = self._facts(items, now)
        with open_session(self.engine) as session:
            desk = Desk(session, judge, place, outlook.people, facts)
            said = desk.say(_unsaid(session, items, lock=True))
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
                kind: self._gathered(session, push, sorted(people), now)
                for kind, (push, people) in wanted.items()
            }

    def _gathered(
        self, session: Session, push: Push, people: Sequence[int], now: datetime
    ) -> Mapping[int, Any]:
        """Nothing when it is broken: then this kind has nothing to say, and the others do."""
        try:
            return push.gather(session, people, now, self.policy) if push.gather else {}
        except DOWN:
            raise
        except Exception:
            session.rollback()
            log.exception("push_kind_broken", kind=push.kind)
            return {}


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


def _evenings(since: datetime, until: datetime) -> Iterator[datetime]:
    """The end of each day up to a moment, and the moment itself."""
    day = local_day(since)
    while day < local_day(until):
        yield at(day, time.max)
        day += timedelta(days=1)
    yield until

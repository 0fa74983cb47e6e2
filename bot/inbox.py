"""The door: a message is kept and queued before its platform hears that it arrived."""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine as Database
from sqlmodel import Session

from bot.channel import Channel, ChannelError, InboxClosedError, MenuItem
from bot.delivery import Courier
from bot.dispatch import Dispatcher
from bot.durable import AWAY, Engine
from bot.gate import Gate
from bot.hearing import waiting_key
from bot.messages import Incoming, Reply
from bot.metrics import Metrics
from bot.outbox import Address, post_alone
from bot.pacing import Bucket
from bot.reception import Received
from storage.accounts import lose, who_is
from storage.database import DOWN, open_session
from storage.deliveries import is_queued
from storage.messages import Message
from storage.people import Role

log = structlog.get_logger(__name__)
T = TypeVar("T")

WORKING = "收到，正在整理…"
WORKING_AFTER_SECONDS = 0.7
"""Every message gets something back within a second; what is answered by then needs no notice."""

SAME_BREATH_SECONDS = 3.0
"""So long a chat hears of one notice at most; who still waits then hears of the next."""

SLOW = "看到了，系统有点慢，正在存您这条。不用重发。"
SLOW_AGAIN_SECONDS = 60.0

TOO_FAST = "发得太快了，从刚才这条起都没有收下。请停一分钟，再从这条发起。"
PER_MINUTE = 60
"""Messages of one account; nobody dictates faster, a stuck key or a script does."""

LONGEST_SECONDS = 8.0
"""For keeping one message; WeCom and Telegram repeat what is not acknowledged by then."""

DOORMEN = 4
"""Messages that are kept at the same time."""


@dataclass(kw_only=True)
class Door:
    """An Inbox for every channel of this process."""

    database: Database
    dispatcher: Dispatcher
    gate: Gate
    engine: Engine
    courier: Courier
    channels: Mapping[str, Channel]
    metrics: Metrics
    clock: Callable[[], datetime]
    menu_of: Callable[[Role], Sequence[MenuItem]]
    alarm_early: Callable[[int], None] = lambda _: None
    _rates: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    _breaths: dict[tuple[str, str], "_Breath"] = field(default_factory=dict)
    _told_slow: dict[tuple[str, str], float] = field(default_factory=dict)
    _errands: set[asyncio.Task[None]] = field(default_factory=set)
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(DOORMEN, thread_name_prefix="door")
    )
    _alarms: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(DOORMEN, thread_name_prefix="alarm")
    )
    _notices: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(DOORMEN, thread_name_prefix="notice")
    )

    async def take(self, incoming: Incoming) -> None:
        """Keep a message and queue it. Raises InboxClosedError when that is not possible now."""
        started, outcome = time.monotonic(), "closed"
        slow = asyncio.get_running_loop().call_later(
            WORKING_AFTER_SECONDS, lambda: self._soon(self._say_slow(incoming))
        )
        admit = self._admit if self._is_slow_enough(incoming) else self._turn_away
        try:
            admitted = await self._in_time(lambda: admit(incoming))
            outcome = admitted.outcome
        finally:
            slow.cancel()
            self.metrics.taken(incoming.channel, outcome, time.monotonic() - started)
        if admitted.message_id is not None:
            self._soon(self._reassure(incoming, admitted.message_id))
        if admitted.joined is not None:
            self._soon(self._offer_menu(incoming, admitted.joined))

    async def lost(self, channel: str, account: str) -> None:
        """Nothing reaches this account any more. Raises InboxClosedError."""

        def forget() -> None:
            with open_session(self.database) as session:
                lose(session, channel, account, now=self.clock())
                session.commit()

        await self._in_time(forget)

    async def close(self) -> None:
        """Finish what is being kept."""
        for errand in list(self._errands):
            errand.cancel()
        await asyncio.to_thread(self._pool.shutdown)
        await asyncio.to_thread(self._notices.shutdown, cancel_futures=True)
        self._alarms.shutdown(wait=False, cancel_futures=True)  # they may wait for the database

    async def _in_time(self, work: Callable[[], T]) -> T:
        waiting = asyncio.get_running_loop().run_in_executor(self._pool, work)
        waiting.add_done_callback(_look_at)  # nobody may be waiting any more when it fails
        try:
            return await asyncio.wait_for(asyncio.shield(waiting), LONGEST_SECONDS)
        except TimeoutError:
            log.warning("inbox_closed", error="timeout")
            raise InboxClosedError from None
        except AWAY as error:
            log.warning("inbox_closed", error=type(error).__name__)
            raise InboxClosedError from None

    def _admit(self, incoming: Incoming) -> "_Admitted":
        with self.gate.first():
            received = self.dispatcher.receive(incoming, now=self.clock())
            if isinstance(received, Received):
                self.engine.queue_message(received.message_id, received.person.id or 0)
        if isinstance(received, Received):
            return _Admitted("kept", message_id=received.message_id)
        if received.replies:
            self._queue_answer(incoming)
        return _Admitted("answered", joined=received.joined)

    def _turn_away(self, incoming: Incoming) -> "_Admitted":
        """Say once a minute that it goes too fast, to people whom we know."""
        now = self.clock()
        key = f"fast-{incoming.channel}-{incoming.account}-{now:%Y%m%d%H%M}"
        with open_session(self.database) as session:
            person = who_is(session, incoming.channel, incoming.account)
            if person is not None and not is_queued(session, key):
                address = Address(incoming.channel, incoming.chat, None)
                post_alone(session, key, address, Reply(TOO_FAST), now)
                session.commit()
                self._queue_answer(incoming)
        return _Admitted("too_fast")

    def _queue_answer(self, incoming: Incoming) -> None:
        about = f"door-{incoming.channel}-{incoming.id}"
        self.engine.queue_delivery(incoming.channel, incoming.chat, about=about)

    def _is_slow_enough(self, incoming: Incoming) -> bool:
        """By the time when it was said: what waited for the end of an outage comes all at once."""
        now, who = incoming.at.timestamp(), (incoming.channel, incoming.account)
        if len(self._rates) > 10_000:
            self._rates = {w: b for w, b in self._rates.items() if not b.is_full(now)}
        full = float(PER_MINUTE)
        return self._rates.setdefault(who, Bucket(full / 60, full, full, now)).has_room(now)

    def _soon(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _say_slow(self, incoming: Incoming) -> None:
        """Say that keeping a message takes longer than it should; once a minute."""
        now, where = time.monotonic(), (incoming.channel, incoming.chat)
        if now - self._told_slow.get(where, -SLOW_AGAIN_SECONDS) < SLOW_AGAIN_SECONDS:
            return
        if len(self._told_slow) > 10_000:
            self._told_slow.clear()
        self._told_slow[where] = now
        with suppress(ChannelError):
            notice = Reply(SLOW, passing=True)
            channel = self.channels[incoming.channel]
            await channel.send(incoming.chat, notice, answers=incoming.id)

    async def _reassure(self, incoming: Incoming, message_id: int) -> None:
        """Say that it is being worked on, when that takes a while; what must not wait for its turn
        in the lane is told before."""
        await asyncio.sleep(WORKING_AFTER_SECONDS)
        loop = asyncio.get_running_loop()
        alarm = loop.run_in_executor(self._alarms, self.alarm_early, message_id)
        alarm.add_done_callback(_look_at)
        breath = self._breath_of(incoming)
        async with breath.turn:
            await asyncio.sleep(breath.told_at + SAME_BREATH_SECONDS - time.monotonic())
            post = self._post_notice
            if not await loop.run_in_executor(self._notices, post, incoming, message_id):
                return
            breath.told_at = time.monotonic()
        with suppress(ChannelError):
            await self.channels[incoming.channel].show_working(incoming.chat)

    def _breath_of(self, incoming: Incoming) -> "_Breath":
        if len(self._breaths) > 10_000:
            self._breaths = {w: b for w, b in self._breaths.items() if b.turn.locked()}
        return self._breaths.setdefault((incoming.channel, incoming.chat), _Breath())

    def _post_notice(self, incoming: Incoming, message_id: int) -> bool:
        """In the row before the answer's, so that it cannot come after it. It is nobody's to be
        told later, should it not arrive."""
        key = f"working-{message_id}"
        try:
            if not self._posted_notice(incoming, message_id, key):
                return False
            self.courier.deliver(incoming.channel, incoming.chat, by=key)
        except DOWN:
            notice = Reply(WORKING, passing=True)
            self.courier.say_now(incoming.channel, incoming.chat, notice, answers=incoming.id)
        return True

    def _posted_notice(self, incoming: Incoming, message_id: int, key: str) -> bool:
        with Session(self.database) as session:
            if session.get_one(Message, message_id).answered_at is not None:
                return False
        with self.gate.inside(), open_session(self.database) as session:
            message = session.get_one(Message, message_id, with_for_update=True)
            told = is_queued(session, key) or is_queued(session, waiting_key(message_id))
            if message.answered_at is not None or told:
                return False
            address = Address(incoming.channel, incoming.chat, None)
            notice = Reply(WORKING, passing=True)
            post_alone(session, key, address, notice, self.clock(), answers=incoming.id)
            session.commit()
            return True

    async def _offer_menu(self, incoming: Incoming, role: Role) -> None:
        with suppress(ChannelError):
            channel = self.channels[incoming.channel]
            await channel.offer_menu(incoming.chat, self.menu_of(role))


def _look_at(done: "asyncio.Future[Any]") -> None:
    if not done.cancelled():
        done.exception()


@dataclass(slots=True)
class _Breath:
    """When a chat was reassured last, and whose turn it is to be next."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    told_at: float = -math.inf


@dataclass(frozen=True, slots=True)
class _Admitted:
    outcome: str
    message_id: int | None = None
    joined: Role | None = None

"""Sends what waits for a chat, in order, within the platform's limits, and records what became of
it. Whoever holds the claim on a chat's first row sends; the rows of one chat never overtake."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from bot.bridge import Bridge
from bot.channel import (
    Channel,
    ChannelDownError,
    ChannelError,
    MovedError,
    RefusedError,
    SlowDownError,
    UnreachableError,
)
from bot.domain.reach import REFUSED
from bot.messages import Reply
from bot.metrics import Metrics
from bot.outbox import tell_admins
from bot.pacing import Pacer
from storage.accounts import lose_chat
from storage.database import open_session
from storage.deliveries import (
    STALE,
    Delivery,
    DeliveryStatus,
    claim_next,
    move_chat,
    put_off,
    take_older_cards,
)

log = structlog.get_logger(__name__)

SHORT_WAIT_SECONDS = 3.0
"""A pause that a platform asks for and that is waited out on the spot."""

GIVE_UP_AFTER = timedelta(days=1)
LONGEST_PAUSE = timedelta(minutes=1)
NO_CHANNEL_PAUSE = timedelta(minutes=10)


class Courier:
    """The one way out, called from worker threads. `holder` is the process in whose name it claims
    what it sends."""

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        bridge: Bridge,
        clock: Callable[[], datetime],
        metrics: Metrics,
        *,
        holder: str = "alone",
    ) -> None:
        self._engine = engine
        self._channels = channels
        self._bridge = bridge
        self._clock = clock
        self._metrics = metrics
        self._holder = holder
        self._pacers = {name: Pacer(channel.pace) for name, channel in channels.items()}
        self._unrecorded: dict[int | None, str | None] = {}
        """What has arrived while the database was away: not to be sent again."""

    def deliver(self, channel: str, chat: str, *, by: str) -> None:
        """Send everything that waits for a chat until it is empty, somebody else sends, or the
        platform must be left alone for a while. `by` names who claims, the same after a restart."""
        while self._can_send(channel) and (row := self._claimed(channel, chat, by)) is not None:
            if not self._handled(row):
                return

    def _can_send(self, channel: str) -> bool:
        """Whether it is for this process to send there; what is for nobody is put off by whoever
        comes across it."""
        known = self._channels.get(channel)
        return known is None or known.ready

    def say_now(self, channel: str, chat: str, reply: Reply, *, answers: str | None = None) -> None:
        """Say something of the moment without a record, while none can be kept."""
        try:
            self._bridge.wait(self._channels[channel].send(chat, reply, answers=answers))
        except ChannelError as error:
            log.info("not_said", channel=channel, reason=error.reason)

    def _claimed(self, channel: str, chat: str, by: str) -> Delivery | None:
        with open_session(self._engine) as session:
            mine = f"{self._holder}/{by}"
            row = claim_next(session, channel, chat, by=mine, now=self._clock())
            session.commit()
            return row

    def _handled(self, row: Delivery) -> bool:
        """Whether the next one may follow at once."""
        channel = self._channels.get(row.channel)
        if self._is_useless(row):
            self._expire(row)
            return True
        if channel is None:
            self._put_off(row, NO_CHANNEL_PAUSE, "no_channel")
            return False
        try:
            self._send(channel, row)
        except MovedError as moved:
            self._move(row, moved.chat)
            return False
        except SlowDownError as slow:
            return self._slowed(row, slow.seconds)
        except ChannelDownError as down:
            self._put_off(row, pause_after(row.tries), down.reason)
            return False
        except ChannelError as final:
            self._fail(row, final)
        return True

    def _send(self, channel: Channel, row: Delivery) -> None:
        reply = Reply.load(row.body)
        if row.id not in self._unrecorded:
            self._wait_for_turn(row)
            sending = channel.send(row.chat, reply, over=row.over, answers=row.answers, key=row.key)
            self._unrecorded[row.id] = self._bridge.wait(sending)
        with open_session(self._engine) as session:
            done = session.get_one(Delivery, row.id)
            done.status, done.sent_id = DeliveryStatus.DELIVERED, self._unrecorded[row.id]
            done.body = reply.kept().dump()
            done.done_at = self._clock()
            old = [row.retires] if row.retires else take_older_cards(session, done, reply.card)
            session.commit()
        del self._unrecorded[row.id]
        self._metrics.delivered(row.channel, "delivered")
        self._retire(channel, row.chat, [one for one in old if one is not None])

    def _wait_for_turn(self, row: Delivery) -> None:
        pacer = self._pacers[row.channel]
        time.sleep(pacer.rest(row.chat, time.monotonic()))
        time.sleep(pacer.line_up(row.chat, time.monotonic()))

    def _retire(self, channel: Channel, chat: str, old: list[str]) -> None:
        """Buttons of an older card go; when that fails, pressing one still says that it is over."""
        for one in old:
            try:
                self._bridge.wait(channel.retire(chat, one))
            except ChannelError as error:
                log.info("card_not_retired", channel=channel.name, reason=error.reason)

    def _slowed(self, row: Delivery, seconds: float) -> bool:
        if seconds > SHORT_WAIT_SECONDS:
            self._put_off(row, timedelta(seconds=seconds), "slow_down")
            return False
        time.sleep(seconds)
        self._put_off(row, timedelta(0), "slow_down")
        return True

    def _put_off(self, row: Delivery, pause: timedelta, reason: str) -> None:
        now = self._clock()
        if now - row.created_at > GIVE_UP_AFTER:
            self._fail(row, RefusedError("expired"))
            return
        log.info("delivery_put_off", delivery=row.id, channel=row.channel, reason=reason)
        self._metrics.delivered(row.channel, "put_off")
        with open_session(self._engine) as session:
            put_off(session, row, until=now + pause, problem=reason)
            session.commit()

    def _move(self, row: Delivery, chat: str) -> None:
        """The whole chat goes on elsewhere, with all that waits for it."""
        log.info("chat_moved", channel=row.channel)
        with open_session(self._engine) as session:
            move_chat(session, row.channel, row.chat, to=chat)
            session.commit()

    def _is_useless(self, row: Delivery) -> bool:
        """Whether its time is over and it has not arrived already."""
        if row.until is None or row.id in self._unrecorded:
            return False
        return row.until <= self._clock()

    def _expire(self, row: Delivery) -> None:
        """It is of no use any more: the next briefing tells of it, nobody is alarmed."""
        log.info("delivery_expired", delivery=row.id, channel=row.channel)
        self._metrics.delivered(row.channel, "expired")
        with open_session(self._engine) as session:
            late = session.get_one(Delivery, row.id)
            late.status, late.problem, late.done_at = DeliveryStatus.FAILED, STALE, self._clock()
            session.commit()

    def _fail(self, row: Delivery, error: ChannelError) -> None:
        """It is over: kept with its reason, told to the owner later and to the admins now."""
        gone = isinstance(error, UnreachableError)
        reason = error.reason if gone or error.reason == "expired" else REFUSED
        log.warning("delivery_failed", delivery=row.id, channel=row.channel, reason=error.reason)
        self._metrics.delivered(row.channel, "failed")
        try:
            self._record_failure(row, reason, gone=gone)
        except IntegrityError:  # the admins were told by another process at the same moment
            self._record_failure(row, reason, gone=gone)

    def _record_failure(self, row: Delivery, reason: str, *, gone: bool) -> None:
        now = self._clock()
        with open_session(self._engine) as session:
            failed = session.get_one(Delivery, row.id)
            failed.status, failed.problem = DeliveryStatus.FAILED, reason
            failed.body, failed.done_at = Reply.load(row.body).kept().dump(), now
            if gone:
                lose_chat(session, row.channel, row.chat, now=now)
            if reason != REFUSED:
                tell_admins(session, failed, reason, now=now)
            session.commit()


def pause_after(tries: int) -> timedelta:
    """How long a platform that is out of order is left alone: 1, 2, 4 … seconds, a minute at
    most."""
    return min(timedelta(seconds=2 ** min(max(tries - 1, 0), 10)), LONGEST_PAUSE)

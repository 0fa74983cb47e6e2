"""The steps of one message behind the queue: written down, alarmed, understood, answered, sent.

Each step may be run again after a crash: what it did stands in our own rows.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from bot.channel import Channel, ChannelDownError, ChannelError
from bot.delivery import Courier
from bot.dispatch import Dispatcher
from bot.domain.clock import say_day, to_local
from bot.durable import EngineDownError
from bot.gate import Gate
from bot.hearing import (
    GIVEN_UP,
    GONE,
    WAITING,
    CannotHearError,
    refuse_conversation,
    waiting_key,
)
from bot.intent import Understanding
from bot.media import MediaStore
from bot.messages import Incoming, MediaKind, Reply
from bot.metrics import Metrics
from bot.outbox import Address, post_alone
from bot.reception import Received
from bot.speech.errors import SpeechUnavailableError
from storage.database import DOWN, open_session
from storage.deliveries import is_queued, waiting_chats

log = structlog.get_logger(__name__)
T = TypeVar("T")

PATIENCE_SECONDS = 20.0
"""So long a voice message holds up its person's lane while nothing writes it down; then it waits
beside the lane, and what is typed meanwhile is answered."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 15.0
GIVE_UP_AFTER = timedelta(days=1)


class Stopped(BaseException):
    """The process is told to stop; the work goes on at the next start. No error, so that nobody who
    answers errors answers it."""


class QueueDelivery(Protocol):
    """Has a chat's waiting rows sent by whoever is free."""

    def __call__(self, channel: str, chat: str, *, about: str) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Worker:
    """What the workflows of the engine do. Every method runs in a thread of its own."""

    database: Engine
    dispatcher: Dispatcher
    gate: Gate
    channels: Mapping[str, Channel]
    media: MediaStore
    courier: Courier
    metrics: Metrics
    queue_delivery: QueueDelivery
    clock: Callable[[], datetime]
    stopping: threading.Event

    def understand(self, message_id: int) -> dict[str, Any] | None:
        """What a message means, as plain data; None when it must be tried again later, or was
        answered by another try."""
        incoming, received = self._computed(lambda: self.dispatcher.recall(message_id))
        try:
            incoming, received = self._heard(incoming, received)
            self._fetch_file(incoming, received)
        except CannotHearError as situation:
            self._alarm(incoming, received)
            return situation.meaning.model_dump(mode="json")
        except (SpeechUnavailableError, ChannelDownError) as error:
            self._alarm(incoming, received)
            log.info("message_put_off", message=message_id, reason=str(error))
            return None
        if received.is_answered:
            return None
        self._alarm(incoming, received)
        meant = self._computed(lambda: self.dispatcher.understand(incoming, received))
        return meant.model_dump(mode="json")

    def answer(self, message_id: int, meant: dict[str, Any]) -> None:
        """Do what was meant, once, and send what is to be said."""
        incoming, received = self._computed(lambda: self.dispatcher.recall(message_id))
        with suppress(ChannelDownError):
            incoming = self._with_file(incoming, received)
        understanding = Understanding.model_validate(meant)
        self._computed(
            lambda: self.dispatcher.apply(incoming, received, understanding, now=self.clock())
        )
        if incoming.media is not None:
            self.media.drop_file(incoming.media, message_id)
        taken = (self.clock() - incoming.at).total_seconds()
        self.metrics.answered(incoming.channel, understanding.kind, taken)
        self._send_out(incoming, received)

    def alarm_early(self, message_id: int) -> None:
        """Raise what a message tells of that must not wait for its turn in the lane (SY-01)."""
        incoming, received = self._computed(lambda: self.dispatcher.recall(message_id))
        if received.is_answered:
            return
        if self._computed(lambda: self.dispatcher.alarm(incoming, received, now=self.clock())):
            for channel, chat, first in self._waiting(received):
                self._queue_out(channel, chat, first)

    def deliver(self, channel: str, chat: str, by: str) -> None:
        """Send what waits for a chat."""
        self._patiently(lambda: self.courier.deliver(channel, chat, by=by))

    def _alarm(self, incoming: Incoming, received: Received) -> None:
        if self._computed(lambda: self.dispatcher.alarm(incoming, received, now=self.clock())):
            self._send_out(incoming, received)

    def _heard(self, incoming: Incoming, received: Received) -> tuple[Incoming, Received]:
        """A voice message with its words; any other one as it is."""
        refuse_conversation(incoming, received)
        media = incoming.media
        if media is None or media.kind is not MediaKind.VOICE:
            return incoming, received
        try:
            heard = (incoming, received) if received.text else self._in_time(incoming, received)
        except CannotHearError:
            self.media.drop_audio(media, received.message_id, refused=True)
            raise
        self.media.drop_audio(media, received.message_id, refused=False)
        return heard

    def _in_time(self, incoming: Incoming, received: Received) -> tuple[Incoming, Received]:
        """The words of a voice that is not too old to go on trying."""
        try:
            return self._tried(incoming, received)
        except (SpeechUnavailableError, ChannelDownError):
            if self.clock() - incoming.at < GIVE_UP_AFTER:
                raise
        said = to_local(incoming.at)
        raise CannotHearError(GIVEN_UP.format(day=say_day(said.date()), time=f"{said:%H:%M}"))

    def _tried(self, incoming: Incoming, received: Received) -> tuple[Incoming, Received]:
        """Again and again for a little while, as long as the message is young."""
        for waited in self._tries():
            try:
                return self._patiently(lambda: self._hear_once(incoming, received))
            except (SpeechUnavailableError, ChannelDownError):
                self.metrics.failed("speech")
                self._patiently(lambda: self._tell_waiting(incoming, received))
                late = self.clock() - incoming.at > timedelta(seconds=2 * PATIENCE_SECONDS)
                if late or waited >= PATIENCE_SECONDS:
                    raise
        raise AssertionError("tries never end")

    def _hear_once(self, incoming: Incoming, received: Received) -> tuple[Incoming, Received]:
        channel, media = self.channels.get(incoming.channel), incoming.media
        if channel is None or media is None:
            raise ChannelDownError("no_channel")
        try:
            return self.dispatcher.hear(
                incoming,
                received,
                lambda: self.media.audio(channel, media, received.message_id),
            )
        except ChannelDownError:
            raise
        except ChannelError:
            raise CannotHearError(GONE) from None

    def _tell_waiting(self, incoming: Incoming, received: Received) -> None:
        """Say once that the voice is safe though nobody can write it down now."""
        key = waiting_key(received.message_id)
        address = Address(incoming.channel, incoming.chat, None)
        with open_session(self.database) as session:
            if is_queued(session, key):
                return
            post_alone(session, key, address, Reply(WAITING), self.clock())
            session.commit()
        self.courier.deliver(incoming.channel, incoming.chat, by=key)

    def _fetch_file(self, incoming: Incoming, received: Received) -> None:
        """Have a file that was sent on this machine. Raises ChannelDownError when it must be tried
        again later; one that cannot be had at all is told of when it is to be used."""
        for waited in self._tries():
            try:
                self._with_file(incoming, received)
            except ChannelDownError:
                late = self.clock() - incoming.at >= GIVE_UP_AFTER
                if waited >= PATIENCE_SECONDS and not late:
                    raise
                if late:
                    return
            else:
                return

    def _with_file(self, incoming: Incoming, received: Received) -> Incoming:
        """With the file that was sent; without it when it cannot be had. Raises
        ChannelDownError."""
        channel, media = self.channels.get(incoming.channel), incoming.media
        if channel is None or media is None or media.kind is not MediaKind.FILE:
            return incoming
        if not self.dispatcher.wants_file(received, media.name):
            return incoming
        try:
            return replace(incoming, file=self.media.file(channel, media, received.message_id))
        except ChannelDownError:
            raise
        except ChannelError:
            return incoming

    def _send_out(self, incoming: Incoming, received: Received) -> None:
        """The person's own chat at once and in order, everybody else's by whoever is free."""

        for channel, chat, first in self._waiting(received):
            if (channel, chat) == (incoming.channel, incoming.chat):
                self.deliver(channel, chat, f"message-{received.message_id}")
            else:
                self._queue_out(channel, chat, first)

    def _waiting(self, received: Received) -> list[tuple[str, str, int]]:
        """The chats that are still to be told something about a message."""

        def waiting() -> list[tuple[str, str, int]]:
            with Session(self.database) as session:
                return waiting_chats(session, received.message_id)

        return self._computed(waiting)

    def _queue_out(self, channel: str, chat: str, first: int) -> None:
        with suppress(EngineDownError):  # the clock looks for what was left
            self.queue_delivery(channel, chat, about=f"{first}-0")

    def _computed(self, work: Callable[[], T]) -> T:
        """Do what needs the processor, when there is room."""

        def inside() -> T:
            with self.gate.inside():
                return work()

        return self._patiently(inside)

    def _patiently(self, work: Callable[[], T]) -> T:
        """Try as long as the database is away: what was said must not be lost. Raises Stopped."""
        for _ in self._tries():
            try:
                return work()
            except DOWN as error:
                self.metrics.failed("database")
                log.warning("database_away", error=type(error).__name__)
        raise AssertionError("tries never end")

    def _tries(self) -> Iterator[float]:
        """For ever, with longer and longer pauses between; the seconds that were waited so far.
        Raises Stopped."""
        waited, pause = 0.0, FIRST_PAUSE_SECONDS
        while True:
            yield waited
            if self.stopping.wait(pause):
                raise Stopped
            waited, pause = waited + pause, min(2 * pause, LONGEST_PAUSE_SECONDS)

"""One turn: who is it, what do they want, run it in one session, commit, reply.

`receive`, `alarm`, `understand` and `apply` are separate so that a durable engine can checkpoint
between them: `understand` writes nothing, and no model is waited for while a transaction is open.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from bot.alerts import raise_flags
from bot.answering import Answerer
from bot.domain.errors import StaleCardError, UserError
from bot.domain.note import Flag
from bot.hearing import CannotHearError, Hearing
from bot.intent import NEVER_LOST, Understander, Understanding
from bot.meaning import Interpreter
from bot.messages import Incoming, MediaKind, Reply
from bot.outbox import late_news, post
from bot.policy import Policy
from bot.reception import Closed, Received, recall, receive
from bot.registry import Registry
from bot.rewording import is_raised, new_flags, supplement
from bot.speech.errors import SpeechUnavailableError
from bot.speech.listening import Listener
from bot.turn import Turn
from bot.understanding import screening
from bot.understanding.proposer import Proposer
from storage.database import DOWN, open_session
from storage.flags import flags_of_message
from storage.messages import Message
from storage.people import Person

log = structlog.get_logger(__name__)

BUSY = "现在有点忙，这条还没有存上。请过一会儿再发一次。"
BUSY_KEPT = "现在有点忙，这条的内容留着了，但还没有处理。请过一会儿再发一次。"
HEARD = "听到的是：「{text}」"
SPEECH_DOWN = "听写服务暂时连不上，这段没有记下。请过一会儿再发，或打成字。"
SORRY = "这条我没处理好，内容已经留着了（编号 {number}）。请稍后再发一次，或告诉管理员这个编号。"

Done = TypeVar("Done")

_TRIES = 3


class Dispatcher:
    """Takes what a channel received through understanding to the replies."""

    def __init__(
        self,
        engine: Engine,
        registry: Registry,
        policy: Policy,
        proposer: Proposer,
        files: Path,
        *,
        listener: Listener | None = None,
    ) -> None:
        self._engine = engine
        self._registry = registry
        self._policy = policy
        understander = Understander(registry, policy, proposer)
        self._interpreter = Interpreter(engine, registry, policy, understander)
        self._answerer = Answerer(registry)
        self._files = files
        self._hearing = Hearing(engine, listener)

    def handle(self, incoming: Incoming) -> list[Reply]:
        """The whole way, for a channel that waits for the answer."""
        received = None
        try:
            received = receive(self._engine, self._policy, incoming, now=incoming.at)
            if isinstance(received, Closed):
                return received.replies
            return self._answer(incoming, received)
        except DOWN:
            log.warning("database_down")
            return [Reply(BUSY if received is None else BUSY_KEPT)]

    def _answer(self, incoming: Incoming, received: Received) -> list[Reply]:
        try:
            incoming, received = self.hear(incoming, received, lambda: _local(incoming))
        except SpeechUnavailableError:
            meant = CannotHearError(SPEECH_DOWN).meaning
        except CannotHearError as situation:
            self.alarm(incoming, received, now=incoming.at)
            meant = situation.meaning
        else:
            self.alarm(incoming, received, now=incoming.at)
            meant = self.understand(incoming, received)
        return self.apply(incoming, received, meant, now=incoming.at)

    def receive(self, incoming: Incoming, *, now: datetime) -> Received | Closed:
        """Keep a message. Raises one of storage's DOWN when it cannot be kept now."""
        return receive(self._engine, self._policy, incoming, now=now)

    def recall(self, message_id: int) -> tuple[Incoming, Received]:
        """A message that was kept, to go on working on it."""
        return recall(self._engine, self._policy, message_id)

    def wants_file(self, received: Received, name: str) -> bool:
        """Whether anything will be done with a file of this name that the person sent."""
        handler = self._registry.file_handler(name)
        return handler is not None and received.person.role in handler.roles

    def hear(
        self, incoming: Incoming, received: Received, audio: Callable[[], Path]
    ) -> tuple[Incoming, Received]:
        """A voice message with its words; any other one as it is. Raises what Hearing.hear does."""
        if not self._hearing.waits(incoming, received):
            return incoming, received
        return self._hearing.hear(incoming, received, audio)

    def alarm(self, incoming: Incoming, received: Received, *, now: datetime) -> list[Reply]:
        """Raise what must never be lost, in a transaction of its own and before a model is asked:
        whatever happens to the rest of the turn, the alert is out (SY-01). What was written beside
        a voice counts when the voice itself has no words."""

        def alarmed() -> list[Reply]:
            heard = _with_caption(incoming, received)
            told = _never_lost(heard)
            if not told and incoming.edits is None:
                return []
            return self._committed(lambda s: self._alarmed(s, incoming, heard, told, now=now))

        return self._surely(received, alarmed, otherwise=lambda _: [])

    def _alarmed(
        self,
        session: Session,
        incoming: Incoming,
        received: Received,
        told: list[Flag],
        *,
        now: datetime,
    ) -> list[Reply]:
        message = session.get_one(Message, received.message_id, with_for_update=True)
        known = [Reply.load(stored) for stored in message.alerts]
        raised = flags_of_message(session, received.message_id)
        told = [flag for flag in told if not is_raised(flag, raised)]
        if message.answered_at is not None or not (told or incoming.edits):
            return known
        is_more = self._interpreter.is_more_of_an_event
        if incoming.edits is None and is_more(session, received, incoming.at):
            return known
        turn = self._turn(session, incoming, received)
        new = new_flags(session, incoming, received.person, told)
        said = [
            *raise_flags(turn, new, None, received.text),
            *supplement(turn, incoming, received.text),
        ]
        alerts = [*said, *turn.pushes]
        message.alerts = _dumped([*known, *alerts])
        post(
            session,
            incoming,
            alerts,
            now=now,
            person=received.person,
            message_id=received.message_id,
            first=len(known),
        )
        return [*known, *alerts]

    def understand(self, incoming: Incoming, received: Received) -> Understanding:
        """What the person wants. Reads, may wait for a model, writes nothing."""
        return self._surely(
            received,
            lambda: self._interpreter.interpret(incoming, received),
            otherwise=lambda sentence: Understanding(kind="refusal", target=sentence),
        )

    def apply(
        self,
        incoming: Incoming,
        received: Received,
        understanding: Understanding,
        *,
        now: datetime,
    ) -> list[Reply]:
        """Run it in one transaction, once; the replies, which begin with the alerts, are stored
        and queued with what they tell about."""

        def applied(session: Session) -> list[Reply]:
            message = session.get_one(Message, received.message_id, with_for_update=True)
            if message.answered_at is not None:
                return [Reply.load(stored) for stored in message.replies]
            stale = False
            try:
                said = self._answerer.answer(
                    self._turn(session, incoming, received), incoming, received, understanding
                )
            except UserError as situation:
                session.rollback()
                turn = self._turn(session, incoming, received)
                masked = raise_flags(turn, received.flags, None, received.text)
                said = [Reply(situation.sentence), *masked, *turn.pushes]
                stale = isinstance(situation, StaleCardError)
            news = late_news(session, received.person, now=now)
            said = [*_transcript(incoming, received), *news, *said]
            return self._store(session, incoming, received, said, now=now, stale=stale)

        def refused(sentence: str) -> list[Reply]:
            return self._committed(
                lambda session: self._store(session, incoming, received, [Reply(sentence)], now=now)
            )

        return self._surely(received, lambda: self._committed(applied), otherwise=refused)

    def _store(
        self,
        session: Session,
        incoming: Incoming,
        received: Received,
        said: list[Reply],
        *,
        now: datetime,
        stale: bool = False,
    ) -> list[Reply]:
        message = session.get_one(Message, received.message_id)
        alerts = [Reply.load(stored) for stored in message.alerts]
        replies = [*alerts, *said]
        message.replies, message.answered_at = _dumped(replies), now
        post(
            session,
            incoming,
            said,
            now=now,
            person=received.person,
            message_id=received.message_id,
            first=len(alerts),
            stale=stale,
        )
        return replies

    def _surely(
        self, received: Received, step: Callable[[], Done], *, otherwise: Callable[[str], Done]
    ) -> Done:
        """Run a step; a situation has its own sentence, and a bug becomes one kind one. A database
        that does not answer is neither: the step is to be run again."""
        try:
            return step()
        except DOWN:
            raise
        except UserError as situation:
            return otherwise(situation.sentence)
        except Exception:
            log.exception("step_failed", message=received.message_id)
            return otherwise(SORRY.format(number=received.message_id))

    def _committed(self, work: Callable[[Session], Done]) -> Done:
        """Do the work in a session of its own and commit. Who loses a race tries again."""
        for tried in range(1, _TRIES + 1):
            with open_session(self._engine) as session:
                try:
                    done = work(session)
                    session.commit()
                except (IntegrityError, OperationalError):
                    if tried == _TRIES:
                        raise
                    log.info("tried_again", tried=tried)
                else:
                    return done
        raise AssertionError("the last try returns or raises")

    def _turn(self, session: Session, incoming: Incoming, received: Received) -> Turn:
        return Turn(
            session=session,
            person=session.get_one(Person, received.person.id),
            now=incoming.at,
            policy=self._policy,
            message_id=received.message_id,
            files=self._files,
            channel=incoming.channel,
            abilities=self._registry.abilities(received.person.role),
        )


def _with_caption(incoming: Incoming, received: Received) -> Received:
    caption = incoming.media.caption if incoming.media else ""
    return received if received.text else replace(received, text=caption)


def _never_lost(received: Received) -> list[Flag]:
    """What the words tell of that must reach others at once."""
    if not received.text:
        return []
    told = screening.screen(received.text, received.roster)
    return [flag for flag in told if flag.code in NEVER_LOST]


def _transcript(incoming: Incoming, received: Received) -> list[Reply]:
    """What was heard stands above what was made of it."""
    media = incoming.media
    spoken = {MediaKind.VOICE, MediaKind.SPOKEN}
    if media is None or media.kind not in spoken or not received.text:
        return []
    return [Reply(HEARD.format(text=received.text))]


def _local(incoming: Incoming) -> Path:
    """Where the terminal keeps what it sends."""
    return Path(incoming.media.ref if incoming.media else "")


def _dumped(replies: Sequence[Reply]) -> list[dict[str, Any]]:
    return [reply.kept().dump() for reply in replies]

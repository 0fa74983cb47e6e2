"""One turn: who is it, what do they want, run it in one session, commit, reply.

`receive`, `alarm`, `understand` and `apply` are separate so that a durable engine can checkpoint
between them: `understand` writes nothing, and no model is waited for while a transaction is open.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from bot.alerts import raise_flags
from bot.answering import Answerer
from bot.domain.errors import UserError
from bot.intent import NEVER_LOST, Heard, Recent, Understander, Understanding
from bot.messages import Incoming, Reply
from bot.policy import Policy
from bot.reception import Received, receive
from bot.registry import Registry
from bot.turn import Turn
from bot.understanding import screening
from bot.understanding.proposer import Proposer
from storage.database import DatabaseBusyError, open_session
from storage.directory import directory_of
from storage.messages import Conversation, Message, last_replies
from storage.notebook import find_note, open_drafts
from storage.notes import NoteStatus
from storage.people import Person

log = structlog.get_logger(__name__)

BUSY = "现在有点忙，这条还没有存上。请过一会儿再发一次。"
SORRY = "这条我没处理好，内容已经留着了（编号 {number}）。请稍后再发一次，或告诉管理员这个编号。"

Done = TypeVar("Done")

_TRIES = 3
_LONGEST_LABEL = 20


class Dispatcher:
    """Takes what a channel received through understanding to the replies."""

    def __init__(
        self, engine: Engine, registry: Registry, policy: Policy, proposer: Proposer, files: Path
    ) -> None:
        self._engine = engine
        self._registry = registry
        self._policy = policy
        self._understander = Understander(registry, policy, proposer)
        self._answerer = Answerer(registry)
        self._files = files

    def handle(self, incoming: Incoming) -> list[Reply]:
        """The whole way, for a channel that waits for the answer."""
        try:
            received = receive(self._engine, self._policy, incoming)
        except (DatabaseBusyError, OperationalError):
            log.warning("database_busy")
            return [Reply(BUSY)]
        if not isinstance(received, Received):
            return received
        alerts = self.alarm(incoming, received)
        return self.apply(incoming, received, self.understand(incoming, received), alerts)

    def alarm(self, incoming: Incoming, received: Received) -> list[Reply]:
        """Raise what must never be lost, in a transaction of its own and before a model is asked:
        whatever happens to the rest of the turn, the alert is out (SY-01)."""

        def alarmed(session: Session) -> list[Reply]:
            message = session.get_one(Message, received.message_id)
            if message.alerts:
                return [Reply.load(stored) for stored in message.alerts]
            if self._is_more_of_an_event(session, received, incoming.at):
                return []
            told = screening.screen(received.text, received.roster)
            told = [flag for flag in told if flag.code in NEVER_LOST]
            turn = self._turn(session, incoming, received)
            alerts = [*raise_flags(turn, told, None, received.text), *turn.pushes]
            message.alerts = _dumped(alerts)
            return alerts

        if not received.text:
            return []
        return self._surely(received, lambda: self._committed(alarmed), otherwise=lambda _: [])

    def understand(self, incoming: Incoming, received: Received) -> Understanding:
        """What the person wants. Reads, may wait for a model, writes nothing."""

        def understood() -> Understanding:
            press = incoming.press
            if press is None:
                press = self._typed_label(incoming, received)
            if press is not None:
                again = self._reread(press, received, incoming.at)
                return again or Understanding(kind="press", target=press)
            if incoming.file is not None:
                return Understanding(kind="file")
            heard = self._heard(received, incoming.at)
            return self._understander.understand(heard, received.roster)

        return self._surely(
            received,
            understood,
            otherwise=lambda sentence: Understanding(kind="refusal", target=sentence),
        )

    def apply(
        self,
        incoming: Incoming,
        received: Received,
        understanding: Understanding,
        alerts: Sequence[Reply] = (),
    ) -> list[Reply]:
        """Run it in one transaction; the replies are stored with what they tell about."""

        def applied(session: Session) -> list[Reply]:
            try:
                said = self._answerer.answer(
                    self._turn(session, incoming, received), incoming, received, understanding
                )
            except UserError as situation:
                session.rollback()
                said = [Reply(situation.sentence)]
            replies = [*alerts, *said]
            session.get_one(Message, received.message_id).replies = _dumped(replies)
            return replies

        def refused(sentence: str) -> list[Reply]:
            return [*alerts, Reply(sentence)]

        return self._surely(received, lambda: self._committed(applied), otherwise=refused)

    def _surely(
        self, received: Received, step: Callable[[], Done], *, otherwise: Callable[[str], Done]
    ) -> Done:
        """Run a step; a situation has its own sentence, and a bug becomes one kind one."""
        try:
            return step()
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

    def _typed_label(self, incoming: Incoming, received: Received) -> str | None:
        """The button whose label was typed: one of the answer just given, and only one."""
        words = received.text.strip(" 。！!")
        if not 0 < len(words) <= _LONGEST_LABEL:
            return None
        with Session(self._engine) as session:
            me = received.person.id or 0
            shown = last_replies(session, incoming.channel, me, messages=2)
        pressed = {
            button_id
            for reply in shown
            if reply["to"] is None
            for label, button_id in reply["buttons"]
            if label == words
        }
        return pressed.pop() if len(pressed) == 1 else None

    def _heard(self, received: Received, now: datetime) -> Heard:
        with Session(self._engine) as session:
            return Heard(
                received.text,
                received.flags,
                received.person.role,
                self._question(session, received.person, now),
                now,
                directory_of(session, received.person),
                self._recent(session, received.person, now),
            )

    def _question(self, session: Session, person: Person, now: datetime) -> str | None:
        """The question that still waits for an answer."""
        asked = session.get(Conversation, person.id)
        lasts = timedelta(hours=self._policy.conversation.question_hours)
        return asked.question if asked and now - asked.asked_at < lasts else None

    def _is_more_of_an_event(self, session: Session, received: Received, now: datetime) -> bool:
        """Whether the words answer a question about an event that was raised before."""
        handler = self._registry.answers.get(self._question(session, received.person, now) or "")
        return bool(handler and handler.over_dictation and handler.accepts(received.text))

    def _reread(self, press: str, received: Received, now: datetime) -> Understanding | None:
        """What a button wants that has a dictation read once more."""
        name, *arguments = press.split(":")
        handler = self._registry.presses.get(name)
        if handler is None or not handler.rereads:
            return None
        (draft_id,) = handler.read(arguments)
        with Session(self._engine) as session:
            note = find_note(session, draft_id, received.person.id or 0)
            if note is None or note.status != NoteStatus.DRAFT:
                return None
            draft = Recent(note.id or 0, note.dictation)
            directory = directory_of(session, received.person)
        heard = Heard(draft.text, (), received.person.role, None, now, directory)
        return self._understander.reread(draft, heard, received.roster)

    def _recent(self, session: Session, person: Person, now: datetime) -> Recent | None:
        """The card shown within the last minutes, when there was just one."""
        since = now - timedelta(minutes=self._policy.drafts.join_minutes)
        drafts = open_drafts(session, person.id or 0, since=since)
        if len(drafts) != 1 or drafts[0].amends_id is not None:
            return None
        return Recent(drafts[0].id or 0, drafts[0].dictation)

    def _turn(self, session: Session, incoming: Incoming, received: Received) -> Turn:
        return Turn(
            session=session,
            person=session.get_one(Person, received.person.id),
            now=incoming.at,
            policy=self._policy,
            message_id=received.message_id,
            files=self._files,
            abilities=self._registry.abilities(received.person.role),
        )


def _dumped(replies: Sequence[Reply]) -> list[dict[str, Any]]:
    return [reply.dump() for reply in replies]

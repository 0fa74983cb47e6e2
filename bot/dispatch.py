"""One turn: who is it, what do they want, run it in one session, commit, reply.

`receive`, `understand` and `apply` are separate so that a durable engine can checkpoint between
them: only the first and the last write, and no model is waited for while a transaction is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from bot.alerts import raise_flags
from bot.domain.errors import NotAllowedError, StaleCardError, UserError
from bot.domain.note import Flag
from bot.intent import Heard, Recent, Understander, Understanding, flags_alone
from bot.messages import Attachment, Incoming, Reply
from bot.notice import first_notice
from bot.policy import Policy
from bot.registry import STALE, Registry, Said
from bot.turn import Turn
from bot.understanding import screening
from bot.understanding.proposer import Proposer
from storage.accounts import TERMINAL, who_is
from storage.directory import directory_of
from storage.invites import looks_like_code, redeem_invite
from storage.messages import Conversation, Message, find_message
from storage.notebook import find_note, open_drafts
from storage.notes import NoteStatus
from storage.people import Person, Role
from storage.rosters import roster_of

log = structlog.get_logger(__name__)

STRANGER = "您好，我是拜访助手。这个账号还没有绑定，请向管理员要一个邀请码发给我。"
BOUND = "{name}，您好！账号绑好了。拜访完直接把经过说给我听就行；发「帮助」看我会做什么。"
BAD_CODE = "这个邀请码用不了：可能输错、用过了或已过期（三天内有效）。请向管理员要一个新的。"
SORRY = "这条我没处理好，内容已经留着了（编号 {number}）。请稍后再发一次，或告诉管理员这个编号。"
UNCLEAR = (
    "这句我没看懂。拜访完直接说经过就行，例如「刚见了李主任，聊了二十分钟，下周三前把文献发他」；"
    "发「帮助」看我会做什么。"
)

NOT_YET = "您问的是「{topic}」，这个我现在还答不了，不给您乱报数。现在可以问：「{examples}」。"


@dataclass(frozen=True, slots=True)
class Received:
    """A stored message: its row, who sent it, its masked text, and what the masking flagged."""

    message_id: int
    person: Person
    text: str
    flags: tuple[Flag, ...]


class Dispatcher:
    """Takes what a channel received through understanding to the replies."""

    def __init__(
        self, engine: Engine, registry: Registry, policy: Policy, proposer: Proposer, files: Path
    ) -> None:
        self._engine = engine
        self._registry = registry
        self._policy = policy
        self._understander = Understander(registry, policy, proposer)
        self._files = files

    def handle(self, incoming: Incoming) -> list[Reply]:
        """The whole way, for a channel that waits for the answer."""
        received = self.receive(incoming)
        if not isinstance(received, Received):
            return received
        return self.apply(incoming, received, self._understand_surely(incoming, received))

    def receive(self, incoming: Incoming) -> Received | list[Reply]:
        """Store the masked message once, before anything else is done with it.

        A message that was answered before, and one of an unknown account, give their replies.
        """
        with Session(self._engine, expire_on_commit=False) as session:
            person = who_is(session, incoming.channel, incoming.account)
            if person is None:
                return [Reply(_welcome(session, incoming))]
            message = find_message(session, incoming.channel, incoming.id)
            if message is None:
                message = self._store(session, incoming, person)
            elif message.replies:
                return [Reply.load(stored) for stored in message.replies]
            flags = tuple(Flag.model_validate(flag) for flag in message.flags)
            return Received(message.id or 0, person, message.body, flags)

    def _store(self, session: Session, incoming: Incoming, person: Person) -> Message:
        masked = screening.mask(incoming.text, roster_of(session, person))
        message = Message(
            channel=incoming.channel,
            platform_id=incoming.id,
            person_id=person.id,
            body=masked.text,
            flags=[flag.model_dump(mode="json") for flag in masked.flags],
            sent_at=incoming.at,
        )
        session.add(message)
        session.commit()
        return message

    def _understand_surely(self, incoming: Incoming, received: Received) -> Understanding:
        """A bug in understanding is one kind sentence, and what must not be lost is still told."""
        try:
            return self.understand(incoming, received)
        except Exception:
            log.exception("not_understood", message=received.message_id)
        with Session(self._engine) as session:
            told = flags_alone(received.text, received.flags, roster_of(session, received.person))
        sorry = SORRY.format(number=received.message_id)
        return told or Understanding(kind="refusal", target=sorry)

    def understand(self, incoming: Incoming, received: Received) -> Understanding:
        """What the person wants. Reads, may wait for a model, writes nothing."""
        if incoming.press is not None:
            again = self._reread(incoming.press, received, incoming.at)
            return again or Understanding(kind="press", target=incoming.press)
        if incoming.file is not None:
            return Understanding(kind="file")
        with Session(self._engine) as session:
            roster = roster_of(session, received.person)
            asked = session.get(Conversation, received.person.id)
            question = asked.question if asked and self._waits(asked, incoming.at) else None
            recent = self._recent(session, received.person, incoming.at)
            directory = directory_of(session, received.person)
        heard = Heard(
            received.text,
            received.flags,
            received.person.role,
            question,
            incoming.at,
            directory,
            recent,
        )
        return self._understander.understand(heard, roster)

    def _waits(self, asked: Conversation, now: datetime) -> bool:
        lasts = timedelta(hours=self._policy.conversation.question_hours)
        return now - asked.asked_at < lasts

    def _reread(self, press: str, received: Received, now: datetime) -> Understanding | None:
        """What a button wants that has a dictation read once more."""
        name, _, draft_id = press.partition(":")
        handler = self._registry.presses.get(name)
        if handler is None or not handler.rereads or not draft_id.isdecimal():
            return None
        with Session(self._engine) as session:
            note = find_note(session, int(draft_id), received.person.id or 0)
            if note is None or note.status != NoteStatus.DRAFT:
                return None
            draft = Recent(note.id or 0, note.dictation)
            roster = roster_of(session, received.person)
            directory = directory_of(session, received.person)
        heard = Heard(draft.text, (), received.person.role, None, now, directory)
        return self._understander.reread(draft, heard, roster)

    def _recent(self, session: Session, person: Person, now: datetime) -> Recent | None:
        """The card shown within the last minutes, when there was just one."""
        since = now - timedelta(minutes=self._policy.drafts.join_minutes)
        drafts = open_drafts(session, person.id or 0, since=since)
        if len(drafts) != 1 or drafts[0].amends_id is not None:
            return None
        return Recent(drafts[0].id or 0, drafts[0].dictation)

    def apply(
        self, incoming: Incoming, received: Received, understanding: Understanding
    ) -> list[Reply]:
        """Run it in one transaction; the replies are stored with what they tell about."""
        with Session(self._engine, expire_on_commit=False) as session:
            try:
                replies = self._run(session, incoming, received, understanding)
            except UserError as situation:
                session.rollback()
                replies = [Reply(situation.sentence)]
            except Exception:
                session.rollback()
                log.exception("turn_failed", message=received.message_id, kind=understanding.kind)
                return [Reply(SORRY.format(number=received.message_id))]
            message = session.get_one(Message, received.message_id)
            message.replies = [reply.dump() for reply in replies]
            session.add(message)
            session.commit()
            return replies

    def _run(
        self, session: Session, incoming: Incoming, received: Received, meant: Understanding
    ) -> list[Reply]:
        turn = Turn(
            session=session,
            person=session.get_one(Person, received.person.id),
            now=incoming.at,
            policy=self._policy,
            message_id=received.message_id,
            files=self._files,
            abilities=self._registry.abilities(received.person.role),
        )
        notice = first_notice(turn) if self._registry.takes_dictation(turn.person.role) else None
        answers = _listed(self._answer(turn, incoming, received, meant))
        masked = _tell_masked(turn, received, meant)
        return [*_listed(notice or ()), *answers, *masked, *turn.pushes]

    def _answer(
        self, turn: Turn, incoming: Incoming, received: Received, meant: Understanding
    ) -> Said:
        match meant.kind:
            case "press":
                said = self._press(turn, meant.target)
            case "file":
                said = self._file(turn, incoming.file)
            case "call":
                said = self._call(turn, meant)
            case "answer":
                asked = turn.session.get_one(Conversation, turn.me)
                said = self._registry.answers[meant.target].run(turn, received.text, asked.about)
            case "dictation":
                said = self._registry.dictate(turn, meant.dictation)
            case "refusal":
                said = Reply(meant.target)
            case "not_yet":
                said = self._not_yet(turn, meant.target)
            case "unclear":
                said = Reply(UNCLEAR)
        return said

    def _not_yet(self, turn: Turn, topic: str) -> Reply:
        """Says that the question was understood, and what can be asked instead."""
        examples = "」「".join(self._registry.questions(turn.person.role))
        return Reply(NOT_YET.format(topic=topic, examples=examples))

    def _call(self, turn: Turn, meant: Understanding) -> Said:
        wanted = self._registry.named(meant.target)
        _allow(turn.person, wanted.roles)
        return wanted.run(turn, wanted.slots.model_validate(meant.slots))

    def _press(self, turn: Turn, button_id: str) -> Said:
        name, *arguments = button_id.split(":")
        pressed = self._registry.presses.get(name)
        if pressed is None:
            raise StaleCardError(STALE)
        _allow(turn.person, pressed.roles)
        return pressed.press(turn, arguments)

    def _file(self, turn: Turn, file: Attachment | None) -> Said:
        for handler in self._registry.files:
            if file is not None and file.name.lower().endswith(handler.suffix):
                _allow(turn.person, handler.roles)
                return handler.run(turn, file)
        raise UserError("这种文件我不会处理。管理员可以发 .xlsx 的客户表给我导入。")


def _welcome(session: Session, incoming: Incoming) -> str:
    """What an unknown account is told; a good invite code binds it."""
    if incoming.channel == TERMINAL or not looks_like_code(incoming.text):
        return STRANGER
    person = redeem_invite(
        session,
        incoming.text,
        channel=incoming.channel,
        account=incoming.account,
        now=incoming.at,
    )
    session.commit()
    return BOUND.format(name=person.name) if person else BAD_CODE


def _tell_masked(turn: Turn, received: Received, meant: Understanding) -> list[Reply]:
    """A dictation's card tells what was masked; after anything else it is told here."""
    if meant.kind == "dictation" or not received.flags:
        return []
    return raise_flags(turn, received.flags, None, received.text)


def _allow(person: Person, roles: frozenset[Role]) -> None:
    if person.role not in roles:
        who = "、".join(role.label for role in Role if role in roles)
        raise NotAllowedError(
            f"这一项由{who}来做，您的账号是{person.role.label}。发「帮助」看您能做的。"
        )


def _listed(said: Said) -> Sequence[Reply]:
    return [said] if isinstance(said, Reply) else said

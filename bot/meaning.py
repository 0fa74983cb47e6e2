"""What a message means when everything around it is known: the open question, the cards in sight.

It reads, may wait for a model, and writes nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from bot.domain.directory import Directory
from bot.intent import Heard, Recent, Understander, Understanding
from bot.messages import Incoming, MediaKind
from bot.policy import Policy
from bot.reception import Received
from bot.registry import Registry
from bot.rewording import new_flags, what_came_of
from storage.directory import directory_of
from storage.messages import Conversation, last_replies
from storage.notebook import find_note, open_drafts
from storage.notes import NoteStatus
from storage.people import Person

EDITED_TOO_LATE = (
    "看到您改了上面那条，不过它整理出的记录已经处理过了，没有跟着改。"
    "要改记录就直接说，例如「把上一条的时长改成三十分钟」。"
)
EDITED_AFTER_CANCEL = "看到您改了上面那条，不过那张卡片您已经取消了。要记的话，请再说一遍。"
EDITED_TOO_MUCH = (
    "看到您改了上面那条，改后的话我对不上原来那张卡片，卡片没有动。"
    "请直接说要改哪一处，例如「时长改成三十分钟」。"
)

_LONGEST_LABEL = 20


class Interpreter:
    """Looks up what was said before, and has the words understood against it."""

    def __init__(
        self, engine: Engine, registry: Registry, policy: Policy, understander: Understander
    ) -> None:
        self._engine = engine
        self._registry = registry
        self._policy = policy
        self._understander = understander

    def interpret(self, incoming: Incoming, received: Received) -> Understanding:
        """What the person wants."""
        press = incoming.press
        if press is None:
            press = self._typed_label(incoming, received)
        if press is not None:
            again = self._reread(press, received, incoming.at)
            return again or Understanding(kind="press", target=press)
        if _is_file(incoming, received):
            return Understanding(kind="file")
        if incoming.edits is not None:
            return self._reworded(incoming, received)
        heard = self._heard(received, incoming.at)
        return self._understander.understand(heard, received.roster)

    def is_more_of_an_event(self, session: Session, received: Received, now: datetime) -> bool:
        """Whether the words answer a question about an event that was raised before."""
        handler = self._registry.answers.get(self._question(session, received.person, now) or "")
        return bool(handler and handler.over_dictation and handler.accepts(received.text))

    def _reworded(self, incoming: Incoming, received: Received) -> Understanding:
        """What a message means that was changed after it was sent."""
        with Session(self._engine) as session:
            notes = what_came_of(session, incoming, received.person)
        heard = self._heard(received, incoming.at)
        if not notes:
            return self._understander.understand(heard, received.roster)
        if all(note.status == NoteStatus.CANCELLED for note in notes):
            return Understanding(kind="refusal", target=EDITED_AFTER_CANCEL)
        if any(note.status != NoteStatus.DRAFT for note in notes):
            return Understanding(kind="refusal", target=EDITED_TOO_LATE)
        draft = Recent(notes[0].id or 0, received.text)
        again = self._understander.reword(draft, heard, received.roster)
        if again is None or again.dictation is None or len(notes) > 1:
            return Understanding(kind="refusal", target=EDITED_TOO_MUCH)
        with Session(self._engine) as session:
            flags = new_flags(session, incoming, received.person, again.dictation.flags)
        made = again.dictation.model_copy(update={"flags": tuple(flags)})
        return again.model_copy(update={"dictation": made})

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
                self._directory_for(received.person),
                self._recent(session, received.person, now),
            )

    def _question(self, session: Session, person: Person, now: datetime) -> str | None:
        """The question that still waits for an answer."""
        asked = session.get(Conversation, person.id)
        lasts = timedelta(hours=self._policy.conversation.question_hours)
        return asked.question if asked and now - asked.asked_at < lasts else None

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
        find_directory = self._directory_for(received.person)
        heard = Heard(draft.text, (), received.person.role, None, now, find_directory)
        return self._understander.reread(draft, heard, received.roster)

    def _directory_for(self, person: Person) -> Callable[[], Directory]:
        def find_directory() -> Directory:
            with Session(self._engine) as session:
                return directory_of(session, person)

        return find_directory

    def _recent(self, session: Session, person: Person, now: datetime) -> Recent | None:
        """The card shown within the last minutes, when there was just one."""
        since = now - timedelta(minutes=self._policy.drafts.join_minutes)
        drafts = open_drafts(session, person.id or 0, since=since)
        if len(drafts) != 1 or drafts[0].amends_id is not None:
            return None
        return Recent(drafts[0].id or 0, drafts[0].dictation)


def _is_file(incoming: Incoming, received: Received) -> bool:
    """Whether what came along is what the message is about; a picture can come with words."""
    media = incoming.media
    if incoming.file is not None or media is None:
        return incoming.file is not None
    sent = {MediaKind.FILE, MediaKind.RECORDING}
    return media.kind in sent or (media.kind is MediaKind.OTHER and not received.text)

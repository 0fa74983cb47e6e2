"""One turn of a conversation, as a capability sees it."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import local_day
from bot.domain.note import Flag, GroundedVisit
from bot.llm.calls import Spent
from bot.messages import Reply
from bot.policy import Policy
from storage import audit
from storage.messages import Conversation
from storage.people import Person


class Dictation(BaseModel):
    """A dictation that was understood: the masked text, and one grounded visit per contact.

    `engine` says who structured it, `offline` that the model was out of reach. `flags` are all that
    the words raised; there may be flags and no visit (a side effect told in passing). `joins` is
    the draft that these words go on with, and `text` then holds both; or whose words they replace,
    when they are `reworded`.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    visits: tuple[GroundedVisit, ...]
    flags: tuple[Flag, ...]
    engine: str
    offline: bool = False
    spent: Spent = Field(default_factory=Spent)
    joins: int | None = None
    reworded: bool = False


class Ability(NamedTuple):
    """What this person can ask for, in the words of 「帮助」."""

    title: str
    example: str
    command: str
    group: str | None = None


@dataclass
class Turn:
    """Who speaks, when, where, in which session. A capability reads and writes through `session`,
    never commits, and returns what to say."""

    session: Session
    person: Person
    now: datetime
    policy: Policy
    message_id: int | None
    files: Path
    channel: str
    abilities: tuple[Ability, ...] = ()
    pushes: list[Reply] = field(default_factory=list)

    @property
    def today(self) -> date:
        """The calendar day in Shanghai."""
        return local_day(self.now)

    @property
    def me(self) -> int:
        """The id of the person who speaks."""
        if self.person.id is None:
            raise LookupError("a person who was never stored cannot speak")
        return self.person.id

    @property
    def calendar(self) -> WorkCalendar:
        """The company's working calendar."""
        return self.policy.work_calendar()

    @property
    def asked(self) -> Conversation | None:
        """The question that is open, and what it is about."""
        return self.session.get(Conversation, self.me)

    def ask(self, question: str, **about: Any) -> None:
        """Remember that the next words may answer `question`; it replaces an older question."""
        asked = self.asked or Conversation(person_id=self.me, question=question, asked_at=self.now)
        asked.question, asked.about, asked.asked_at = question, about, self.now
        self.session.add(asked)

    def is_free_to_ask(self, question: str) -> bool:
        """Whether no other question waits for an answer."""
        return self.asked is None or self.asked.question == question

    def stop_asking(self) -> None:
        """Forget the open question."""
        if self.asked is not None:
            self.session.delete(self.asked)
            self.session.flush()  # so that it is not found again in this turn

    def push(self, to: str, reply: Reply) -> None:
        """Say something to somebody else (a login), along with this turn's answer."""
        self.pushes.append(replace(reply, to=to))

    def record(self, action: str, subject: str, **detail: Any) -> None:
        """Put what this person did on the audit trail; `detail` holds no words and no names."""
        audit.record(
            self.session,
            at=self.now,
            actor_id=self.me,
            action=action,
            subject=subject,
            detail=detail,
        )

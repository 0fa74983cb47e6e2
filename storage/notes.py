"""Visit notes: the card while it is a draft, the record once confirmed, every version kept."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Index, SQLModel

from bot.domain.note import Channel
from bot.domain.timeliness import Timeliness
from storage.columns import json_object, moment, word


class NoteStatus(StrEnum):
    """A note is final only after the rep's 确认."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class VisitNote(SQLModel, table=True):
    """The SFA record of one visit. `content` is the current version: a dumped `GroundedVisit`;
    the columns beside it repeat what queries filter and count by. A draft with `amends_id` is a
    change to a confirmed note that waits for its 确认; `offline` says that a model was configured
    but out of reach; the tokens and milliseconds are what the model's answer cost."""

    __tablename__ = "visit_note"
    __table_args__ = (
        Index("ix_visit_note_author_day", "author_id", "visit_date"),
        Index("ix_visit_note_status", "status", "said_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    author_id: int = Field(foreign_key="person.id")
    status: NoteStatus = word(NoteStatus)
    visit_date: date
    start_time: time | None = None
    duration_minutes: int | None = None
    channel: Channel | None = word(Channel, default=None)
    hospital_id: int | None = Field(default=None, foreign_key="hospital.id")
    department_id: int | None = Field(default=None, foreign_key="department.id")
    timeliness: Timeliness = word(Timeliness)
    content: dict[str, Any] = json_object()
    version: int = 1
    amends_id: int | None = Field(default=None, foreign_key="visit_note.id")
    dictation: str
    engine: str = Field(max_length=64)
    offline: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    model_milliseconds: int = 0
    message_id: int | None = Field(default=None, foreign_key="message.id", index=True)
    said_at: datetime = moment()
    saved_at: datetime = moment()
    confirmed_at: datetime | None = moment(default=None)


class NoteVersion(SQLModel, table=True):
    """One state of a note's content, with who made it and in which words. Never changed."""

    note_id: int = Field(foreign_key="visit_note.id", primary_key=True)
    version: int = Field(primary_key=True)
    content: dict[str, Any] = json_object()
    made_by_id: int = Field(foreign_key="person.id")
    made_at: datetime = moment()
    because: str = Field(max_length=500)

    __tablename__ = "note_version"


class NoteCustomer(SQLModel, table=True):
    """A customer met in a confirmed visit. `visit_date` repeats the note's, so that a customer's
    last visit is one index look-up, whatever the size of the table."""

    __tablename__ = "note_customer"
    __table_args__ = (Index("ix_note_customer_last", "customer_id", "visit_date"),)

    note_id: int = Field(foreign_key="visit_note.id", primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", primary_key=True)
    visit_date: date


class NoteQuote(SQLModel, table=True):
    """A customer's own words in a confirmed note, verbatim."""

    __tablename__ = "note_quote"

    id: int | None = Field(default=None, primary_key=True)
    note_id: int = Field(foreign_key="visit_note.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    speaker: str | None = Field(default=None, max_length=64)
    text: str = Field(max_length=1000)
    said_on: date

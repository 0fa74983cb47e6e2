"""Compliance flags, with the exact (masked) words; an adverse event carries its day 0."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from bot.domain.note import FlagCode
from storage.columns import json_list, moment, word


class FlagStatus(StrEnum):
    """Only compliance closes a flag; nobody deletes one."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class ComplianceFlag(SQLModel, table=True):
    """Something compliance must see. `day_zero`: the Shanghai day of the rep's message (SY-02);
    `more` keeps what was added later, in the order it came."""

    __tablename__ = "compliance_flag"

    id: int | None = Field(default=None, primary_key=True)
    code: FlagCode = word(FlagCode)
    rule_id: str = Field(max_length=16)
    evidence: str = Field(max_length=1000)
    note_id: int | None = Field(default=None, foreign_key="visit_note.id", index=True)
    message_id: int | None = Field(default=None, foreign_key="message.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    raised_at: datetime = moment()
    day_zero: date | None = None
    status: FlagStatus = word(FlagStatus, default=FlagStatus.OPEN)
    more: list[str] = json_list()
    acknowledged_by_id: int | None = Field(default=None, foreign_key="person.id")
    acknowledged_at: datetime | None = moment(default=None)

"""Compliance flags, with the exact (masked) words; an adverse event carries its day 0."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, Session, SQLModel, col, func, select, update

from bot.domain.note import FlagCode
from storage.columns import json_list, moment, word
from storage.notes import VisitNote
from storage.people import Person


class FlagStatus(StrEnum):
    """Only compliance closes a flag; nobody deletes one."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class ComplianceFlag(SQLModel, table=True):
    """Something compliance must see. `day_zero`: the Shanghai day of the rep's message (SY-02);
    `more` keeps what was added later, in the order it came."""

    __tablename__ = "compliance_flag"
    __table_args__ = (Index("ix_compliance_flag_status", "status", "code"),)

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


def flags_by_urgency(
    session: Session,
    status: FlagStatus,
    *,
    rule_ids: frozenset[str] | None,
    taken_by: int | None = None,
) -> list[tuple[ComplianceFlag, Person]]:
    """The flags of one status with who told of them: adverse events first, then the oldest.

    `rule_ids` limits them to those rules (None: all), `taken_by` to those that this person took up.
    """
    wanted = (
        select(ComplianceFlag, Person)
        .join(Person, col(Person.id) == ComplianceFlag.person_id)
        .where(ComplianceFlag.status == status)
        .order_by(
            col(ComplianceFlag.code) != FlagCode.ADVERSE_EVENT,
            col(ComplianceFlag.raised_at),
            col(ComplianceFlag.id),
        )
    )
    if rule_ids is not None:
        wanted = wanted.where(col(ComplianceFlag.rule_id).in_(rule_ids))
    if taken_by is not None:
        wanted = wanted.where(ComplianceFlag.acknowledged_by_id == taken_by)
    return list(session.exec(wanted).all())


def recent_events(session: Session, person_id: int, *, since: datetime) -> list[ComplianceFlag]:
    """The adverse events that this person told of since then and that are not closed, the newest
    first."""
    wanted = (
        select(ComplianceFlag)
        .where(
            ComplianceFlag.person_id == person_id,
            ComplianceFlag.code == FlagCode.ADVERSE_EVENT,
            ComplianceFlag.status != FlagStatus.CLOSED,
            col(ComplianceFlag.raised_at) >= since,
        )
        .order_by(col(ComplianceFlag.raised_at).desc(), col(ComplianceFlag.id).desc())
    )
    return list(session.exec(wanted).all())


def raised_codes(session: Session, message_id: int) -> set[FlagCode]:
    """What a message was flagged for so far."""
    wanted = select(ComplianceFlag.code).where(ComplianceFlag.message_id == message_id)
    return {FlagCode(code) for code in session.exec(wanted).all()}


def flags_of_message(session: Session, message_id: int) -> list[ComplianceFlag]:
    """Everything that a message was flagged for so far."""
    wanted = select(ComplianceFlag).where(ComplianceFlag.message_id == message_id)
    return list(session.exec(wanted).all())


def link_flags(session: Session, message_id: int) -> None:
    """Tie the flags that were raised before there was a note to the first note of their message."""
    first = select(func.min(VisitNote.id)).where(VisitNote.message_id == message_id)
    note_id = session.exec(first).one()
    if note_id is not None:
        loose = update(ComplianceFlag).where(
            col(ComplianceFlag.message_id) == message_id, col(ComplianceFlag.note_id).is_(None)
        )
        session.exec(loose.values(note_id=note_id))

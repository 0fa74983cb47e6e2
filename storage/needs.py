"""Needs (需求): requests of customers with a response clock."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Index, Session, SQLModel, select

from storage.columns import moment, word


class NeedStatus(StrEnum):
    """Open until answered; solved ends its second clock."""

    OPEN = "open"
    RESPONDED = "responded"
    SOLVED = "solved"


class Need(SQLModel, table=True):
    """A request; `respond_by` and `solve_by` come from the policy's clock for its level, 1 to 3."""

    __table_args__ = (Index("ix_need_status", "status", "raised_at"),)

    id: int | None = Field(default=None, primary_key=True)
    owner_id: int = Field(foreign_key="person.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    note_id: int | None = Field(default=None, foreign_key="visit_note.id", index=True)
    level: int = Field(ge=1, le=3)
    text: str = Field(max_length=500)
    raised_at: datetime = moment()
    respond_by: datetime = moment()
    solve_by: datetime | None = moment(default=None)
    status: NeedStatus = word(NeedStatus, default=NeedStatus.OPEN)


def own_need(session: Session, person_id: int, need_id: int) -> Need | None:
    """A need by its id, when this person owns it."""
    return session.exec(select(Need).where(Need.id == need_id, Need.owner_id == person_id)).first()

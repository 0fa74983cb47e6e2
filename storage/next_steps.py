"""Next steps (待办): promises with an owner, a customer and a due date."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel

from storage.columns import moment, word


class StepStatus(StrEnum):
    """Open until done or dropped; nothing is deleted."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class NextStep(SQLModel, table=True):
    """A promise. `due_phrase` keeps the words when no single day could be computed."""

    __tablename__ = "next_step"
    __table_args__ = (
        Index("ix_next_step_owner", "owner_id", "status", "due_on"),
        Index("ix_next_step_due", "status", "due_on"),
        Index("ix_next_step_remind", "status", "remind_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    owner_id: int = Field(foreign_key="person.id")
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    note_id: int | None = Field(default=None, foreign_key="visit_note.id", index=True)
    action: str = Field(max_length=300)
    evidence: str = Field(default="", max_length=1000)
    due_on: date | None = None
    due_phrase: str | None = Field(default=None, max_length=64)
    remind_on: date | None = None
    status: StepStatus = word(StepStatus, default=StepStatus.OPEN)
    created_at: datetime = moment()
    closed_at: datetime | None = moment(default=None)

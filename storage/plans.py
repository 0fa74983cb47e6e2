"""Planned visits: 「今天去」 puts a customer on a rep's day."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from storage.columns import moment


class PlannedVisit(SQLModel, table=True):
    """A rep means to see a customer on a day; once per rep, customer and day."""

    __tablename__ = "planned_visit"
    __table_args__ = (UniqueConstraint("person_id", "customer_id", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    day: date
    planned_at: datetime = moment()

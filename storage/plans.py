"""Planned visits: 「今天去」 puts a customer on a rep's day."""

from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from storage.columns import moment
from storage.customers import Customer


class PlannedVisit(SQLModel, table=True):
    """A rep means to see a customer on a day; once per rep, customer and day."""

    __tablename__ = "planned_visit"
    __table_args__ = (UniqueConstraint("person_id", "customer_id", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    day: date
    planned_at: datetime = moment()


def plan_visit(session: Session, person_id: int, customer_id: int, day: date, at: datetime) -> bool:
    """Put a customer on a person's day; False when they are on it already."""
    if _planned(session, person_id, customer_id, day) is not None:
        return False
    session.add(PlannedVisit(person_id=person_id, customer_id=customer_id, day=day, planned_at=at))
    session.flush()
    return True


def unplan_visit(session: Session, person_id: int, customer_id: int, day: date) -> bool:
    """Take a customer off a person's day; False when they were not on it."""
    planned = _planned(session, person_id, customer_id, day)
    if planned is None:
        return False
    session.delete(planned)
    session.flush()
    return True


def planned_on(session: Session, person_id: int, day: date) -> list[tuple[int, str]]:
    """Ids and names of the customers on a person's day, in the order of planning."""
    wanted = (
        select(Customer.id, Customer.name)
        .join(PlannedVisit, col(PlannedVisit.customer_id) == Customer.id)
        .where(PlannedVisit.person_id == person_id, PlannedVisit.day == day)
        .order_by(col(PlannedVisit.id))
    )
    return [(customer_id or 0, name) for customer_id, name in session.exec(wanted)]


def _planned(session: Session, person_id: int, customer_id: int, day: date) -> PlannedVisit | None:
    wanted = select(PlannedVisit).where(
        PlannedVisit.person_id == person_id,
        PlannedVisit.customer_id == customer_id,
        PlannedVisit.day == day,
    )
    return session.exec(wanted).first()

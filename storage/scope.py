"""Whose customers and notes a person may see: applied in the query, before anything is read."""

from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.customers import Customer
from storage.notes import VisitNote
from storage.people import Person, Role


def team_ids(session: Session, person: Person) -> list[int]:
    """Ids of the person and of everybody below in the reporting line."""
    line = select(col(Person.id)).where(col(Person.id) == person.id).cte("line", recursive=True)
    below = aliased(Person)
    line = line.union_all(select(col(below.id)).where(col(below.manager_id) == line.c.id))
    return list(session.exec(select(line.c.id)).all())


def customers_of(session: Session, person: Person) -> ColumnElement[bool]:
    """The condition that keeps what a person may see: a rep's portfolio, a manager's team's; an
    admin keeps the master data; medical and compliance see only what is routed to them."""
    if person.role == Role.REP:
        return col(Customer.owner_id) == person.id
    if person.role == Role.MANAGER:
        return col(Customer.owner_id).in_(team_ids(session, person))
    return true() if person.role == Role.ADMIN else false()


def notes_of(session: Session, person: Person) -> ColumnElement[bool]:
    """The condition that keeps the notes a person may read: own ones, and a manager's team's."""
    if person.role == Role.REP:
        return col(VisitNote.author_id) == person.id
    if person.role == Role.MANAGER:
        return col(VisitNote.author_id).in_(team_ids(session, person))
    return false()

"""Colleagues whom an import leaves out or gives another role, and the customers they still have."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.territory.references import CARRY_CUSTOMERS
from bot.territory.rows import Row
from storage.customers import Customer
from storage.people import Person, Role


def owners_before(session: Session) -> dict[int, Role]:
    """Who had customers before the import, with the role they had then."""
    owning = select(Person.id, Person.role).where(col(Person.id).in_(select(Customer.owner_id)))
    return {person_id or 0: Role(role) for person_id, role in session.exec(owning).all()}


def people_not_in(session: Session, rows: list[Row]) -> int:
    """How many active colleagues the file does not list."""
    listed = {row.values["login"] for row in rows}
    logins = session.exec(select(Person.login).where(col(Person.active))).all()
    return sum(login not in listed for login in logins)


def owners_who_cannot(session: Session, before: dict[int, Role]) -> list[str]:
    """A line for everybody whose role changed to one that has no customers, who still has some."""
    still = (
        select(Person, func.count())
        .join(Customer, col(Customer.owner_id) == col(Person.id))
        .where(col(Person.role).not_in(CARRY_CUSTOMERS))
        .group_by(col(Person.id))
        .order_by(Person.login)
    )
    return [
        f"{person.name} 从{before[person.id or 0].label}改成了{person.role.label}，"
        f"名下还有 {count} 位客户，请在「客户」表里换负责代表。"
        for person, count in session.exec(still).all()
        if before.get(person.id or 0) in CARRY_CUSTOMERS
    ]

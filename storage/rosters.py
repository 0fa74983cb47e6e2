"""Reading what a person's dictation is understood against."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, select

from bot.domain.roster import Roster, RosterCustomer, RosterHospital, RosterProduct
from storage.customers import Customer
from storage.database import kept_with
from storage.people import Person
from storage.places import Department, Hospital
from storage.products import Product
from storage.scope import customers_of

FRESH_SECONDS = 15.0
"""So long a changed alias may go unnoticed by another process; new rows are noticed at once."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What everybody's words are read against: it is the same for thousands of reps."""

    hospitals: tuple[RosterHospital, ...]
    products: tuple[RosterProduct, ...]
    colleagues: tuple[str, ...]


class RosterCache:
    """The surroundings as they were read last, until rows come or go, or they grow old. Safe to
    share between threads: at worst two of them read the same."""

    def __init__(self) -> None:
        self._kept: tuple[object, float, Surroundings] | None = None

    def read(self, session: Session) -> Surroundings:
        """The surroundings, from the database when they may have changed."""
        version, now = _version(session), time.monotonic()
        if self._kept is not None:
            kept_version, read_at, kept = self._kept
            if kept_version == version and now - read_at < FRESH_SECONDS:
                return kept
        found = _surroundings(session)
        self._kept = (version, now, found)
        return found

    def forget(self) -> None:
        """They were changed by this process."""
        self._kept = None


def roster_of(session: Session, person: Person) -> Roster:
    """The person's own customers (a manager's: the team's), all places, products, colleagues."""
    cache = _cache_of(session)
    around = cache.read(session) if cache is not None else _surroundings(session)
    return Roster(
        customers=_customers(session, person),
        hospitals=around.hospitals,
        products=around.products,
        colleagues=around.colleagues,
    )


def forget_rosters(session: Session) -> None:
    """Have the next roster read anew what was changed in this session."""
    cache = _cache_of(session)
    if cache is not None:
        cache.forget()


def _cache_of(session: Session) -> RosterCache | None:
    kept = kept_with(session)
    cache = None if kept is None else kept.setdefault("rosters", RosterCache())
    return cache if isinstance(cache, RosterCache) else None


def _version(session: Session) -> object:
    """Changes when a place, product or person comes or goes."""
    columns: list[Any] = [
        select(what(col(table.id))).scalar_subquery()
        for table in (Hospital, Department, Product, Person)
        for what in (func.max, func.count)
    ]
    return tuple(session.execute(sa_select(*columns)).one())


def _surroundings(session: Session) -> Surroundings:
    return Surroundings(
        hospitals=_hospitals(session),
        products=_products(session),
        colleagues=tuple(session.exec(select(Person.name).order_by(Person.name)).all()),
    )


def _customers(session: Session, person: Person) -> tuple[RosterCustomer, ...]:
    rows = session.exec(
        select(Customer, Hospital.name, Department.name)
        .join(Hospital, col(Hospital.id) == Customer.hospital_id)
        .join(Department, col(Department.id) == Customer.department_id)
        .where(customers_of(session, person))
        .order_by(col(Customer.id))
    ).all()
    return tuple(
        RosterCustomer(
            id=customer.id or 0,
            name=customer.name,
            hospital=hospital,
            department=department,
            post=customer.post,
            title=customer.title,
            kind=customer.kind.value,
            aliases=tuple(customer.aliases),
        )
        for customer, hospital, department in rows
    )


def _hospitals(session: Session) -> tuple[RosterHospital, ...]:
    departments: dict[int, list[str]] = {}
    for hospital_id, name in session.exec(select(Department.hospital_id, Department.name)).all():
        departments.setdefault(hospital_id, []).append(name)
    rows = select(Hospital.id, Hospital.name, Hospital.aliases).order_by(col(Hospital.id))
    return tuple(
        RosterHospital(name, tuple(aliases), tuple(sorted(departments.get(id_ or 0, ()))))
        for id_, name, aliases in session.exec(rows).all()
    )


def _products(session: Session) -> tuple[RosterProduct, ...]:
    return tuple(
        RosterProduct(p.name, tuple(p.aliases), p.indication, tuple(p.competitors))
        for p in session.exec(select(Product).order_by(col(Product.id))).all()
    )

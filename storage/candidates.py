"""The facts that 「下一个该见谁」 ranks: a rep's own customers, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from bot.domain.clinic import parse_clinic
from bot.domain.promises import Promise
from bot.domain.ranking import Candidate
from bot.domain.tiers import Par, segment_of
from storage.customers import Customer
from storage.needs import Need, NeedStatus
from storage.next_steps import NextStep, StepStatus
from storage.notes import NoteCustomer
from storage.people import Person
from storage.places import Department, Hospital
from storage.plans import PlannedVisit
from storage.scope import customers_of


@dataclass(frozen=True, slots=True)
class _Around:
    """What concerns a rep's customers on a day, by customer id."""

    promises: Mapping[int, list[Promise]]
    needs: Mapping[int, list[str]]
    planned: frozenset[int]


def candidates_of(
    session: Session, person: Person, day: date, *, high: int, low: int
) -> list[Candidate]:
    """Everyone the person looks after, with what matters for a visit on `day`.

    Four queries, each through an index that begins with the person or one of their customers.
    `high` and `low` are the policy's PAR cut.
    """
    around = _Around(
        _promises(session, person), _needs(session, person), _planned(session, person, day)
    )
    rows = session.exec(customers_query(session, person, day)).all()
    return [
        _candidate(customer, hospital, department, last_visit, around, high=high, low=low)
        for customer, hospital, department, last_visit in rows
    ]


def customers_query(
    session: Session, person: Person, day: date
) -> Select[Customer, Hospital, str, date | None]:
    """The person's customers with place and last confirmed visit up to `day`, which is one look-up
    in the index of visits per customer."""
    last_visit = (
        select(func.max(NoteCustomer.visit_date))
        .where(NoteCustomer.customer_id == col(Customer.id), NoteCustomer.visit_date <= day)
        .correlate(Customer)
        .scalar_subquery()
    )
    return (
        select(Customer, Hospital, Department.name, last_visit)
        .join(Hospital, col(Hospital.id) == Customer.hospital_id)
        .join(Department, col(Department.id) == Customer.department_id)
        .where(customers_of(session, person))
    )


def names_place(session: Session, words: str) -> bool:
    """Whether the words name a town or hospital, be it one where the person has nobody."""
    for hospital, aliases, city in session.exec(
        select(Hospital.name, Hospital.aliases, Hospital.city)
    ):
        names = (hospital, *aliases, (city or "").rstrip("市县区"))
        if any(len(name) > 1 and name in words for name in names):
            return True
    return False


def is_running() -> ColumnElement[bool]:
    """The condition that keeps needs that still wait for us: unanswered, or with a second clock."""
    answered = and_(col(Need.status) == NeedStatus.RESPONDED, col(Need.solve_by).is_not(None))
    return or_(col(Need.status) == NeedStatus.OPEN, answered)


def _candidate(
    customer: Customer,
    hospital: Hospital,
    department: str,
    last_visit: date | None,
    around: _Around,
    *,
    high: int,
    low: int,
) -> Candidate:
    customer_id = customer.id or 0
    par = Par(customer.potential, customer.attitude, customer.relationship)
    return Candidate(
        id=customer_id,
        name=customer.name,
        hospital=hospital.said_name,
        department=department,
        tier=customer.tier,
        segment=segment_of(par, high=high, low=low),
        last_visit=last_visit,
        promises=tuple(around.promises.get(customer_id, ())),
        needs=tuple(around.needs.get(customer_id, ())),
        clinic=parse_clinic(customer.clinic_hours),
        planned=customer_id in around.planned,
        skip_until=customer.skip_until,
    )


def _promises(session: Session, person: Person) -> Mapping[int, list[Promise]]:
    found: dict[int, list[Promise]] = defaultdict(list)
    rows = session.exec(
        select(col(NextStep.customer_id), NextStep.action, col(NextStep.due_on)).where(
            NextStep.owner_id == person.id, NextStep.status == StepStatus.OPEN
        )
    )
    for customer_id, action, due in rows:
        if customer_id is not None:
            found[customer_id].append(Promise(action, due))
    return found


def _needs(session: Session, person: Person) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = session.exec(
        select(col(Need.customer_id), Need.text).where(Need.owner_id == person.id, is_running())
    )
    for customer_id, words in rows:
        if customer_id is not None:
            found[customer_id].append(words)
    return found


def _planned(session: Session, person: Person, day: date) -> frozenset[int]:
    planned = select(PlannedVisit.customer_id).where(
        PlannedVisit.person_id == person.id, PlannedVisit.day == day
    )
    return frozenset(session.exec(planned).all())

"""Everything on file about one customer, as far as the person who asks may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from storage import audit
from storage.candidates import is_running
from storage.customers import Customer, CustomerTag, FactStatus, ProfileFact
from storage.needs import Need
from storage.next_steps import NextStep, StepStatus
from storage.notes import NoteCustomer, NoteQuote, NoteStatus, VisitNote
from storage.people import Person
from storage.places import Department, Hospital
from storage.scope import customers_of, notes_of, team_ids

LAST_VISITS = 3
LAST_QUOTES = 3
LAST_DONE = 10


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer's file; visits, quotes, done steps and facts have the newest first, open steps the
    most urgent."""

    customer: Customer
    hospital: Hospital
    department: str
    tags: Sequence[str]
    visits: Sequence[VisitNote]
    visit_count: int
    quotes: Sequence[NoteQuote]
    open_steps: Sequence[NextStep]
    done_steps: Sequence[NextStep]
    needs: Sequence[Need]
    facts: Sequence[ProfileFact]


def customer_in_scope(session: Session, person: Person, customer_id: int) -> Customer | None:
    """The customer, when the person may see it."""
    wanted = select(Customer).where(Customer.id == customer_id, customers_of(session, person))
    return session.exec(wanted).first()


def load_profile(session: Session, person: Person, customer_id: int) -> Profile | None:
    """The file of a customer as far as the person may read it; None outside of their scope."""
    customer = customer_in_scope(session, person, customer_id)
    if customer is None:
        return None
    met = _met(session, person, customer_id)
    team = col(NextStep.owner_id).in_(team_ids(session, person))
    return Profile(
        customer=customer,
        hospital=session.get_one(Hospital, customer.hospital_id),
        department=session.get_one(Department, customer.department_id).name,
        tags=tags_of(session, customer_id),
        visits=_visits(session, met),
        visit_count=_count(session, met),
        quotes=_quotes(session, person, customer_id),
        open_steps=_steps(session, customer_id, team, StepStatus.OPEN),
        done_steps=_steps(session, customer_id, team, StepStatus.DONE),
        needs=_needs(session, customer_id),
        facts=_facts(session, customer_id),
    )


def _met(session: Session, person: Person, customer_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(NoteCustomer.customer_id) == customer_id,
        col(VisitNote.status) == NoteStatus.CONFIRMED,
        notes_of(session, person),
    )


def _visits(session: Session, met: tuple[ColumnElement[bool], ...]) -> Sequence[VisitNote]:
    newest = (col(NoteCustomer.visit_date).desc(), col(NoteCustomer.note_id).desc())
    wanted = select(VisitNote).join(NoteCustomer, col(NoteCustomer.note_id) == VisitNote.id)
    return session.exec(wanted.where(*met).order_by(*newest).limit(LAST_VISITS)).all()


def _count(session: Session, met: tuple[ColumnElement[bool], ...]) -> int:
    wanted = select(func.count(col(NoteCustomer.note_id)))
    return session.exec(
        wanted.join(VisitNote, col(VisitNote.id) == NoteCustomer.note_id).where(*met)
    ).one()


def _quotes(session: Session, person: Person, customer_id: int) -> Sequence[NoteQuote]:
    wanted = (
        select(NoteQuote)
        .join(VisitNote, col(VisitNote.id) == NoteQuote.note_id)
        .where(NoteQuote.customer_id == customer_id, notes_of(session, person))
        .order_by(col(NoteQuote.said_on).desc(), col(NoteQuote.id).desc())
        .limit(LAST_QUOTES)
    )
    return session.exec(wanted).all()


def _steps(
    session: Session, customer_id: int, team: ColumnElement[bool], status: StepStatus
) -> Sequence[NextStep]:
    order: tuple[Any, ...] = (col(NextStep.due_on).is_(None), NextStep.due_on, NextStep.id)
    if status == StepStatus.DONE:
        order = (col(NextStep.closed_at).desc(), col(NextStep.id).desc())
    wanted = select(NextStep).where(NextStep.customer_id == customer_id, NextStep.status == status)
    return session.exec(wanted.where(team).order_by(*order).limit(LAST_DONE)).all()


def _needs(session: Session, customer_id: int) -> Sequence[Need]:
    wanted = select(Need).where(Need.customer_id == customer_id, is_running())
    return session.exec(wanted.order_by(col(Need.respond_by), col(Need.id))).all()


def tags_of(session: Session, customer_id: int) -> Sequence[str]:
    """The tags on a customer's file."""
    wanted = select(CustomerTag.tag).where(CustomerTag.customer_id == customer_id)
    return session.exec(wanted.order_by(CustomerTag.tag)).all()


def _facts(session: Session, customer_id: int) -> Sequence[ProfileFact]:
    wanted = select(ProfileFact).where(
        ProfileFact.customer_id == customer_id, ProfileFact.status == FactStatus.ACCEPTED
    )
    return session.exec(wanted.order_by(col(ProfileFact.said_at).desc(), col(ProfileFact.id))).all()


def add_tag(session: Session, customer_id: int, tag: str, *, actor_id: int, at: datetime) -> None:
    """Put a tag on a customer's file; one that is there stays as it is."""
    if session.get(CustomerTag, (customer_id, tag)) is None:
        session.add(CustomerTag(customer_id=customer_id, tag=tag))
        _record(session, "customer.tag", customer_id, actor_id, at)


def remove_tag(
    session: Session, customer_id: int, tag: str, *, actor_id: int, at: datetime
) -> None:
    """Take a tag off a customer's file."""
    filed = session.get(CustomerTag, (customer_id, tag))
    if filed is not None:
        session.delete(filed)
        _record(session, "customer.untag", customer_id, actor_id, at)


def _record(session: Session, action: str, customer_id: int, actor_id: int, at: datetime) -> None:
    session.flush()
    audit.record(
        session,
        at=at,
        actor_id=actor_id,
        action=action,
        subject=f"customer:{customer_id}",
        detail={},
    )

"""What the morning briefings of many reps tell, in a number of queries that does not grow with
them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, select

from bot.domain.clinic import parse_clinic
from bot.domain.promises import Promise
from bot.domain.ranking import Candidate
from bot.domain.tiers import Par, Tier, segment_of
from storage.candidates import is_running
from storage.customers import Customer
from storage.needs import Need
from storage.next_steps import NextStep, StepStatus
from storage.notes import NoteCustomer, NoteStatus, VisitNote
from storage.places import Department, Hospital
from storage.plans import PlannedVisit


@dataclass(slots=True)
class Owed:
    """An open promise or a running need, for whom, and until when."""

    customer_id: int | None
    customer: str | None
    words: str
    due: date | None = None
    until: datetime | None = None


@dataclass(slots=True)
class Morning:
    """What one rep's briefing is made of."""

    candidates: list[Candidate] = field(default_factory=list)
    promises: list[Owed] = field(default_factory=list)
    needs: list[Owed] = field(default_factory=list)
    drafts: int = 0


def mornings(
    session: Session,
    people: Sequence[int],
    day: date,
    *,
    high: int,
    low: int,
    drafts_since: datetime,
) -> Mapping[int, Morning]:
    """The facts of each rep's briefing; `high` and `low` are the policy's PAR cut."""
    found = {person: Morning() for person in people}
    for person, owed in _promises(session, people):
        found[person].promises.append(owed)
    for person, owed in _needs(session, people):
        found[person].needs.append(owed)
    for person, count in _drafts(session, people, drafts_since):
        found[person].drafts = count
    planned = _planned(session, people, day)
    around = {person: _Around(morning, planned) for person, morning in found.items()}
    for person, row in _customers(session, people, day):
        found[person].candidates.append(_candidate(row, around[person], high=high, low=low))
    return found


class _Around:
    """Promises and needs by customer, within one person's."""

    def __init__(self, morning: Morning, planned: set[tuple[int, int]]) -> None:
        self.planned = planned
        self.promises: dict[int, list[Promise]] = defaultdict(list)
        self.needs: dict[int, list[str]] = defaultdict(list)
        for owed in morning.promises:
            self.promises[owed.customer_id or 0].append(Promise(owed.words, owed.due))
        for owed in morning.needs:
            self.needs[owed.customer_id or 0].append(owed.words)


def _promises(session: Session, people: Sequence[int]) -> list[tuple[int, Owed]]:
    wanted = (
        sa_select(
            col(NextStep.owner_id),
            col(NextStep.customer_id),
            col(Customer.name),
            col(NextStep.action),
            col(NextStep.due_on),
        )
        .join(Customer, col(Customer.id) == NextStep.customer_id, isouter=True)
        .where(col(NextStep.owner_id).in_(people), col(NextStep.status) == StepStatus.OPEN)
        .order_by(col(NextStep.id))
    )
    rows = session.execute(wanted)
    return [(owner, Owed(customer, name, words, due)) for owner, customer, name, words, due in rows]


def _needs(session: Session, people: Sequence[int]) -> list[tuple[int, Owed]]:
    wanted = (
        select(Need, Customer.name)
        .join(Customer, col(Customer.id) == Need.customer_id, isouter=True)
        .where(col(Need.owner_id).in_(people), is_running())
        .order_by(col(Need.respond_by), col(Need.id))
    )
    return [
        (need.owner_id, Owed(need.customer_id, name, need.text, until=need.respond_by))
        for need, name in session.exec(wanted)
    ]


def _drafts(session: Session, people: Sequence[int], since: datetime) -> list[tuple[int, int]]:
    wanted = (
        select(VisitNote.author_id, func.count(col(VisitNote.id)))
        .where(
            col(VisitNote.author_id).in_(people),
            VisitNote.status == NoteStatus.DRAFT,
            col(VisitNote.said_at) >= since,
        )
        .group_by(col(VisitNote.author_id))
    )
    return list(session.exec(wanted).all())


def _planned(session: Session, people: Sequence[int], day: date) -> set[tuple[int, int]]:
    wanted = select(PlannedVisit.person_id, PlannedVisit.customer_id).where(
        col(PlannedVisit.person_id).in_(people), PlannedVisit.day == day
    )
    return set(session.exec(wanted).all())


def _customers(session: Session, people: Sequence[int], day: date) -> list[tuple[int, Any]]:
    """Columns, not objects: there are fifty customers to a rep."""
    last_visit = (
        select(func.max(NoteCustomer.visit_date))
        .where(NoteCustomer.customer_id == col(Customer.id), NoteCustomer.visit_date <= day)
        .correlate(Customer)
        .scalar_subquery()
    )
    wanted: Any = (
        sa_select(
            col(Customer.owner_id),
            col(Customer.id),
            col(Customer.name),
            col(Customer.tier),
            col(Customer.potential),
            col(Customer.attitude),
            col(Customer.relationship),
            col(Customer.clinic_hours),
            col(Customer.skip_until),
            col(Hospital.name).label("hospital"),
            col(Hospital.aliases),
            col(Department.name).label("department"),
            last_visit.label("last_visit"),
        )
        .join(Hospital, col(Hospital.id) == Customer.hospital_id)
        .join(Department, col(Department.id) == Customer.department_id)
        .where(col(Customer.owner_id).in_(people))
    )
    return [(row.owner_id, row) for row in session.execute(wanted)]


def _candidate(row: Any, around: _Around, *, high: int, low: int) -> Candidate:
    par = Par(row.potential, row.attitude, row.relationship)
    return Candidate(
        id=row.id,
        name=row.name,
        hospital=row.aliases[0] if row.aliases else row.hospital,
        department=row.department,
        tier=Tier(row.tier),
        segment=segment_of(par, high=high, low=low),
        last_visit=row.last_visit,
        promises=tuple(around.promises.get(row.id, ())),
        needs=tuple(around.needs.get(row.id, ())),
        clinic=parse_clinic(row.clinic_hours),
        planned=(row.owner_id, row.id) in around.planned,
        skip_until=row.skip_until,
    )

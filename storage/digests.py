"""What the digests of a week tell: everybody at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from bot.domain.clock import local_day
from bot.domain.quiet import at
from storage.needs import Need, NeedStatus
from storage.next_steps import NextStep, StepStatus
from storage.notes import NoteStatus, VisitNote
from storage.people import Person, Role
from storage.pushes import is_handled, topic_of


@dataclass(frozen=True, slots=True)
class RepWeek:
    """One rep's week: visits on file, drafts that wait, promises and needs that are late."""

    name: str
    visits: int
    drafts: int
    promises: int
    needs: int


def reps_without(session: Session, now: datetime, kind: str, week: str) -> Sequence[int]:
    """Active reps who had no push of this kind in the week."""
    topic = topic_of(kind, col(Person.id), week)
    since = at(local_day(now) - timedelta(days=7), time())
    wanted = select(Person.id).where(
        col(Person.active), col(Person.role) == Role.REP, ~is_handled(topic, since)
    )
    return [person_id or 0 for person_id in session.exec(wanted).all()]


def managers_without(session: Session, now: datetime, kind: str, week: str) -> Sequence[int]:
    """Active managers with reps of their own who had no push of this kind in the week."""
    topic = topic_of(kind, col(Person.id), week)
    since = at(local_day(now) - timedelta(days=7), time())
    below = aliased(Person)
    has_reps = (
        select(below.id).where(col(below.manager_id) == col(Person.id), col(below.active)).exists()
    )
    wanted = select(Person.id).where(
        col(Person.active), col(Person.role) == Role.MANAGER, has_reps, ~is_handled(topic, since)
    )
    return [person_id or 0 for person_id in session.exec(wanted).all()]


def team_weeks(
    session: Session, managers: Sequence[int], now: datetime
) -> Mapping[int, list[RepWeek]]:
    """The week of each manager's reps, by manager; six queries for any number of managers."""
    reps = select(Person.id, Person.name, Person.manager_id).where(
        col(Person.manager_id).in_(managers), col(Person.role) == Role.REP, col(Person.active)
    )
    rows = session.exec(reps.order_by(col(Person.id))).all()
    ids = [rep_id or 0 for rep_id, _, _ in rows]
    today = local_day(now)
    monday = today - timedelta(days=today.weekday())
    visits = _notes(session, ids, NoteStatus.CONFIRMED, monday, today)
    drafts = _notes(session, ids, NoteStatus.DRAFT, monday, today)
    promises, needs = _late_promises(session, ids, today), _late_needs(session, ids, now)
    found: dict[int, list[RepWeek]] = {manager: [] for manager in managers}
    for rep_id, name, manager_id in rows:
        key = rep_id or 0
        counts = (one.get(key, 0) for one in (visits, drafts, promises, needs))
        found[manager_id or 0].append(RepWeek(name, *counts))
    return found


def _notes(
    session: Session, ids: Sequence[int], status: NoteStatus, first: date, last: date
) -> dict[int, int]:
    wanted = (
        select(VisitNote.author_id, func.count(col(VisitNote.id)))
        .where(
            col(VisitNote.author_id).in_(ids),
            VisitNote.status == status,
            col(VisitNote.visit_date).between(first, last),
        )
        .group_by(col(VisitNote.author_id))
    )
    return dict(session.exec(wanted).all())


def _late_promises(session: Session, ids: Sequence[int], today: date) -> dict[int, int]:
    wanted = (
        select(NextStep.owner_id, func.count(col(NextStep.id)))
        .where(
            col(NextStep.owner_id).in_(ids),
            NextStep.status == StepStatus.OPEN,
            col(NextStep.due_on) < today,
        )
        .group_by(col(NextStep.owner_id))
    )
    return dict(session.exec(wanted).all())


def _late_needs(session: Session, ids: Sequence[int], now: datetime) -> dict[int, int]:
    wanted = (
        select(Need.owner_id, func.count(col(Need.id)))
        .where(
            col(Need.owner_id).in_(ids),
            Need.status == NeedStatus.OPEN,
            col(Need.respond_by) < now,
        )
        .group_by(col(Need.owner_id))
    )
    return dict(session.exec(wanted).all())

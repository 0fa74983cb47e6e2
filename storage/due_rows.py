"""What people may have to be told: a query for everybody at once, whatever their number."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, literal
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, or_, select

from bot.domain.clock import local_day
from bot.domain.event_repeats import OpenEvent, UnseenEvent
from bot.domain.need_stages import RunningNeed
from bot.domain.note import FlagCode
from bot.domain.quiet import at
from bot.domain.reminding import OpenDraft, OpenPromise, Reader
from storage.candidates import is_running
from storage.customers import Customer
from storage.flags import ComplianceFlag, FlagStatus
from storage.needs import Need, NeedStatus
from storage.next_steps import NextStep, StepStatus
from storage.notes import NoteStatus, VisitNote
from storage.people import Person, Role
from storage.push_settings import PushSetting
from storage.pushes import is_handled, topic_of, wait_for_briefing

LOOK_BACK = timedelta(days=14)
"""Longer than the longest holiday: what was due before that is only in the list."""

EVENTS_SINCE = timedelta(days=90)


def open_promises(session: Session, now: datetime) -> Sequence[OpenPromise]:
    """Promises with a remind day or a due day of late of which nothing was said today."""
    today = local_day(now)
    topic = _topic("promise", col(NextStep.owner_id), "step", col(NextStep.id))
    wanted = (
        sa_select(
            col(NextStep.id),
            col(NextStep.owner_id),
            col(NextStep.action),
            col(Customer.name),
            col(NextStep.remind_on),
            col(NextStep.due_on),
            col(NextStep.created_at),
        )
        .join(Customer, col(Customer.id) == NextStep.customer_id, isouter=True)
        .where(
            col(NextStep.status) == StepStatus.OPEN,
            or_(
                col(NextStep.remind_on).between(today - LOOK_BACK, today),
                col(NextStep.due_on).between(today - LOOK_BACK, today),
            ),
            ~is_handled(topic, at(today, time())),
        )
    )
    return [OpenPromise(*row) for row in session.execute(wanted)]


def open_drafts_of_all(session: Session, now: datetime) -> Sequence[OpenDraft]:
    """Drafts since yesterday of which nothing was said."""
    since = at(local_day(now) - timedelta(days=1), time())
    topic = _topic("draft", col(VisitNote.author_id), "draft", col(VisitNote.id))
    wanted = sa_select(
        col(VisitNote.id),
        col(VisitNote.author_id),
        col(VisitNote.said_at),
        col(VisitNote.visit_date),
        col(VisitNote.content),
    ).where(
        col(VisitNote.status) == NoteStatus.DRAFT,
        col(VisitNote.said_at) >= since,
        col(VisitNote.said_at) <= now,
        ~is_handled(topic, since),
    )
    return [
        OpenDraft(id_ or 0, author, said_at, _about(day, content))
        for id_, author, said_at, day, content in session.execute(wanted)
    ]


def running_needs(session: Session, now: datetime) -> Sequence[RunningNeed]:
    """Needs that wait for us, with their owner's manager."""
    wanted = (
        select(Need, Person.name, Person.manager_id, Customer.name)
        .join(Person, col(Person.id) == Need.owner_id)
        .join(Customer, col(Customer.id) == Need.customer_id, isouter=True)
        .where(is_running(), col(Need.raised_at) > now - EVENTS_SINCE)
    )
    return [_need(*row) for row in session.exec(wanted)]


def unseen_events_of_all(session: Session, _: datetime) -> Sequence[UnseenEvent]:
    """Adverse events that nobody took up, with who has to: compliance, or the admins."""
    wanted = (
        select(ComplianceFlag, Person.name)
        .join(Person, col(Person.id) == ComplianceFlag.person_id)
        .where(
            ComplianceFlag.code == FlagCode.ADVERSE_EVENT, ComplianceFlag.status == FlagStatus.OPEN
        )
    )
    found = session.exec(wanted).all()
    if not found:
        return []
    admins = _with_role(session, Role.ADMIN)
    watchers = _with_role(session, Role.COMPLIANCE) or admins
    rest = tuple(person for person in admins if person not in watchers)
    return [
        UnseenEvent(flag.id or 0, flag.evidence, teller, flag.raised_at, watchers, rest)
        for flag, teller in found
    ]


def open_events(session: Session, now: datetime) -> Sequence[OpenEvent]:
    """Adverse events that are not closed."""
    wanted = select(ComplianceFlag.id, ComplianceFlag.person_id, ComplianceFlag.raised_at).where(
        ComplianceFlag.code == FlagCode.ADVERSE_EVENT,
        ComplianceFlag.status != FlagStatus.CLOSED,
        col(ComplianceFlag.raised_at) > now - EVENTS_SINCE,
    )
    return [OpenEvent(id_ or 0, person, raised) for id_, person, raised in session.exec(wanted)]


def briefing_readers(session: Session, now: datetime) -> Sequence[Reader]:
    """Reps, and whoever has something kept for a briefing, who had none today."""
    today = local_day(now)
    topic = _topic("briefing", col(Person.id), "day", literal(f"{today:%Y%m%d}"))
    wanted = (
        sa_select(col(Person.id), col(PushSetting.briefing_at))
        .join(PushSetting, col(PushSetting.person_id) == Person.id, isouter=True)
        .where(
            col(Person.active),
            or_(col(Person.role) == Role.REP, wait_for_briefing()),
            ~is_handled(topic, at(today, time())),
        )
    )
    return [Reader(person_id or 0, when) for person_id, when in session.execute(wanted)]


def _topic(kind: str, owner: Any, subject: str, about: Any) -> ColumnElement[str]:
    return topic_of(kind, owner, literal(f"{subject}-") + cast(about, String))


def _need(need: Need, owner: str, manager_id: int | None, customer: str | None) -> RunningNeed:
    return RunningNeed(
        need.id or 0,
        need.owner_id,
        owner,
        manager_id,
        customer,
        need.level,
        need.text,
        need.raised_at,
        need.respond_by,
        need.solve_by,
        need.status == NeedStatus.RESPONDED,
    )


def _about(day: date, content: Mapping[str, Any]) -> str:
    names = "、".join(customer["name"] for customer in content.get("customers", ()))
    return f"{day.month}月{day.day}日 {names or '拜访'}"


def _with_role(session: Session, role: Role) -> tuple[int, ...]:
    wanted = select(Person.id).where(col(Person.role) == role, col(Person.active))
    return tuple(id_ or 0 for id_ in session.exec(wanted.order_by(col(Person.id))).all())

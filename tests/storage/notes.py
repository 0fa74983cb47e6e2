"""Visits of a small territory, for the tests of what is stored of them."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from bot.domain.note import (
    GroundedVisit,
    KnownCustomer,
    Need,
    NextStep,
    Outcome,
    ProfileUpdate,
    Quote,
)
from bot.domain.timeliness import Timeliness
from bot.policy import load_policy
from storage.customers import Customer
from storage.notebook import open_draft
from storage.notes import VisitNote
from storage.people import Person
from storage.recording import Clocks

SAID = datetime.fromisoformat("2026-11-06T17:00:00+08:00")
"""A Friday afternoon: two working days later is Tuesday."""

CONFIRMED = datetime.fromisoformat("2026-11-06T21:30:00+08:00")
POLICY = load_policy()
CLOCKS = Clocks(POLICY.need_clocks(), POLICY.work_calendar())


def known(customer: Customer) -> KnownCustomer:
    """A customer as a note names them."""
    return KnownCustomer(id=customer.id or 0, name=customer.name, hospital="", department=None)


def promise(action: str, customer: Customer, due: str | None = None) -> NextStep:
    """A promise."""
    return NextStep(
        action=action,
        customer_id=customer.id,
        customer=customer.name,
        due=date.fromisoformat(due) if due else None,
        due_phrase=due,
        evidence=action,
    )


def need(text: str, level: int, customer: Customer | None = None) -> Need:
    """A request."""
    return Need(
        level=level, text=text, customer_id=customer.id if customer else None, evidence=text
    )


def fact(customer: Customer, field: str, value: str) -> ProfileUpdate:
    """A fact for the file."""
    return ProfileUpdate(
        customer_id=customer.id, customer=customer.name, field=field, value=value, evidence=value
    )


def quote(speaker: str | None, text: str) -> Quote:
    """Somebody's own words."""
    return Quote(speaker=speaker, text=text)


def visit_to(*met: Customer, **changed: Any) -> GroundedVisit:
    """A visit on that Friday of which nothing else was said but the changes."""
    nothing: dict[str, Any] = {
        name: []
        for name in (
            *("ambiguous", "new_people", "co_visitors", "key_points", "objections", "competitors"),
            *("quotes", "profile_updates", "next_steps", "needs", "flags"),
        )
    }
    unsaid = dict.fromkeys(("start_time", "channel", "hospital", "department", "goal"))
    return GroundedVisit.model_validate(
        {
            **nothing,
            **unsaid,
            "visit_date": SAID.date(),
            "date_said": True,
            "duration_minutes": 20,
            "customers": [known(customer) for customer in met],
            "outcome": Outcome.NOT_SAID,
            "dropped": 0,
            **changed,
        }
    )


def draft(session: Session, author: Person, visit: GroundedVisit, **given: Any) -> VisitNote:
    """A draft that was dictated on that Friday."""
    return open_draft(
        session,
        visit,
        author_id=author.id or 0,
        dictation=given.pop("dictation", "口述"),
        engine="rules",
        timeliness=Timeliness.UNKNOWN,
        said_at=given.pop("said_at", SAID),
        **given,
    )

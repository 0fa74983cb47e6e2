"""A small territory in a real database, and a rep who speaks and presses in it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from bot.app import load_capabilities
from bot.domain.clock import SHANGHAI
from bot.domain.note import Channel, GroundedVisit, KnownCustomer, Outcome, Quote
from bot.domain.tiers import Tier
from bot.domain.timeliness import Timeliness
from bot.intent import Heard, Understander, Understanding
from bot.messages import Reply
from bot.policy import load_policy
from bot.registry import Registry
from bot.turn import Turn
from bot.understanding.proposer import RulesProposer
from storage.accounts import TERMINAL
from storage.customers import Customer, CustomerKind, CustomerTag
from storage.directory import directory_of
from storage.messages import Conversation
from storage.next_steps import NextStep, StepStatus
from storage.notes import NoteCustomer, NoteQuote, NoteStatus, VisitNote
from storage.people import Person, Role
from storage.places import Department, Hospital
from storage.rosters import roster_of

TODAY = date(2026, 11, 25)
"""A Wednesday."""

NOW = datetime.combine(TODAY, time(9, 0), SHANGHAI)


@dataclass
class Desk:
    """A person at work: what they say and press is answered as the dispatcher would route it."""

    session: Session
    person: Person
    now: datetime = NOW
    last: Reply = field(default_factory=lambda: Reply(""))

    @property
    def turn(self) -> Turn:
        return Turn(self.session, self.person, self.now, load_policy(), None, Path(), TERMINAL)

    def say(self, text: str) -> Reply:
        """What the assistant makes of the words: an answer to the open question, or a call."""
        registry, asked = load_capabilities(), self.session.get(Conversation, self.person.id)
        meant = self._understood(text, registry, asked)
        if meant.kind == "answer" and asked is not None:
            return self._keep(registry.answers[meant.target].run(self.turn, text, asked.about))
        assert meant.kind == "call", f"{text} is understood as {meant.kind}"
        found = registry.named(meant.target)
        assert self.person.role in found.roles, f"{found.name} is not for {self.person.role}"
        return self._keep(found.run(self.turn, found.slots.model_validate(meant.slots)))

    def _understood(
        self, text: str, registry: Registry, asked: Conversation | None
    ) -> Understanding:
        question = asked.question if asked else None
        directory = directory_of(self.session, self.person)
        heard = Heard(text, (), self.person.role, question, self.now, lambda: directory)
        reader = Understander(registry, load_policy(), RulesProposer())
        return reader.understand(heard, roster_of(self.session, self.person))

    def press(self, label: str) -> Reply:
        """The button of the last answer whose label is this one, or begins with it."""
        buttons = self.last.buttons
        exact = [b for b in buttons if b.label == label]
        button = next(iter(exact or [b for b in buttons if b.label.startswith(label)]))
        return self.press_id(button.id)

    def press_id(self, button_id: str) -> Reply:
        """A button by its id, as an old card or a forged one would send it."""
        name, *arguments = button_id.split(":")
        return self._keep(load_capabilities().presses[name].press(self.turn, arguments))

    def customer(self, name: str) -> Customer:
        """A customer by name, whoever looks after them."""
        return self.session.exec(select(Customer).where(Customer.name == name)).one()

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.last.buttons]

    def _keep(self, said: Any) -> Reply:
        self.last = said if isinstance(said, Reply) else said[0]
        self.session.flush()
        return self.last


def hire(session: Session, login: str, role: Role = Role.REP, boss: Person | None = None) -> Person:
    person = Person(login=login, name=login, role=role, manager_id=boss.id if boss else None)
    session.add(person)
    session.flush()
    return person


def meet_customer(
    session: Session,
    owner: Person,
    name: str,
    *,
    hospital: str = "河口市第一医院",
    department: str = "心内科",
    tier: Tier = Tier.KEY,
    tags: tuple[str, ...] = (),
    **more: Any,
) -> Customer:
    place = _hospital(session, hospital)
    ward = _department(session, place, department)
    given = {"kind": CustomerKind.DOCTOR, "potential": 3, "attitude": 3, "relationship": 3, **more}
    customer = Customer(
        name=name,
        hospital_id=place.id or 0,
        department_id=ward.id or 0,
        owner_id=owner.id or 0,
        tier=tier,
        **given,
    )
    session.add(customer)
    session.flush()
    session.add_all(CustomerTag(customer_id=customer.id or 0, tag=tag) for tag in tags)
    session.flush()
    return customer


def visited(
    session: Session,
    owner: Person,
    customer: Customer,
    days_ago: int,
    *,
    points: tuple[str, ...] = (),
    quotes: tuple[str, ...] = (),
) -> VisitNote:
    """A confirmed visit, some days before TODAY."""
    day = TODAY - timedelta(days=days_ago)
    at = datetime.combine(day, time(18, 0), SHANGHAI).astimezone(UTC)
    note = VisitNote(
        author_id=owner.id or 0,
        status=NoteStatus.CONFIRMED,
        visit_date=day,
        timeliness=Timeliness.ON_TIME,
        content=_content(customer, day, points, quotes).model_dump(mode="json"),
        dictation="。".join((*points, *quotes)),
        engine="rules",
        said_at=at,
        saved_at=at,
    )
    session.add(note)
    session.flush()
    note_id, who = note.id or 0, customer.id or 0
    session.add(NoteCustomer(note_id=note_id, customer_id=who, visit_date=day))
    session.add_all(
        NoteQuote(note_id=note_id, customer_id=who, text=text, said_on=day) for text in quotes
    )
    session.flush()
    return note


def promised(
    session: Session,
    owner: Person,
    customer: Customer | None,
    action: str,
    due: date | None = None,
    *,
    status: StepStatus = StepStatus.OPEN,
) -> NextStep:
    step = NextStep(
        owner_id=owner.id or 0,
        customer_id=customer.id if customer else None,
        action=action,
        due_on=due,
        status=status,
        created_at=NOW,
        closed_at=NOW if status == StepStatus.DONE else None,
    )
    session.add(step)
    session.flush()
    return step


def _content(
    customer: Customer, day: date, points: tuple[str, ...], quotes: tuple[str, ...]
) -> GroundedVisit:
    known = KnownCustomer(id=customer.id or 0, name=customer.name, hospital="", department=None)
    return GroundedVisit(
        visit_date=day,
        date_said=True,
        start_time=None,
        duration_minutes=20,
        channel=Channel.FACE,
        hospital=None,
        department=None,
        customers=[known],
        ambiguous=[],
        new_people=[],
        co_visitors=[],
        goal=None,
        outcome=Outcome.NOT_SAID,
        key_points=list(points),
        objections=[],
        competitors=[],
        quotes=[Quote(speaker=None, text=text) for text in quotes],
        profile_updates=[],
        next_steps=[],
        needs=[],
        flags=[],
        dropped=0,
    )


def _hospital(session: Session, name: str) -> Hospital:
    found = session.exec(select(Hospital).where(Hospital.name == name)).first()
    if found is None:
        found = Hospital(name=name, aliases=[name.replace("河口市第", "")])
        session.add(found)
        session.flush()
    return found


def _department(session: Session, hospital: Hospital, name: str) -> Department:
    wanted = select(Department).where(
        Department.hospital_id == hospital.id, Department.name == name
    )
    found = session.exec(wanted).first()
    if found is None:
        found = Department(hospital_id=hospital.id or 0, name=name)
        session.add(found)
        session.flush()
    return found

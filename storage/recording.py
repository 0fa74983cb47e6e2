"""What 确认 makes final: customers met, quotes, next steps, needs, and facts to accept."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import local_day
from bot.domain.needs import NeedClocks, deadlines_of
from bot.domain.note import GroundedVisit
from bot.domain.note import NextStep as Promise
from bot.domain.speakers import speaker_of
from bot.domain.timeliness import Timeliness
from bot.domain.todos import remind_day
from storage.customers import Customer, FactStatus, ProfileFact, module_of
from storage.needs import Need
from storage.next_steps import NextStep, StepStatus
from storage.notebook import close_draft, open_draft, record_audit, revise, visit_of
from storage.notes import NoteCustomer, NoteQuote, NoteStatus, VisitNote


@dataclass(frozen=True, slots=True)
class Clocks:
    """What deadlines are computed with: the policy's needs clocks and the working calendar."""

    needs: NeedClocks
    calendar: WorkCalendar


@dataclass(frozen=True, slots=True)
class _Making:
    """When and by which clocks; `left_alone`: the promises that an amendment does not touch."""

    at: datetime
    clocks: Clocks
    left_alone: tuple[Promise, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a 确认 made final."""

    note: VisitNote
    steps: list[NextStep]
    facts: list[ProfileFact]
    needs: list[Need]


def confirm(session: Session, note: VisitNote, *, at: datetime, clocks: Clocks) -> Recorded:
    """Make a draft final: its customers, quotes, next steps, needs and proposed facts are stored.

    A draft that amends a confirmed note becomes that note's next version; what the change took
    back is dropped, what it left alone stays as it is.

    Raises:
        StaleCardError: the draft was finished or changed since it was read.
    """
    if note.amends_id is not None:
        return _confirm_amendment(session, note, at=at, clocks=clocks)
    close_draft(session, note, NoteStatus.CONFIRMED)
    note.confirmed_at = at
    session.add(note)
    return _record(session, note, _Making(at, clocks), action="note.confirm")


def store_confirmed(
    session: Session,
    visit: GroundedVisit,
    *,
    author_id: int,
    dictation: str,
    engine: str,
    timeliness: Timeliness,
    said_at: datetime,
    confirmed_at: datetime,
    clocks: Clocks,
) -> Recorded:
    """Store a visit that needs no card, as an import or a sample does."""
    note = open_draft(
        session,
        visit,
        author_id=author_id,
        dictation=dictation,
        engine=engine,
        timeliness=timeliness,
        said_at=said_at,
    )
    return confirm(session, note, at=confirmed_at, clocks=clocks)


def _confirm_amendment(
    session: Session, draft: VisitNote, *, at: datetime, clocks: Clocks
) -> Recorded:
    close_draft(session, draft, NoteStatus.CANCELLED)
    note = session.get_one(VisitNote, draft.amends_id, with_for_update=True, populate_existing=True)
    before, visit = visit_of(note), visit_of(draft)
    revise(session, note, visit, at=at, because=draft.dictation)
    _forget_links(session, note)
    _drop_steps_not_in(session, note, visit, at)
    made = _Making(at, clocks, left_alone=tuple(before.next_steps))
    return _record(session, note, made, action="note.amend")


def _record(session: Session, note: VisitNote, made: _Making, *, action: str) -> Recorded:
    visit = visit_of(note)
    _link_customers(session, note, visit)
    recorded = Recorded(
        note=note,
        steps=_add_steps(session, note, visit, made),
        facts=_add_facts(session, note, visit),
        needs=_add_needs(session, note, visit, made.clocks),
    )
    session.flush()
    record_audit(session, note, made.at, action)
    return recorded


def _link_customers(session: Session, note: VisitNote, visit: GroundedVisit) -> None:
    aliases = _aliases(session, visit)
    for customer_id in {customer.id for customer in visit.customers}:
        session.add(
            NoteCustomer(note_id=note.id or 0, customer_id=customer_id, visit_date=visit.visit_date)
        )
    for quote in visit.quotes:
        session.add(
            NoteQuote(
                note_id=note.id or 0,
                customer_id=speaker_of(quote.speaker, visit.customers, aliases),
                speaker=quote.speaker[:64] if quote.speaker else None,
                text=quote.text[:1000],
                said_on=visit.visit_date,
            )
        )


def _aliases(session: Session, visit: GroundedVisit) -> dict[int, list[str]]:
    ids = [customer.id for customer in visit.customers]
    wanted = select(Customer.id, Customer.aliases).where(col(Customer.id).in_(ids))
    return {customer_id or 0: list(aliases) for customer_id, aliases in session.exec(wanted).all()}


def _only(visit: GroundedVisit) -> int | None:
    return visit.customers[0].id if len(visit.customers) == 1 else None


def _forget_links(session: Session, note: VisitNote) -> None:
    session.exec(delete(NoteCustomer).where(col(NoteCustomer.note_id) == note.id))
    session.exec(delete(NoteQuote).where(col(NoteQuote.note_id) == note.id))


def _add_steps(
    session: Session, note: VisitNote, visit: GroundedVisit, made: _Making
) -> list[NextStep]:
    """A promise that an earlier version made is not made twice. What the change left alone stays as
    it is: it may be done or moved since."""
    known = {step.action: step for step in _steps_of(session, note)}
    steps = []
    for promise in visit.next_steps:
        step = known.get(promise.action[:300]) or NextStep(
            owner_id=note.author_id,
            note_id=note.id,
            action=promise.action[:300],
            evidence=promise.evidence[:1000],
            created_at=made.at,
        )
        if promise not in made.left_alone:
            _bring_up_to_date(step, promise, made)
        session.add(step)
        steps.append(step)
    return steps


def _bring_up_to_date(step: NextStep, promise: Promise, made: _Making) -> None:
    today, due = local_day(made.at), promise.due
    step.customer_id = promise.customer_id
    step.due_on, step.due_phrase = due, promise.due_phrase[:64] if promise.due_phrase else None
    step.remind_on = remind_day(due, today, made.clocks.calendar) if due else None
    if step.status == StepStatus.DROPPED:
        step.status, step.closed_at = StepStatus.OPEN, None


def _drop_steps_not_in(
    session: Session, note: VisitNote, visit: GroundedVisit, at: datetime
) -> None:
    kept = {promise.action[:300] for promise in visit.next_steps}
    for step in _steps_of(session, note):
        if step.action not in kept and step.status == StepStatus.OPEN:
            step.status, step.closed_at = StepStatus.DROPPED, at
            session.add(step)


def _steps_of(session: Session, note: VisitNote) -> list[NextStep]:
    return list(session.exec(select(NextStep).where(NextStep.note_id == note.id)).all())


def _add_facts(session: Session, note: VisitNote, visit: GroundedVisit) -> list[ProfileFact]:
    """Facts are only proposed; one that an earlier version proposed is not proposed again."""
    wanted = select(ProfileFact.customer_id, ProfileFact.evidence).where(
        ProfileFact.note_id == note.id
    )
    known = set(session.exec(wanted).all())
    facts = [
        ProfileFact(
            customer_id=update.customer_id,
            module=module_of(update.field),
            field=update.field[:64],
            value=update.value[:500],
            evidence=update.evidence[:1000],
            note_id=note.id,
            said_at=note.said_at,
            status=FactStatus.PROPOSED,
        )
        for update in visit.profile_updates
        if update.customer_id is not None
        and (update.customer_id, update.evidence[:1000]) not in known
    ]
    session.add_all(facts)
    return facts


def _add_needs(
    session: Session, note: VisitNote, visit: GroundedVisit, clocks: Clocks
) -> list[Need]:
    """The clock starts when the rep told it, not when the card was confirmed."""
    known = set(session.exec(select(Need.text).where(Need.note_id == note.id)).all())
    needs = []
    for said in visit.needs:
        if said.text[:500] in known:
            continue
        deadlines = deadlines_of(said.level, note.said_at, clocks.needs, clocks.calendar)
        need = Need(
            owner_id=note.author_id,
            customer_id=said.customer_id or _only(visit),
            note_id=note.id,
            level=said.level,
            text=said.text[:500],
            raised_at=note.said_at,
            respond_by=deadlines.respond_by,
            solve_by=deadlines.solve_by,
        )
        session.add(need)
        needs.append(need)
    return needs

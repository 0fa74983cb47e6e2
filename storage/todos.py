"""A person's own 待办: finding, closing, postponing and adding them."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from bot.domain.todos import Todo, in_order
from storage import audit
from storage.customers import Customer
from storage.next_steps import NextStep, StepStatus


def open_todos(session: Session, person_id: int) -> list[Todo]:
    """Everything a person still has to do, the most urgent first."""
    wanted = (
        select(NextStep, col(Customer.name))
        .join(Customer, col(Customer.id) == NextStep.customer_id, isouter=True)
        .where(NextStep.owner_id == person_id, NextStep.status == StepStatus.OPEN)
    )
    return in_order([todo_of(step, customer) for step, customer in session.exec(wanted)])


def todo_of(step: NextStep, customer: str | None) -> Todo:
    """A stored promise as the list shows it."""
    return Todo(step.id or 0, step.action, step.customer_id, customer, step.due_on, step.due_phrase)


def own_step(session: Session, person_id: int, step_id: int) -> NextStep | None:
    """A promise by its id, when this person owns it."""
    wanted = select(NextStep).where(NextStep.id == step_id, NextStep.owner_id == person_id)
    return session.exec(wanted).first()


def close_step(session: Session, step: NextStep, *, at: datetime) -> None:
    """Mark a promise as done."""
    step.status, step.closed_at = StepStatus.DONE, at
    _write(session, step, at, "step.done")


def reopen_step(session: Session, step: NextStep, *, at: datetime) -> None:
    """Take a done or dropped promise up again."""
    step.status, step.closed_at = StepStatus.OPEN, None
    _write(session, step, at, "step.reopen")


def drop_step(session: Session, step: NextStep, *, at: datetime) -> None:
    """Take a promise off the list without having kept it; the row stays."""
    step.status, step.closed_at = StepStatus.DROPPED, at
    _write(session, step, at, "step.drop")


def move_step(
    session: Session, step: NextStep, *, due: date | None, remind: date | None, at: datetime
) -> None:
    """Give a promise another due day."""
    step.due_on, step.remind_on = due, remind
    _write(session, step, at, "step.move")


def add_step(
    session: Session,
    *,
    owner_id: int,
    customer_id: int | None,
    action: str,
    due: date | None,
    remind: date | None,
    words: str,
    at: datetime,
) -> NextStep:
    """A new promise of a person's own, with the words that asked for it."""
    step = NextStep(
        owner_id=owner_id,
        customer_id=customer_id,
        action=action,
        evidence=words,
        due_on=due,
        remind_on=remind,
        created_at=at,
    )
    _write(session, step, at, "step.add")
    return step


def _write(session: Session, step: NextStep, at: datetime, action: str) -> None:
    session.add(step)
    session.flush()
    audit.record(
        session,
        at=at,
        actor_id=step.owner_id,
        action=action,
        subject=f"next_step:{step.id}",
        detail={"due": step.due_on.isoformat() if step.due_on else None},
    )

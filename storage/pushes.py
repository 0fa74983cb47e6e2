"""What the assistant said on its own, or did not: one row for each thing that was due to a person,
so that none is said twice."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Index, String, cast, literal
from sqlmodel import Field, Session, SQLModel, and_, col, delete, func, select, update
from sqlmodel.sql.expression import SelectOfScalar

from storage.columns import moment, word
from storage.deliveries import STALE, Delivery, DeliveryStatus
from storage.people import Account, Person, Role

T = TypeVar("T", int, str)

BRIEFING = "briefing"
"""The kind that tells what could not be sent."""

TOGETHER = 500
"""So many values stand in one query."""


class PushStatus(StrEnum):
    """Sent (its delivery tells how that went), held for the next briefing, told in one, or dropped
    because it was of no use any more."""

    SENT = "sent"
    HELD = "held"
    TOLD = "told"
    DROPPED = "dropped"


class Pushed(SQLModel, table=True):
    """What was due to somebody. `topic` is the kind, whose it is and the subject; with the period
    it is the `key`. `person_id` is who was told: a deputy, when the owner is away. Several can
    share one delivery. `line` is how a briefing tells it."""

    __tablename__ = "push"
    __table_args__ = (Index("ix_push_person_made", "person_id", "made_at"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=160)
    topic: str = Field(max_length=120, index=True)
    kind: str = Field(max_length=32)
    person_id: int = Field(foreign_key="person.id")
    due_at: datetime = moment()
    made_at: datetime = moment()
    urgent: bool = False
    status: PushStatus = word(PushStatus)
    reason: str | None = Field(default=None, max_length=32)
    line: str = Field(max_length=200)
    delivery_key: str | None = Field(default=None, max_length=200, index=True)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who can be told something, and the chat account where; `is_lost` when nothing
    reaches it."""

    id: int
    login: str
    name: str
    role: Role
    channel: str | None = None
    chat: str | None = None
    is_lost: bool = False


@dataclass(slots=True)
class Known:
    """What was made of a topic before: its keys, and when the last of it was due."""

    keys: set[str]
    last: datetime


def known_topics(session: Session, topics: Sequence[str]) -> dict[str, Known]:
    """What was said of these topics before."""
    found: dict[str, Known] = {}
    for part in in_parts(topics):
        wanted = select(Pushed.topic, Pushed.key, Pushed.due_at).where(col(Pushed.topic).in_(part))
        for topic, key, due_at in session.exec(wanted):
            known = found.setdefault(topic, Known(keys=set(), last=due_at))
            known.keys.add(key)
            known.last = max(known.last, due_at)
    return found


def is_handled(topic: ColumnElement[str], since: datetime) -> ColumnElement[bool]:
    """The condition that something was made of a topic since then."""
    made = select(Pushed.id).where(Pushed.topic == topic, col(Pushed.made_at) >= since)
    return made.exists()


def topic_of(kind: str, owner: Any, subject: ColumnElement[str] | str) -> ColumnElement[str]:
    """A topic as `push.topic` spells it, from columns."""
    whose: ColumnElement[str] = literal(f"{kind}:") + cast(owner, String)
    return whose + literal(":") + subject


def receivers(session: Session, person_ids: Sequence[int]) -> dict[int, Receiver]:
    """Those of the people who are active, with the account where each is written to."""
    found: dict[int, Receiver] = {}
    for part in in_parts(sorted(set(person_ids))):
        wanted = (
            select(Person, Account)
            .join(Account, col(Account.person_id) == Person.id, isouter=True)
            .where(col(Person.id).in_(part), col(Person.active))
            .order_by(
                col(Account.lost_at).is_(None),
                col(Account.seen_at).asc().nulls_first(),
                col(Account.id),
            )
        )
        for person, account in session.exec(wanted):
            found[person.id or 0] = _receiver(person, account)
    return found


def lock_people(session: Session, person_ids: Sequence[int]) -> None:
    """Have other processes that push to these people wait for the end of the transaction."""
    wanted = select(Person.id).where(col(Person.id).in_(person_ids)).order_by(col(Person.id))
    session.exec(wanted.with_for_update(key_share=True)).all()


def pushed_since(session: Session, person_ids: Sequence[int], since: datetime) -> dict[int, int]:
    """How many messages each of them was sent since then, besides briefings and what is urgent."""
    wanted = (
        select(Pushed.person_id, func.count(func.distinct(Pushed.delivery_key)))
        .where(
            col(Pushed.person_id).in_(person_ids),
            col(Pushed.made_at) >= since,
            Pushed.status == PushStatus.SENT,
            Pushed.kind != BRIEFING,
            col(Pushed.urgent).is_(False),
        )
        .group_by(col(Pushed.person_id))
    )
    return dict(session.exec(wanted).all())


def take_held(
    session: Session, person_ids: Sequence[int], now: datetime
) -> Mapping[int, list[str]]:
    """What was kept for the next briefing of each of them, and what came too late on its way; from
    now on it counts as told."""
    ids = list(person_ids)
    lines: dict[int, list[str]] = defaultdict(list)
    for row in session.exec(_held(ids)).all():
        lines[row.person_id].append(row.line)
        row.status = PushStatus.TOLD
    late = _came_too_late(ids)
    keys = set()
    for row in session.exec(late).all():
        lines[row.person_id].append(row.line)
        keys.add(row.delivery_key or "")
    told = update(Delivery).where(col(Delivery.key).in_(keys)).values(told_at=now)
    if keys:
        session.exec(told)
    return lines


def wait_for_briefing() -> ColumnElement[bool]:
    """The condition that something is kept for a person's next briefing."""
    held = select(Pushed.id).where(
        Pushed.person_id == col(Person.id), Pushed.status == PushStatus.HELD
    )
    return held.exists()


def shown_lately(session: Session, login: str, *, limit: int = 10) -> list[Delivery]:
    """What was pushed to somebody at the terminal, oldest first."""
    wanted = (
        select(Delivery)
        .where(Delivery.channel == "terminal", Delivery.chat == login)
        .order_by(col(Delivery.id).desc())
        .limit(limit)
    )
    return list(reversed(session.exec(wanted).all()))


def made_between(
    session: Session, since: datetime, until: datetime, *, limit: int = 500
) -> list[tuple[Pushed, Person, Delivery | None]]:
    """What was made of everything due, the newest first, with how its delivery went."""
    wanted = (
        select(Pushed, Person, Delivery)
        .join(Person, col(Person.id) == Pushed.person_id)
        .join(Delivery, col(Delivery.key) == Pushed.delivery_key, isouter=True)
        .where(col(Pushed.made_at) > since, col(Pushed.made_at) <= until)
        .order_by(col(Pushed.made_at).desc(), col(Pushed.id).desc())
        .limit(limit)
    )
    return list(session.exec(wanted).all())


def forget_pushes(session: Session, before: datetime) -> int:
    """Drop what is so old that nothing of it can come up again; how many rows that were."""
    return session.exec(delete(Pushed).where(col(Pushed.made_at) < before)).rowcount


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many values at a time as one query takes."""
    for start in range(0, len(values), TOGETHER):
        yield values[start : start + TOGETHER]


def _held(ids: list[int]) -> SelectOfScalar[Pushed]:
    return (
        select(Pushed)
        .where(col(Pushed.person_id).in_(ids), Pushed.status == PushStatus.HELD)
        .order_by(col(Pushed.id))
    )


def _came_too_late(ids: list[int]) -> SelectOfScalar[Pushed]:
    return (
        select(Pushed)
        .join(
            Delivery,
            and_(
                col(Delivery.key) == Pushed.delivery_key,
                Delivery.status == DeliveryStatus.FAILED,
                Delivery.problem == STALE,
                col(Delivery.told_at).is_(None),
            ),
        )
        .where(col(Pushed.person_id).in_(ids), Pushed.kind != BRIEFING)
        .order_by(col(Pushed.id))
    )


def _receiver(person: Person, account: Account | None) -> Receiver:
    return Receiver(
        id=person.id or 0,
        login=person.login,
        name=person.name,
        role=person.role,
        channel=account.channel if account else None,
        chat=(account.chat or account.account) if account else None,
        is_lost=account is not None and account.lost_at is not None,
    )

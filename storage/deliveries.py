"""What is to be sent to whom: a chat's rows go out in the order of their ids, each recorded."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Index
from sqlmodel import Field, Session, SQLModel, and_, col, delete, func, or_, select, update

from storage.columns import json_object, moment, word
from storage.people import Account, Person

STALE = "stale"
"""It was of no use any more when it could have been sent; a briefing tells of it instead."""

CLAIM_LASTS = timedelta(minutes=2)
"""Longer than any platform takes to answer: a claim that old was left behind by a crash."""


class DeliveryStatus(StrEnum):
    """Where a message on its way out stands."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(SQLModel, table=True):
    """One message to one chat. `key` makes it once; `body` is a dumped reply. `over`, `retires` and
    `sent_id` are the platform's ids of the message that it replaces, of one that loses its buttons,
    and of what was sent, `answers` that of the message it answers. `problem` is one word;
    `told_at`: when its owner heard that it failed. From `until` on it is not sent any more."""

    __table_args__ = (
        Index("ix_delivery_chat", "channel", "chat", "status"),
        Index("ix_delivery_due", "status", "due_at"),
        Index("ix_delivery_person", "person_id", "status"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=200)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    message_id: int | None = Field(default=None, foreign_key="message.id", index=True)
    channel: str = Field(max_length=32)
    chat: str = Field(max_length=128)
    body: dict[str, Any] = json_object()
    card: str | None = Field(default=None, max_length=64)
    over: str | None = Field(default=None, max_length=64)
    retires: str | None = Field(default=None, max_length=64)
    answers: str | None = Field(default=None, max_length=128)
    status: DeliveryStatus = word(DeliveryStatus, default=DeliveryStatus.WAITING)
    tries: int = 0
    due_at: datetime = moment()
    claimed_by: str | None = Field(default=None, max_length=240)
    claimed_at: datetime | None = moment(default=None)
    sent_id: str | None = Field(default=None, max_length=64)
    problem: str | None = Field(default=None, max_length=32)
    created_at: datetime = moment()
    done_at: datetime | None = moment(default=None)
    told_at: datetime | None = moment(default=None)
    until: datetime | None = moment(default=None)


_OPEN = (DeliveryStatus.WAITING, DeliveryStatus.SENDING)


def claim_next(
    session: Session, channel: str, chat: str, *, by: str, now: datetime
) -> Delivery | None:
    """Take the oldest unsent row of a chat; None when there is none, when it waits for its next
    try, or when somebody else is sending it. One's own claim from before a crash is taken again."""
    first = session.exec(
        select(Delivery)
        .where(Delivery.channel == channel, Delivery.chat == chat)
        .where(col(Delivery.status).in_(_OPEN))
        .order_by(col(Delivery.id))
        .limit(1)
    ).first()
    if first is None or first.due_at > now:
        return None
    taken = session.exec(
        update(Delivery)
        .where(col(Delivery.id) == first.id, _is_free(by, now))
        .values(
            status=DeliveryStatus.SENDING, claimed_by=by, claimed_at=now, tries=Delivery.tries + 1
        )
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        return None
    session.refresh(first)
    return first


def has_claims(session: Session, holder: str) -> bool:
    """Whether a process is sending something; `holder` begins all its claims."""
    claimed = select(Delivery.id).where(_claimed_by(holder)).limit(1)
    return session.exec(claimed).first() is not None


def release_claims(session: Session, holder: str) -> int:
    """Free what a process that is no more was sending; how many rows that were."""
    freed = session.exec(
        update(Delivery).where(_claimed_by(holder)).values(status=DeliveryStatus.WAITING)
    )
    return freed.rowcount


def _claimed_by(holder: str) -> ColumnElement[bool]:
    return and_(
        col(Delivery.status) == DeliveryStatus.SENDING,
        col(Delivery.claimed_by).startswith(f"{holder}/", autoescape=True),
    )


def put_off(session: Session, row: Delivery, *, until: datetime, problem: str) -> None:
    """Have a claimed row wait for its next try."""
    waits = {"status": DeliveryStatus.WAITING, "due_at": until, "problem": problem}
    session.exec(update(Delivery).where(col(Delivery.id) == row.id).values(**waits))


def move_chat(session: Session, channel: str, chat: str, *, to: str) -> None:
    """Have everything that is still to be sent to a chat, claimed or not, go to another one, and
    what comes later, too."""
    session.exec(
        update(Delivery)
        .where(col(Delivery.channel) == channel, col(Delivery.chat) == chat)
        .where(col(Delivery.status).in_(_OPEN))
        .values(chat=to, status=DeliveryStatus.WAITING)
    )
    session.exec(
        update(Account)
        .where(col(Account.channel) == channel, col(Account.chat) == chat)
        .values(chat=to)
    )


def _is_free(by: str, now: datetime) -> ColumnElement[bool]:
    abandoned = or_(col(Delivery.claimed_by) == by, col(Delivery.claimed_at) < now - CLAIM_LASTS)
    return or_(
        col(Delivery.status) == DeliveryStatus.WAITING,
        and_(col(Delivery.status) == DeliveryStatus.SENDING, abandoned),
    )


def due_chats(
    session: Session, *, now: datetime, channel: str | None = None, limit: int = 500
) -> list[tuple[str, str, str]]:
    """Chats with something to send that nobody is sending, of one platform or of all: channel,
    chat, and a word that changes with each try of the first row."""
    stuck = and_(
        col(Delivery.status) == DeliveryStatus.SENDING,
        col(Delivery.claimed_at) < now - CLAIM_LASTS,
    )
    waiting = and_(col(Delivery.status) == DeliveryStatus.WAITING, col(Delivery.due_at) <= now)
    firsts = (
        select(func.min(Delivery.id))
        .where(col(Delivery.status).in_(_OPEN))
        .group_by(col(Delivery.channel), col(Delivery.chat))
    )
    if channel is not None:
        firsts = firsts.where(Delivery.channel == channel)
    rows = session.exec(
        select(Delivery.channel, Delivery.chat, Delivery.id, Delivery.tries)
        .where(col(Delivery.id).in_(firsts), or_(waiting, stuck))
        .order_by(col(Delivery.id))
        .limit(limit)
    ).all()
    return [(channel, chat, f"{first}-{tries}") for channel, chat, first, tries in rows]


def waiting_chats(session: Session, message_id: int) -> list[tuple[str, str, int]]:
    """The chats that are still to be told about a message: channel, chat, the first row's id."""
    rows = session.exec(
        select(Delivery.channel, Delivery.chat, func.min(Delivery.id))
        .where(Delivery.message_id == message_id, col(Delivery.status).in_(_OPEN))
        .group_by(col(Delivery.channel), col(Delivery.chat))
        .order_by(func.min(Delivery.id))
    ).all()
    return [(channel, chat, first or 0) for channel, chat, first in rows]


def card_at(session: Session, channel: str, chat: str, sent_id: str) -> str | None:
    """The name of the card that a sent message carries."""
    return session.exec(
        select(Delivery.card)
        .where(Delivery.channel == channel, Delivery.chat == chat, Delivery.sent_id == sent_id)
        .order_by(col(Delivery.id).desc())
        .limit(1)
    ).first()


def take_older_cards(
    session: Session, sent: Delivery, card: str | None, *, limit: int = 3
) -> list[str]:
    """The platform's ids of messages in the chat that still show buttons of a card of that name;
    they count as gone from now on."""
    if card is None:
        return []
    rows = session.exec(
        select(Delivery)
        .where(
            Delivery.channel == sent.channel,
            Delivery.chat == sent.chat,
            Delivery.card == card,
            Delivery.status == DeliveryStatus.DELIVERED,
            col(Delivery.id) < sent.id,
        )
        .order_by(col(Delivery.id).desc())
        .limit(limit)
    ).all()
    for row in rows:
        row.card = None
    ids = dict.fromkeys(row.sent_id for row in rows)
    return [one for one in ids if one is not None and one != sent.sent_id]


def failed_untold(session: Session, person_id: int, *, limit: int = 5) -> list[Delivery]:
    """What never reached a person and what they were not told of, oldest first."""
    wanted = (
        select(Delivery)
        .where(
            Delivery.person_id == person_id,
            Delivery.status == DeliveryStatus.FAILED,
            col(Delivery.told_at).is_(None),
            col(Delivery.problem).is_distinct_from(STALE),
        )
        .order_by(col(Delivery.id))
        .limit(limit)
    )
    return list(session.exec(wanted).all())


def failed_since(
    session: Session, since: datetime, *, untold: bool = False
) -> list[tuple[str, str, int]]:
    """Who could not be reached since then: name, the word for why, how many messages; `untold`
    leaves out what they heard of later."""
    wanted = (
        select(Person.name, Delivery.problem, func.count(col(Delivery.id)))
        .join(Person, col(Person.id) == Delivery.person_id)
        .where(Delivery.status == DeliveryStatus.FAILED, col(Delivery.done_at) >= since)
        .group_by(col(Person.id), col(Person.name), col(Delivery.problem))
        .order_by(func.count(col(Delivery.id)).desc(), col(Person.id))
    )
    if untold:
        wanted = wanted.where(col(Delivery.told_at).is_(None))
    rows = session.exec(wanted).all()
    return [(name, problem or "", count) for name, problem, count in rows]


def withdraw(session: Session, person_id: int, problem: str, *, now: datetime) -> int:
    """Send a person nothing of what still waits, for that reason; they hear of it when they are
    here again. How many messages."""
    waiting = (
        update(Delivery)
        .where(col(Delivery.person_id) == person_id, col(Delivery.status) == DeliveryStatus.WAITING)
        .values(status=DeliveryStatus.FAILED, problem=problem, done_at=now)
    )
    return session.exec(waiting).rowcount


def count_open(session: Session) -> int:
    """How many rows are still to be sent. What is finished is not counted: it is a month of it."""
    wanted = select(func.count(col(Delivery.id))).where(col(Delivery.status).in_(_OPEN))
    return session.exec(wanted).one()


def forget_deliveries(session: Session, before: datetime) -> int:
    """Drop what was finished before then; how many rows that were."""
    finished = (DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)
    gone = session.exec(
        delete(Delivery).where(col(Delivery.status).in_(finished), col(Delivery.done_at) < before)
    )
    return gone.rowcount


def is_queued(session: Session, key: str) -> bool:
    """Whether a row of this key was made before."""
    return session.exec(select(Delivery.id).where(Delivery.key == key)).first() is not None

"""What is said becomes rows to send, in the transaction that it tells about: neither can be lost
without the other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from bot.domain.clock import local_day
from bot.domain.reach import NOWHERE, REFUSED, account_is
from bot.messages import Incoming, Reply
from storage.accounts import TERMINAL, find_account, reachable_at, with_login
from storage.deliveries import Delivery, DeliveryStatus, card_at, failed_untold, is_queued
from storage.messages import Message
from storage.people import Person, Role

LATE = "之前有 {count} 条消息没送到您这里，补给您："
LOST = "另有 {count} 条消息平台没收下，没发出来。要紧的请再问我一次。"
OVER = "有 {count} 条提醒当时没送到，现在已经过时了。发「待办」看现在的。"
NEWS = "late"
"""The card of LATE and LOST: nobody's to be told of later, should they not arrive either."""

NOT_REACHED = "消息没送到：{name} 的聊天账号{why}。请提醒本人打开拜访助手发一句话。"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes; `person_id` is None for an account that belongs to nobody."""

    channel: str
    chat: str
    person_id: int | None


def post(
    session: Session,
    incoming: Incoming,
    replies: Sequence[Reply],
    *,
    now: datetime,
    person: Person | None,
    message_id: int | None = None,
    first: int = 0,
    stale: bool = False,
) -> None:
    """Queue the answers to a message, and what others are told because of it.

    The terminal shows its answers itself. `first` is how many rows the message has already; `stale`
    says that the pressed card is over, so that it loses its buttons.
    """
    about = f"m{message_id}" if message_id else _about(incoming)
    over = _pressed_card(session, incoming)
    for number, reply in enumerate(replies, start=first):
        address = _address(session, incoming, reply, person)
        if address is None:
            continue
        row = _row(f"{about}-{number}", address, reply, message_id, now)
        row.answers = incoming.id if reply.to is None else None
        if reply.to is None and reply.card is not None and reply.card == over:
            row.over, over = incoming.pressed_on, None
        if reply.to is None and stale:
            row.retires, stale = incoming.pressed_on, False
        if reply.card == NEWS:
            row.person_id = None
        session.add(row)
        if row.problem == NOWHERE:
            tell_admins(session, row, NOWHERE, now=now)


def is_posted(session: Session, incoming: Incoming) -> bool:
    """Whether a message that is not kept was answered before."""
    return is_queued(session, f"{_about(incoming)}-0")


def post_alone(
    session: Session,
    key: str,
    address: Address,
    reply: Reply,
    now: datetime,
    *,
    answers: str | None = None,
) -> None:
    """Queue something besides the answers to a message; `answers` is the platform's id of one that
    it is about."""
    row = _row(key, address, reply, None, now)
    row.answers = answers
    session.add(row)


def push_row(
    key: str, address: Address, reply: Reply, now: datetime, *, until: datetime
) -> Delivery:
    """What the assistant says on its own, of no use from `until` on. The terminal shows it at once;
    for who has no account it has failed."""
    row = _row(key, address, reply, None, now)
    row.until = until
    if address.channel == TERMINAL:
        row.status, row.done_at = DeliveryStatus.DELIVERED, now
    return row


def address_of(session: Session, login: str) -> Address | None:
    """Where a person is written to; None when they have no chat account."""
    account = reachable_at(session, login)
    if account is None:
        return None
    return Address(account.channel, account.chat or account.account, account.person_id)


def tell_admins(session: Session, row: Delivery, reason: str, *, now: datetime) -> None:
    """Queue one line about a push that reached nobody for each admin, once a day and person."""
    person = session.get(Person, row.person_id) if row.person_id else None
    cause = session.get(Message, row.message_id) if row.message_id else None
    if person is None or not (row.until or (cause and cause.person_id != person.id)):
        return
    told = Reply(NOT_REACHED.format(name=person.name, why=account_is(reason)))
    admins = select(Person).where(Person.role == Role.ADMIN, col(Person.active))
    for admin in session.exec(admins.where(Person.id != person.id)).all():
        key = f"lost-{person.id}-{admin.id}-{local_day(now):%Y%m%d}"
        address = address_of(session, admin.login)
        if address is not None and not is_queued(session, key):
            post_alone(session, key, address, told, now)


def late_news(session: Session, person: Person, *, now: datetime) -> list[Reply]:
    """What could not be sent to a person before, now that they are here; told once."""
    missed = failed_untold(session, person.id or 0)
    for row in missed:
        row.told_at = now
    over = [row for row in missed if row.until is not None and row.until <= now]
    again = [row for row in missed if row.problem != REFUSED and row not in over]
    lost = len(missed) - len(again) - len(over)
    told = [Reply(LATE.format(count=len(again)), card=NEWS)] if again else []
    told += [replace(Reply.load(row.body), to=None) for row in again]
    told += [Reply(OVER.format(count=len(over)), card=NEWS)] if over else []
    return [*told, Reply(LOST.format(count=lost), card=NEWS)] if lost else told


def _about(incoming: Incoming) -> str:
    return f"{incoming.channel}:{incoming.id}"


def _address(
    session: Session, incoming: Incoming, reply: Reply, person: Person | None
) -> Address | None:
    from_terminal = incoming.channel == TERMINAL
    if reply.to is None:
        if from_terminal:
            return None
        return _own_address(session, incoming, person)
    found = address_of(session, reply.to)
    if found is not None or from_terminal:
        return found
    absent = with_login(session, reply.to)
    return Address("", "", absent.id) if absent else None


def _own_address(session: Session, incoming: Incoming, person: Person | None) -> Address:
    """Where the one who wrote is answered; not at an account that was taken from them meanwhile."""
    if person is None:
        return Address(incoming.channel, incoming.chat, None)
    bound = find_account(session, incoming.channel, incoming.account)
    if bound is not None and bound.person_id == person.id:
        return Address(incoming.channel, incoming.chat, person.id)
    return address_of(session, person.login) or Address("", "", person.id)


def _row(key: str, to: Address, reply: Reply, message_id: int | None, now: datetime) -> Delivery:
    row = Delivery(
        key=key,
        person_id=to.person_id,
        message_id=message_id,
        channel=to.channel,
        chat=to.chat,
        body=reply.dump(),
        card=reply.card if reply.buttons else None,
        due_at=now,
        created_at=now,
    )
    if not to.chat:
        row.status, row.problem, row.done_at = DeliveryStatus.FAILED, NOWHERE, now
    return row


def _pressed_card(session: Session, incoming: Incoming) -> str | None:
    if incoming.pressed_on is None:
        return None
    return card_at(session, incoming.channel, incoming.chat, incoming.pressed_on)

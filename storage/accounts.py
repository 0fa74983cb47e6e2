"""From a chat account to a person: identity comes from the platform, never from message text."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select, update

from storage import audit
from storage.people import Account, Person

TERMINAL = "terminal"

SEEN_AGAIN = timedelta(minutes=5)
"""How exactly it is kept when an account last wrote: a row less to write for most messages."""


def who_is(session: Session, channel: str, account: str) -> Person | None:
    """The active person behind an account; the terminal's account is the login itself."""
    if channel == TERMINAL:
        wanted = select(Person).where(Person.login == account)
    else:
        wanted = (
            select(Person)
            .join(Account, Account.person_id == Person.id)  # type: ignore[arg-type]
            .where(Account.channel == channel, Account.account == account)
        )
    return session.exec(wanted.where(Person.active)).first()


def with_login(session: Session, login: str) -> Person | None:
    """The person of this login, active or not."""
    return session.exec(select(Person).where(Person.login == login)).first()


def see(session: Session, channel: str, account: str, *, chat: str, now: datetime) -> None:
    """Note that an account wrote from this chat: it can be reached there."""
    found = find_account(session, channel, account)
    if found is None:
        return
    fresh = found.seen_at is not None and now - found.seen_at < SEEN_AGAIN
    if not fresh or found.chat != chat or found.lost_at is not None:
        found.seen_at, found.chat, found.lost_at = now, chat, None


def lose(session: Session, channel: str, account: str, *, now: datetime) -> None:
    """Note that nothing reaches an account until it writes again."""
    found = find_account(session, channel, account)
    if found is not None and found.lost_at is None:
        found.lost_at = now


def lose_chat(session: Session, channel: str, chat: str, *, now: datetime) -> None:
    """Note that nothing reaches a chat until somebody writes from there again."""
    written_to = func.coalesce(func.nullif(Account.chat, ""), Account.account)
    lost = (
        update(Account)
        .where(col(Account.channel) == channel, written_to == chat, col(Account.lost_at).is_(None))
        .values(lost_at=now)
    )
    session.exec(lost)


def find_account(session: Session, channel: str, account: str) -> Account | None:
    """The row of a chat account that is bound."""
    wanted = select(Account).where(Account.channel == channel, Account.account == account)
    return session.exec(wanted).first()


def reachable_at(session: Session, login: str) -> Account | None:
    """Where a person is written to: the account that wrote last; one that is lost only when there
    is no other."""
    wanted = (
        select(Account)
        .join(Person, col(Person.id) == Account.person_id)
        .where(Person.login == login, col(Person.active))
        .order_by(
            col(Account.lost_at).is_not(None),
            col(Account.seen_at).desc().nulls_last(),
            col(Account.id).desc(),
        )
    )
    return session.exec(wanted).first()


def accounts_of(session: Session, person_id: int) -> list[Account]:
    """The chat accounts of a person, the oldest first."""
    wanted = select(Account).where(Account.person_id == person_id).order_by(col(Account.id))
    return list(session.exec(wanted).all())


def bind(
    session: Session, person: Person, channel: str, account: str, *, chat: str, now: datetime
) -> None:
    """Give an account, written to at `chat`, to a person; it may be of somebody who has left."""
    stale = find_account(session, channel, account)
    if stale is not None:
        session.delete(stale)
        session.flush()
    bound = Account(
        channel=channel, account=account, chat=chat, person_id=person.id or 0, bound_at=now
    )
    session.add(bound)
    session.flush()


def unbind(session: Session, person_id: int, *, now: datetime, actor_id: int | None) -> int:
    """Take all chat accounts from a person; how many there were."""
    found = accounts_of(session, person_id)
    for account in found:
        session.delete(account)
    if found:
        audit.record(
            session,
            at=now,
            actor_id=actor_id,
            action="account.unbind",
            subject=f"person:{person_id}",
            detail={"accounts": len(found)},
        )
    return len(found)

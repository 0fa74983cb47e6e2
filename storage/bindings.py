"""Who can be written to: people with and without a chat account, and those out of reach."""

from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from storage.people import Account, Person, Role

_BOUND = col(Person.id).in_(select(Account.person_id))
_REACHABLE = select(Account.person_id).where(col(Account.lost_at).is_(None))


def count_people(session: Session) -> tuple[int, int]:
    """How many people there are, and how many of them have a chat account."""
    everybody = select(func.count()).select_from(Person).where(Person.active)
    return session.exec(everybody).one(), session.exec(everybody.where(_BOUND)).one()


def without_account(session: Session, *, limit: int) -> list[Person]:
    """People who have no chat account, by when they came."""
    wanted = select(Person).where(Person.active, ~_BOUND).order_by(col(Person.id)).limit(limit)
    return list(session.exec(wanted).all())


def newly_bound(session: Session, *, limit: int) -> list[tuple[str, str, datetime]]:
    """Names, platforms and since when, the newest first."""
    wanted = (
        select(Person.name, Account.channel, Account.bound_at)
        .join(Account, col(Account.person_id) == Person.id)
        .where(Person.active)
        .order_by(col(Account.bound_at).desc(), col(Account.id).desc())
        .limit(limit)
    )
    return list(session.exec(wanted).all())


def out_of_reach(session: Session, *, limit: int) -> list[tuple[str, str, datetime]]:
    """People whom nothing reaches though they have an account: name, platform, since when."""
    wanted = (
        select(Person.name, Account.channel, Account.lost_at)
        .join(Account, col(Account.person_id) == Person.id)
        .where(Person.active, col(Account.lost_at).is_not(None))
        .where(col(Person.id).not_in(_REACHABLE))
        .order_by(col(Account.lost_at), col(Account.id))
        .limit(limit)
    )
    return [(name, channel, at) for name, channel, at in session.exec(wanted).all() if at]


def chats_on(session: Session, channel: str) -> list[tuple[str, Role]]:
    """Where the people of a platform are written to, and what they are; nobody out of reach."""
    wanted = (
        select(Account, Person)
        .join(Person, col(Person.id) == Account.person_id)
        .where(Account.channel == channel, Person.active, col(Account.lost_at).is_(None))
        .order_by(col(Account.id))
    )
    found = session.exec(wanted).all()
    return [(account.chat or account.account, person.role) for account, person in found]


def called(session: Session, name: str) -> list[Person]:
    """The people of this name or login, those at work first."""
    named = or_(col(Person.name) == name, col(Person.login) == name)
    wanted = select(Person).where(named).order_by(col(Person.active).desc(), col(Person.id))
    return list(session.exec(wanted).all())

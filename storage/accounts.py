"""From a chat account to a person: identity comes from the platform, never from message text."""

from sqlmodel import Session, select

from storage.people import Account, Person

TERMINAL = "terminal"


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

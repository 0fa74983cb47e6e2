"""Accounts that belong to nobody: told once how to join, and kept from guessing invite codes."""

from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, and_, col, delete, func

from storage.columns import moment

TELL_AGAIN = timedelta(days=1)
TRIES = 5
PER = timedelta(hours=1)
"""So many invite codes may be tried in that time; a code has 31 to the power of 10 values."""


class Stranger(SQLModel, table=True):
    """An account without a person: when it was told how to join, and the codes it tried."""

    channel: str = Field(primary_key=True, max_length=32)
    account: str = Field(primary_key=True, max_length=128)
    told_at: datetime | None = moment(default=None)
    tries: int = 0
    tries_since: datetime | None = moment(default=None)


def may_be_told(session: Session, channel: str, account: str, *, now: datetime) -> bool:
    """Whether the one polite answer is due; it then counts as given."""
    stranger = _stranger(session, channel, account)
    if stranger.told_at is not None and now - stranger.told_at < TELL_AGAIN:
        return False
    stranger.told_at = now
    return True


def count_try(session: Session, channel: str, account: str, *, now: datetime) -> int:
    """Count another invite code; how many it tried lately, this one among them. Of several at the
    same moment each waits until the one before it is done."""
    stranger = _stranger(session, channel, account)
    if stranger.tries_since is None or now - stranger.tries_since >= PER:
        stranger.tries, stranger.tries_since = 0, now
        session.flush()
    stranger.tries = Stranger.tries + 1
    session.flush()
    session.refresh(stranger)
    return stranger.tries


def forget_stranger(session: Session, channel: str, account: str) -> None:
    """They have joined; should they be unbound, they are told anew how to."""
    known = session.get(Stranger, (channel, account))
    if known is not None:
        known.told_at = None


def forget_strangers(session: Session, before: datetime) -> None:
    """Drop who was last heard of before then, and who has joined since."""
    told, tried = col(Stranger.told_at), col(Stranger.tries_since)
    long_ago = and_(func.coalesce(told, tried) < before, func.coalesce(tried, told) < before)
    session.exec(delete(Stranger).where(long_ago))


def _stranger(session: Session, channel: str, account: str) -> Stranger:
    stranger = session.get(Stranger, (channel, account))
    if stranger is None:
        stranger = Stranger(channel=channel, account=account)
        session.add(stranger)
    return stranger

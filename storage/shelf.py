"""What a chat platform has to remember for all processes: one word under one key, for a while."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Index, Session, SQLModel, col, delete

from storage.columns import moment

T = TypeVar("T")

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Kept(SQLModel, table=True):
    """A value that counts as gone after `until`."""

    __tablename__ = "shelf"
    __table_args__ = (Index("ix_shelf_until", "until"),)

    channel: str = Field(primary_key=True, max_length=32)
    key: str = Field(primary_key=True, max_length=160)
    value: str
    until: datetime = moment()


def read(session: Session, channel: str, key: str, *, now: datetime) -> str | None:
    """What is kept there; None when it is nothing, or too old."""
    return _fresh(session.get(Kept, (channel, key)), now)


def change(
    session: Session,
    channel: str,
    key: str,
    to: Callable[[str | None], tuple[str | None, T]],
    *,
    now: datetime,
    lasts: timedelta,
) -> T:
    """Read and write in one step: `to` gets what is kept, and says what shall be (None for nothing)
    and what its caller wants to know. Others who change it wait for the end of the transaction."""
    kept = _held(session, channel, key, now)
    value, told = to(_fresh(kept, now))
    if value is None:
        session.delete(kept)
    else:
        kept.value, kept.until = value, now + lasts
    return told


def forget_kept(session: Session, *, now: datetime) -> None:
    """Drop what is too old."""
    session.exec(delete(Kept).where(col(Kept.until) < now))


def _held(session: Session, channel: str, key: str, now: datetime) -> Kept:
    """The row, locked; a new one counts as too old."""
    blank = {"channel": channel, "key": key, "value": "", "until": now}
    insert = _INSERT[session.get_bind().dialect.name](Kept).values(**blank)
    session.exec(insert.on_conflict_do_nothing())
    return session.get_one(Kept, (channel, key), with_for_update=True, populate_existing=True)


def _fresh(kept: Kept | None, now: datetime) -> str | None:
    return kept.value if kept is not None and kept.until > now else None

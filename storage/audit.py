"""The append-only audit trail: a hash chain that shows any change made behind its back."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, String, Text, TypeDecorator, type_coerce
from sqlalchemy.engine import Dialect
from sqlmodel import Field, Session, SQLModel, col, select, update

from storage.columns import moment

START = "0" * 64


class CanonicalJson(TypeDecorator[dict[str, Any]]):
    """A JSON object kept as the very text that was hashed (sorted keys, ASCII)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        """The one spelling of the object."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        """The object again."""
        return None if value is None else dict(json.loads(value))


class AuditEntry(SQLModel, table=True):
    """Who did what to what, chained to the entry before. Triggers refuse UPDATE and DELETE.
    Ids have no gaps, so that a removed entry leaves one."""

    __tablename__ = "audit_entry"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = moment()
    actor_id: int | None = Field(default=None, foreign_key="person.id")
    action: str = Field(max_length=64)
    subject: str = Field(max_length=64)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=CanonicalJson, nullable=False)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64, unique=True)


class AuditHead(SQLModel, table=True):
    """One row: how many entries there are, and the hash of the last. It shows when entries are cut
    off at the end, and updating it is the lock that puts writers in a line on both databases."""

    __tablename__ = "audit_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    count: int
    hash: str = Field(max_length=64)


class BreakKind(StrEnum):
    """What happened to an entry, in the words that `describe` uses."""

    CHANGED = "内容被改过"
    MISSING = "被删掉了"
    UNCHAINED = "与前一条接不上，可能是后来插入的"
    BEYOND = "不是系统记下的，是后来插入的"
    HEAD = "末尾的校验值对不上"


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the trail is not what was written; `entry` is the id (its number in line)."""

    entry: int
    kind: BreakKind


def canonical(value: object) -> str:
    """The one spelling of a JSON value that is stored and hashed.

    Raises:
        TypeError, ValueError: the value is not plain JSON.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def record(
    session: Session,
    *,
    at: datetime,
    actor_id: int | None,
    action: str,
    subject: str,
    detail: dict[str, Any],
) -> AuditEntry:
    """Append an entry; `actor_id` is None when the command line did it.

    From here until the commit other writers of the trail wait, so record last. `detail` is plain
    JSON with no message text and no personal data in it.
    """
    # Keys that are no strings become strings in JSON and would sort differently when read back.
    plain = json.loads(canonical(detail))
    number, previous = session.execute(
        update(AuditHead)
        .values(count=AuditHead.count + 1)
        .returning(col(AuditHead.count), col(AuditHead.hash))
    ).one()
    entry = AuditEntry(
        id=number,
        at=at,
        actor_id=actor_id,
        action=action,
        subject=subject,
        detail=plain,
        previous_hash=previous,
        hash=_digest(number, at, actor_id, action, subject, canonical(plain), previous),
    )
    session.add(entry)
    session.flush()
    session.execute(update(AuditHead).values(hash=entry.hash))
    return entry


def verify(session: Session) -> list[Break]:
    """Every place where an entry was changed, removed or inserted without `record`; none is good.

    Who can write to the database freely can also recompute the whole chain. Against that, keep the
    last number and hash (`head`) somewhere else from time to time and compare.
    """
    count, last = head(session)
    breaks: list[Break] = []
    expected, previous = 1, START
    for row in _rows(session):
        if not expected <= row.id <= count:
            breaks.append(Break(row.id, BreakKind.BEYOND))
            continue
        breaks += [Break(gone, BreakKind.MISSING) for gone in range(expected, row.id)]
        breaks += _breaks_of(row, previous if row.id == expected else None)
        expected, previous = row.id + 1, row.hash
    breaks += [Break(gone, BreakKind.MISSING) for gone in range(expected, count + 1)]
    if not breaks and previous != last:
        breaks.append(Break(count, BreakKind.HEAD))
    return breaks


def head(session: Session) -> tuple[int, str]:
    """The number and the hash of the last entry, as the anchor has them."""
    row = session.exec(select(AuditHead.count, AuditHead.hash)).first()
    return (row[0], row[1]) if row else (0, "")


def describe(session: Session) -> str:
    """What `audit verify` prints, in plain words."""
    breaks = verify(session)
    count, last = head(session)
    if not breaks:
        return f"审计记录完好：共 {count} 条，没有被改动、删除或插入。\n末尾校验值：{last}"
    lines = [f"第 {found.entry} 条：{found.kind}。" for found in breaks[:20]]
    more = [f"……另有 {len(breaks) - 20} 处。"] if len(breaks) > 20 else []
    return "\n".join([f"审计记录有 {len(breaks)} 处不对：", *lines, *more])


def _rows(session: Session) -> Iterator[Row[Any]]:
    """Entries as stored: a tampered cell need not be a valid moment or JSON."""
    entry = AuditEntry
    query = select(  # type: ignore[call-overload]
        entry.id,
        type_coerce(entry.at, String).label("at"),
        entry.actor_id,
        entry.action,
        entry.subject,
        type_coerce(entry.detail, String).label("detail"),
        entry.previous_hash,
        entry.hash,
    ).order_by(entry.id)
    yield from session.execute(query.execution_options(yield_per=1000))


def _breaks_of(row: Row[Any], previous: str | None) -> list[Break]:
    at = _stored_moment(row.at)
    if at is None or row.hash != _digest(
        row.id, at, row.actor_id, row.action, row.subject, row.detail, row.previous_hash
    ):
        return [Break(row.id, BreakKind.CHANGED)]
    if previous is not None and row.previous_hash != previous:
        return [Break(row.id, BreakKind.UNCHAINED)]
    return []


def _stored_moment(value: object) -> datetime | None:
    """SQLite gives the text of a column, PostgreSQL the moment."""
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _digest(number: int, at: datetime, *content: object) -> str:
    fields = [number, at.astimezone(UTC).isoformat(timespec="microseconds"), *content]
    return hashlib.sha256(canonical(fields).encode()).hexdigest()

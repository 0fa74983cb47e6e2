"""Column types shared by all tables: moments that stay UTC, words of an enum, lists as JSON."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Enum, TypeDecorator
from sqlmodel import Field


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC and read back in UTC (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments on the way in. Raises ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime must not be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Put the zone back that SQLite dropped."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def moment(**options: Any) -> Any:
    """A field for an aware moment; pass `default=None` for one that may be missing."""
    return Field(sa_type=UtcDateTime, nullable=options.get("default", ...) is None, **options)


def word(words: type[StrEnum], **options: Any) -> Any:
    """A field that holds one word of an enum, stored as its value (not as its Python name)."""
    kind = Enum(
        words,
        native_enum=False,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )
    return Field(sa_type=kind, nullable=options.get("default", ...) is None, **options)


def json_list() -> Any:
    """A field for a list, stored as JSON, empty by default."""
    return Field(default_factory=list, sa_type=JSON, nullable=False)


def json_object() -> Any:
    """A field for a JSON object, empty by default."""
    return Field(default_factory=dict, sa_type=JSON, nullable=False)

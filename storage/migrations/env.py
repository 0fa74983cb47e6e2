"""Runs migrations on the connection that `storage.migrate` hands over, or on DATABASE_URL when a
developer drafts a new one with `alembic revision --autogenerate`."""

import os
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, DateTime, Enum, String

from storage.columns import UtcDateTime
from storage.database import open_engine
from storage.tables import metadata


def plain_type(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Columns in a migration are spelled in SQLAlchemy's own types, so that it still runs after
    our types and enums have changed."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return f"sa.{DateTime(timezone=True)!r}"
    if isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    if isinstance(getattr(item, "impl", None), String):
        return f"sa.String(length={item.impl.length})" if item.impl.length else "sa.String()"
    return False


def run(connection: Connection) -> None:
    """Upgrade within the transaction that is already open."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=plain_type,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with open_engine(os.environ.get("DATABASE_URL", "sqlite:///data/repmate.db")).begin() as own:
        run(own)

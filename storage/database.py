"""Opening the database: SQLite as one file by default, PostgreSQL by its URL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session


def open_engine(url: str) -> Engine:
    """An engine for `url`; the folder of a SQLite file is made when it is missing.

    `postgresql://` is read as psycopg 3, so that the address a provider gives works as it is.
    Parameters stay out of error texts: they are what people said.
    """
    parsed = make_url(url)
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """WAL lets readers go on while one writes; foreign keys are off in SQLite unless asked for."""
    if isinstance(connection, sqlite3.Connection):
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")


@contextmanager
def open_session(engine: Engine) -> Iterator[Session]:
    """A session whose work is lost unless the caller commits; only the dispatcher does."""
    with Session(engine, expire_on_commit=False) as session:
        yield session

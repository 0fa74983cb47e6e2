"""An empty database of its own for one measurement, and nothing left of it afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from storage.database import open_engine
from storage.migrate import migrate

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql:///test")


@contextmanager
def fresh_database(kind: str, folder: Path, name: str) -> Iterator[Engine]:
    """A migrated database: a SQLite file in `folder`, or a PostgreSQL schema."""
    if kind == "sqlite":
        engine = open_engine(f"sqlite:///{folder / 'repmate.db'}")
        migrate(engine)
        yield engine
        engine.dispose()
        return
    schema = f"{name}_{os.getpid()}"
    admin = open_engine(POSTGRES)
    _execute(admin, f"CREATE SCHEMA {schema}")
    engine = open_engine(f"{POSTGRES}?options=-csearch_path%3D{schema}")
    try:
        migrate(engine)
        yield engine
    finally:
        engine.dispose()
        _execute(admin, f"DROP SCHEMA {schema} CASCADE")
        _execute(admin, f"DROP SCHEMA IF EXISTS {schema}_dbos CASCADE")
        admin.dispose()


def url_of(engine: Engine) -> str:
    """The address that another process opens it by."""
    return engine.url.render_as_string(hide_password=False)


def _execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))

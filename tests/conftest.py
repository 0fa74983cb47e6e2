"""Databases for the tests: SQLite always, PostgreSQL where it runs (required when CI says so)."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from storage.audit import START
from storage.database import open_engine
from storage.migrate import migrate
from storage.tables import metadata

settings.register_profile("fast", max_examples=60, deadline=None)
settings.load_profile("fast")

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql:///test")


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file, made once: copying is ten times quicker than migrating."""
    path = tmp_path_factory.mktemp("empty") / "repmate.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite(tmp_path: Path, empty_file: Path) -> Iterator[Engine]:
    """An empty, migrated SQLite file."""
    engine = open_engine(f"sqlite:///{shutil.copy(empty_file, tmp_path)}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def own_schema(worker_id: str) -> Iterator[Engine]:
    """A migrated PostgreSQL schema of this process's own, dropped at the end."""
    schema = f"repmate_{worker_id}_{os.getpid()}"
    admin = open_engine(POSTGRES)
    try:
        with admin.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except OperationalError:
        if os.environ.get("CI"):
            raise
        pytest.skip("PostgreSQL is not running here (TEST_POSTGRES_URL)")
    joined = "&" if "?" in POSTGRES else "?"
    engine = open_engine(f"{POSTGRES}{joined}options=-csearch_path%3D{schema}")
    migrate(engine)
    yield engine
    engine.dispose()
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        connection.execute(text(f"DROP SCHEMA IF EXISTS {schema}_dbos CASCADE"))
    admin.dispose()


@pytest.fixture
def postgres(own_schema: Engine) -> Engine:
    """An empty PostgreSQL schema: emptying it is forty times quicker than migrating a new one."""
    append_only = ("audit_entry", "audit_head", "note_version")
    protected = (*append_only, "compliance_flag", "message", "visit_note")
    with own_schema.begin() as connection:
        for table in protected:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for emptied in reversed(metadata.sorted_tables):
            connection.execute(emptied.delete())
        connection.execute(metadata.tables["audit_head"].insert().values(id=1, count=0, hash=START))
        for table in protected:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    return own_schema


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Engine:
    """Each test that asks for it runs on both databases."""
    engine: Engine = request.getfixturevalue(request.param)
    return engine


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """A session on each database; nothing is committed unless the test does."""
    with Session(database, expire_on_commit=False) as session:
        yield session

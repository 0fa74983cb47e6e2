"""Brings a database up to the schema this program expects."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Make the schema current, all or nothing; nothing happens when it already is.

    Two processes that start at once take turns, so that the second finds the work done.
    """
    config = migrations()
    with engine.begin() as connection:
        _take_turns(connection)
        if not is_current(connection, config):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def migrations() -> Config:
    """Where Alembic finds the migrations."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def is_current(connection: Connection, config: Config) -> bool:
    """Whether the database already has the newest schema."""
    heads = ScriptDirectory.from_config(config).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)


def _take_turns(connection: Connection) -> None:
    """SQLite starts no transaction before DDL on its own; without one, a failure leaves half."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('repmate migrate'))")

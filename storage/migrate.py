"""Brings a database up to the schema this program expects."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from bot.domain.errors import UserError

MIGRATIONS = Path(__file__).parent / "migrations"


class NewerSchemaError(UserError):
    """The database was made by a newer version of this program."""


def migrate(engine: Engine) -> None:
    """Make the schema current, all or nothing; nothing happens when it already is.

    Two processes that start at once take turns, so that the second finds the work done.

    Raises:
        NewerSchemaError: this program is too old for the database.
    """
    config = _config()
    script = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        _take_turns(connection)
        current = set(MigrationContext.configure(connection).get_current_heads())
        if not current <= {revision.revision for revision in script.walk_revisions()}:
            raise NewerSchemaError("这个数据库是更新版本的程序建的，请先升级程序再运行。")
        if current != set(script.get_heads()):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def is_current(connection: Connection) -> bool:
    """Whether the database has exactly the schema that this program expects."""
    heads = ScriptDirectory.from_config(_config()).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _take_turns(connection: Connection) -> None:
    """SQLite starts no transaction before DDL on its own; without one, a failure leaves half."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('repmate migrate'))")

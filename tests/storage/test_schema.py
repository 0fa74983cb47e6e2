"""The schema that migrations build is the one that the tables declare, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

from storage.migrate import migrate
from storage.tables import metadata


def test_migrations_and_tables_agree(database: Engine) -> None:
    with database.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(database: Engine) -> None:
    before = inspect(database).get_table_names()
    migrate(database)
    assert inspect(database).get_table_names() == before

"""The schema that migrations build is the one that the tables declare, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from storage.database import open_engine
from storage.migrate import NewerSchemaError, migrate
from storage.tables import metadata


def test_migrations_and_tables_agree(database: Engine) -> None:
    with database.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(database: Engine) -> None:
    before = inspect(database).get_table_names()
    migrate(database)
    assert inspect(database).get_table_names() == before


def test_programs_that_start_at_once_migrate_only_once(tmp_path: Path) -> None:
    engines = [open_engine(f"sqlite:///{tmp_path / 'new.db'}") for _ in range(4)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(migrate, engines))
    assert "customer" in inspect(engines[0]).get_table_names()
    for engine in engines:
        engine.dispose()


def test_a_migration_that_fails_leaves_nothing_half_done(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'odd.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE visit_note (id INTEGER)"))
    with pytest.raises(Exception, match="visit_note already exists"):
        migrate(engine)
    assert inspect(engine).get_table_names() == ["visit_note"]
    engine.dispose()


def test_a_database_of_a_newer_program_is_left_alone(sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchemaError, match="请先升级程序"):
        migrate(sqlite)


def test_words_of_an_enum_need_no_migration(database: Engine) -> None:
    (kind,) = (c for c in inspect(database).get_columns("customer") if c["name"] == "kind")
    assert str(kind["type"]).startswith("VARCHAR")
    assert inspect(database).get_check_constraints("customer") == []

"""The audit trail only grows, and shows every change that was made behind its back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from storage.audit import Break, BreakKind, describe, head, record, verify

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def write(session: Session, count: int) -> None:
    for number in range(1, count + 1):
        record(
            session,
            at=AT,
            actor_id=None,
            action="note.confirm",
            subject=f"visit_note:{number}",
            detail={"版本": number, "b": [1.5, None], "a": "李"},
        )
    session.commit()


def tamper(database: Engine, *statements: str) -> None:
    """What somebody with the password of the database does: triggers off, then at the rows."""
    off = {
        "sqlite": [
            f"DROP TRIGGER {table}_no_{event}"
            for table in ("audit_entry", "audit_head")
            for event in ("update", "delete", "replace")
        ],
        "postgresql": [
            "ALTER TABLE audit_entry DISABLE TRIGGER USER",
            "ALTER TABLE audit_head DISABLE TRIGGER USER",
        ],
    }[database.dialect.name]
    with database.begin() as connection:
        for statement in (*off, *statements):
            connection.execute(text(statement))


def test_an_untouched_trail_is_intact(session: Session) -> None:
    assert verify(session) == []
    write(session, 3)
    assert verify(session) == []
    assert head(session)[0] == 3
    assert describe(session).startswith("审计记录完好：共 3 条")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'x' WHERE id = 1",
        "DELETE FROM audit_entry WHERE id = 1",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET count = 0",
        "INSERT INTO audit_head (id, count, hash) VALUES (2, 0, 'x')",
    ],
)
def test_the_database_refuses_to_change_the_trail(session: Session, statement: str) -> None:
    write(session, 2)
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(statement))


@pytest.mark.parametrize("table", ["audit_entry", "audit_head", "note_version"])
def test_postgresql_refuses_to_empty_the_trail(postgres: Engine, table: str) -> None:
    with postgres.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(f"TRUNCATE {table}"))


def test_sqlite_refuses_to_replace_an_entry(sqlite: Engine) -> None:
    with Session(sqlite) as session:
        write(session, 2)
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(
                text(
                    "INSERT OR REPLACE INTO audit_entry SELECT id, at, actor_id, 'x', subject, "
                    "detail, previous_hash, hash FROM audit_entry WHERE id = 2"
                )
            )


COPY = (
    "INSERT INTO audit_entry (id, at, actor_id, action, subject, detail, previous_hash, hash) "
    "SELECT {id}, at, actor_id, action, subject, detail, previous_hash, 'forged' "
    "FROM audit_entry WHERE id = {of}"
)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["UPDATE audit_entry SET detail = '{}' WHERE id = 2"], [Break(2, BreakKind.CHANGED)]),
        (["UPDATE audit_entry SET detail = 'x' WHERE id = 2"], [Break(2, BreakKind.CHANGED)]),
        (["UPDATE audit_entry SET action = 'y' WHERE id = 4"], [Break(4, BreakKind.CHANGED)]),
        (
            ["UPDATE audit_entry SET at = '1999-01-01 00:00:00+00' WHERE id = 1"],
            [Break(1, BreakKind.CHANGED)],
        ),
        (["DELETE FROM audit_entry WHERE id = 2"], [Break(2, BreakKind.MISSING)]),
        (["DELETE FROM audit_entry WHERE id = 1"], [Break(1, BreakKind.MISSING)]),
        (
            ["DELETE FROM audit_entry WHERE id >= 3"],
            [Break(3, BreakKind.MISSING), Break(4, BreakKind.MISSING)],
        ),
        (
            ["DELETE FROM audit_entry"],
            [Break(number, BreakKind.MISSING) for number in (1, 2, 3, 4)],
        ),
        (
            ["DELETE FROM audit_entry WHERE id = 4", "UPDATE audit_head SET count = 3"],
            [Break(3, BreakKind.HEAD)],
        ),
        ([COPY.format(id=5, of=4)], [Break(5, BreakKind.BEYOND)]),
        ([COPY.format(id=10**9, of=4)], [Break(10**9, BreakKind.BEYOND)]),
        ([COPY.format(id=0, of=1)], [Break(0, BreakKind.BEYOND)]),
        (
            [
                "DELETE FROM audit_entry WHERE id = 2",
                COPY.format(id=2, of=1),
            ],
            [Break(2, BreakKind.CHANGED), Break(3, BreakKind.UNCHAINED)],
        ),
        (["DELETE FROM audit_head"], [Break(number, BreakKind.BEYOND) for number in (1, 2, 3, 4)]),
    ],
)
def test_tampering_is_found(database: Engine, statements: list[str], expected: list[Break]) -> None:
    with Session(database) as session:
        write(session, 4)
    tamper(database, *statements)
    with Session(database) as session:
        assert verify(session) == expected
        assert describe(session).startswith(f"审计记录有 {len(expected)} 处不对：\n第")


def test_recording_is_undone_with_the_turn(session: Session) -> None:
    write(session, 1)
    record(session, at=AT, actor_id=None, action="x", subject="y", detail={})
    session.rollback()
    write(session, 1)
    assert verify(session) == []
    assert head(session)[0] == 2


def test_writers_at_once_take_turns(database: Engine) -> None:
    def work(_: int) -> None:
        with Session(database) as session:
            write(session, 5)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with Session(database) as session:
        assert head(session)[0] == 20
        assert verify(session) == []


def test_versions_of_a_note_only_grow(session: Session) -> None:
    session.execute(
        text("INSERT INTO person (id, login, name, role, active) VALUES (1, 'a', 'a', 'rep', true)")
    )
    session.execute(
        text(
            "INSERT INTO visit_note (id, author_id, status, visit_date, timeliness, "
            "content, version, dictation, engine, offline, input_tokens, "
            "output_tokens, model_milliseconds, said_at, saved_at) VALUES (1, 1, "
            "'draft', '2026-11-23', 'on_time', '{}', 1, '', 'rules', false, 0, 0, 0, "
            "'2026-11-23 08:00:00', '2026-11-23 08:00:00')"
        )
    )
    session.execute(
        text(
            "INSERT INTO note_version (note_id, version, content, made_by_id, "
            "made_at, because) VALUES (1, 1, '{}', 1, '2026-11-23 08:00:00', '')"
        )
    )
    session.commit()
    for statement in (
        "UPDATE note_version SET because = 'x'",
        "DELETE FROM note_version",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(text(statement))
        session.rollback()

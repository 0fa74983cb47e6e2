"""Flags, messages and notes cannot be made away with, nor what they were raised about."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from bot.domain.note import FlagCode
from storage.flags import ComplianceFlag, FlagStatus
from storage.messages import Message
from storage.people import Person, Role
from tests.storage.notes import draft, visit_to

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
GONE = [
    "DELETE FROM compliance_flag",
    "DELETE FROM message",
    "DELETE FROM visit_note",
]
CHANGED = [
    "UPDATE compliance_flag SET evidence = '没什么'",
    "UPDATE compliance_flag SET day_zero = '2026-11-30'",
    "UPDATE compliance_flag SET day_zero = NULL",
    "UPDATE compliance_flag SET code = 'off_label'",
    "UPDATE compliance_flag SET raised_at = '2026-11-30 00:00:00'",
    "UPDATE compliance_flag SET person_id = person_id + 1",
    "UPDATE compliance_flag SET id = id + 1",
    "UPDATE compliance_flag SET status = 'closed', evidence = ''",
    "UPDATE message SET body = '没说过'",
    "UPDATE message SET id = id + 1",
    "UPDATE visit_note SET id = id + 1",
]
REPLACED = [
    "INSERT OR REPLACE INTO compliance_flag SELECT * FROM compliance_flag",
    "INSERT OR REPLACE INTO message SELECT * FROM message",
    "REPLACE INTO message (channel, platform_id, body) VALUES ('terminal', '1', '改过')",
    "INSERT OR REPLACE INTO visit_note SELECT * FROM visit_note",
    "UPDATE OR REPLACE visit_note SET id = id + 1",
]


@pytest.fixture
def rep(session: Session) -> Person:
    """A rep who dictated a side effect, with the message, the note and the flag."""
    rep = Person(login="qiaoan", name="乔安", role=Role.REP)
    session.add(rep)
    session.flush()
    message = Message(
        channel="terminal", platform_id="1", person_id=rep.id, body="病人起了皮疹", sent_at=AT
    )
    session.add(message)
    session.flush()
    note = draft(session, rep, visit_to(), message_id=message.id)
    session.flush()
    flag = ComplianceFlag(
        code=FlagCode.ADVERSE_EVENT,
        rule_id="CN-R01",
        evidence="起了皮疹",
        note_id=note.id,
        message_id=message.id,
        person_id=rep.id or 0,
        raised_at=AT,
        day_zero=date(2026, 11, 23),
    )
    session.add(flag)
    session.commit()
    return rep


@pytest.mark.usefixtures("rep")
@pytest.mark.parametrize("statement", GONE + CHANGED)
def test_the_database_refuses(session: Session, statement: str) -> None:
    with pytest.raises(DBAPIError, match="is kept"):
        session.execute(text(statement))


@pytest.mark.parametrize("table", ["compliance_flag", "message", "visit_note"])
def test_postgresql_refuses_to_empty_the_table(postgres: Engine, table: str) -> None:
    with postgres.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(f"TRUNCATE {table} CASCADE"))


@pytest.mark.usefixtures("rep")
@pytest.mark.parametrize("statement", REPLACED)
def test_sqlite_refuses_to_replace(session: Session, statement: str) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("only SQLite replaces")
    with pytest.raises(DBAPIError, match="is kept"):
        session.execute(text(statement))


def test_what_is_done_about_a_flag_is_written_down(session: Session, rep: Person) -> None:
    flag = _only(session)
    flag.status, flag.acknowledged_by_id, flag.acknowledged_at = FlagStatus.CLOSED, rep.id, AT
    flag.more = ["病人五十岁"]
    session.commit()
    assert _only(session).status is FlagStatus.CLOSED


@pytest.mark.usefixtures("rep")
def test_a_message_is_answered_and_a_note_confirmed(session: Session) -> None:
    session.execute(text("UPDATE message SET replies = '[{}]', flags = '[]'"))
    session.execute(text("UPDATE visit_note SET status = 'confirmed', version = 2"))
    session.commit()
    assert session.execute(text("SELECT version FROM visit_note")).scalar_one() == 2


def _only(session: Session) -> ComplianceFlag:
    return session.exec(select(ComplianceFlag)).one()

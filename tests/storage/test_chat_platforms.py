"""The schema for chat platforms: the words of a voice are written once; it can be taken back."""

from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from storage.messages import Message
from storage.migrate import MIGRATIONS, is_current, migrate

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def keep(session: Session, body: str, id_: str = "1") -> Message:
    message = Message(channel="telegram", platform_id=id_, body=body, sent_at=AT)
    session.add(message)
    session.commit()
    return message


def change(session: Session, body: str) -> None:
    session.execute(text("UPDATE message SET body = :body"), {"body": body})
    session.commit()


def test_the_words_of_a_voice_come_once_and_stay(session: Session) -> None:
    message = keep(session, "")
    change(session, "见了沈主任")
    with pytest.raises(DBAPIError, match="is kept"):
        change(session, "没见沈主任")
    session.rollback()
    with pytest.raises(DBAPIError, match="is kept"):
        change(session, "")
    session.rollback()
    session.refresh(message)
    assert message.body == "见了沈主任"


def step_to(database: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_the_schema_before_is_one_step_back_and_again_forward(database: Engine) -> None:
    with Session(database) as session:
        keep(session, "说过的话")
    step_to(database, "0002")
    try:
        assert not {"delivery", "stranger"} & set(inspect(database).get_table_names())
        with Session(database) as session, pytest.raises(DBAPIError, match="is kept"):
            change(session, "没说过")
    finally:
        migrate(database)
    with database.connect() as connection:
        assert is_current(connection)
    with Session(database) as session:
        keep(session, "", "2")
        with pytest.raises(DBAPIError, match="is kept"):
            change(session, "没说过")
        session.rollback()
        session.execute(text("UPDATE message SET body = '后来的话' WHERE platform_id = '2'"))


def test_before_platforms_an_empty_message_stayed_empty(database: Engine) -> None:
    step_to(database, "0002")
    try:
        with database.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO message"
                    " (channel, platform_id, body, sent_at, flags, alerts, replies)"
                    " VALUES ('terminal', '1', '', '2026-11-23 08:00:00', '[]', '[]', '[]')"
                )
            )
        with Session(database) as session, pytest.raises(DBAPIError, match="is kept"):
            change(session, "后来的话")
    finally:
        migrate(database)

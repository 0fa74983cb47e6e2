"""Doctor on the running service: the queues, who serves, who is reached. On both databases."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from bot.operating import check_serving
from storage.accounts import lose
from storage.database import open_engine
from storage.deliveries import Delivery, DeliveryStatus
from storage.locks import locks_of
from storage.people import Account, Person, Role

NOW = datetime(2026, 11, 25, 1, tzinfo=UTC)


def seen(engine: Engine) -> dict[str, tuple[bool, str]]:
    """What doctor says, by what it is about."""
    return {found.about: (found.ok, found.words) for found in check_serving(engine, NOW)}


def hired(session: Session, name: str, *, bound: bool) -> Person:
    person = Person(login=name, name=name, role=Role.REP)
    session.add(person)
    session.flush()
    if bound:
        account = Account(channel="telegram", account=name, person_id=person.id or 0, bound_at=NOW)
        session.add(account)
    session.commit()
    return person


def failed(session: Session, person: Person, *, told: bool, days_ago: int = 1) -> None:
    number = len(session.exec(select(Delivery.id)).all())
    at = NOW - timedelta(days=days_ago)
    row = Delivery(
        key=str(number),
        person_id=person.id,
        channel="telegram",
        chat="1",
        status=DeliveryStatus.FAILED,
        problem="blocked",
        due_at=at,
        created_at=at,
        done_at=at,
        told_at=NOW if told else None,
    )
    session.add(row)
    session.commit()


@pytest.fixture
def never_served(database: Engine) -> Engine:
    """Another test of this process may have served this schema before."""
    if database.dialect.name == "postgresql":
        with database.begin() as connection:
            schema = connection.execute(text("SELECT current_schema()")).scalar_one()
            connection.execute(text(f"DROP SCHEMA IF EXISTS {schema}_dbos CASCADE"))
    return database


def test_before_the_first_start(never_served: Engine) -> None:
    found = seen(never_served)
    assert found["队列"] == (True, "还没有，第一次运行 serve 时自动建立")
    assert "现在没有 serve 在运行" in found["服务"][1]


def test_who_serves_is_seen_and_not_disturbed(database: Engine) -> None:
    with locks_of(database) as locks:
        locks.sit()
        assert seen(database)["服务"] == (True, "有 1 个 serve 在运行")
        assert locks.is_seated()
    assert "现在没有 serve 在运行" in seen(database)["服务"][1]


def test_nobody_is_bound_yet(session: Session, database: Engine) -> None:
    hired(session, "zhou", bound=False)
    ok, words = seen(database)["账号"]
    assert not ok
    assert "python -m bot invite" in words
    hired(session, "shen", bound=True)
    assert seen(database)["账号"] == (True, "2 人中 1 人绑定了聊天账号")


def test_who_cannot_be_reached_is_named(session: Session, database: Engine) -> None:
    hired(session, "zhou", bound=True)
    assert seen(database)["联系"][0]
    lose(session, "telegram", "zhou", now=NOW - timedelta(days=1))
    session.commit()
    ok, words = seen(database)["联系"]
    assert not ok
    assert "1 人联系不上：zhou（11月24日（周二）起）" in words


@pytest.mark.parametrize(
    ("told", "days_ago", "ok"), [(False, 1, False), (True, 1, True), (False, 8, True)]
)
def test_what_did_not_arrive_counts_until_it_was_made_up_for(
    told: bool, days_ago: int, ok: bool, session: Session, database: Engine
) -> None:
    failed(session, hired(session, "zhou", bound=True), told=told, days_ago=days_ago)
    found = seen(database)["消息"]
    assert found[0] is ok
    assert ok or "7 天内 1 条没送到：zhou 1 条（停用了机器人）" in found[1]


def test_an_old_schema_is_not_looked_at(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    assert list(check_serving(engine, NOW)) == []
    engine.dispose()

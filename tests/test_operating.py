"""Doctor on the running service: the queues, who serves, who is reached. On both databases."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from bot.config import Settings
from bot.finding import Finding
from bot.operating import check_calls, check_serving
from storage.accounts import lose
from storage.database import open_engine
from storage.deliveries import Delivery, DeliveryStatus
from storage.locks import locks_of
from storage.people import Account, Person, Role
from storage.shelf import change

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


def test_that_nothing_serves_is_wrong_once_somebody_is_bound(
    session: Session, database: Engine
) -> None:
    hired(session, "zhou", bound=False)
    assert seen(database)["服务"][0]
    hired(session, "shen", bound=True)
    ok, words = seen(database)["服务"]
    assert not ok
    assert "聊天里没人应答：python -m bot serve" in words
    with locks_of(database) as locks:
        locks.sit()
        assert seen(database)["服务"][0]


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


WECOM = Settings(
    _env_file=None,
    wecom_corp_id="ww1",
    wecom_agent_id=1000002,
    wecom_secret="geheim",
    wecom_token="tok",
    wecom_aes_key="k" * 43,
)


def note(engine: Engine, channel: str, key: str, value: str) -> None:
    """What a platform noted on its shelf."""
    with Session(engine) as session:
        year = timedelta(days=365)
        change(session, channel, key, lambda _: (value, None), now=NOW, lasts=year)
        session.commit()


def called(engine: Engine, at: datetime | None = None) -> list[Finding]:
    """What is said about WeCom's calls, the last of them at this time."""
    if at is not None:
        note(engine, "wecom", "heard", at.isoformat())
    return list(check_calls(engine, WECOM, NOW))


def test_wecom_has_never_called(database: Engine) -> None:
    (found,) = called(database)
    assert not found.ok
    for words in ("还没有来叫过", "「接收消息」", "/wecom/callback", "反向代理", "域名"):
        assert words in found.words


def test_when_wecom_called_last(database: Engine) -> None:
    (found,) = called(database, NOW - timedelta(minutes=20))
    assert found.ok
    assert "最近一次来叫是 11月25日（周三） 08:40" in found.words
    (found,) = called(database, NOW - timedelta(days=9))
    assert found.ok
    assert "11月16日（周一） 09:00。好久没有了，发一句话试试" in found.words


def test_wecom_calls_with_a_signature_that_does_not_fit(database: Engine) -> None:
    called(database, NOW - timedelta(minutes=20))
    note(database, "wecom", "forged", (NOW - timedelta(minutes=2)).isoformat())
    (found,) = check_calls(database, WECOM, NOW)
    assert not found.ok
    assert "11月25日（周三） 08:58 有人用不对的签名来叫" in found.words
    assert "WECOM_TOKEN" in found.words


BOT = Settings(_env_file=None, wecom_bot_id="aib", wecom_bot_secret="geheim")


@pytest.mark.parametrize(
    ("state", "ok", "words"),
    [
        ("connected", True, "serve 在 11月25日（周三） 08:59 连上了"),
        ("kicked", False, "被另一个程序挤下来了"),
        ("secret", False, "WECOM_BOT_SECRET 不对"),
        ("network", False, "连不上"),
        ("silent", False, "serve 会自己再连"),
    ],
)
def test_how_the_bots_connection_stands(database: Engine, state: str, ok: bool, words: str) -> None:
    (before,) = check_calls(database, BOT, NOW)
    assert (before.ok, before.words) == (True, "serve 还没有连过，启动后再看")
    at = (NOW - timedelta(minutes=1)).isoformat()
    note(database, "wecom_bot", "link", json.dumps({"state": state, "at": at}))
    (found,) = check_calls(database, BOT, NOW)
    assert found.ok is ok
    assert words in found.words
    assert "geheim" not in found.words


def test_without_wecom_its_calls_are_not_looked_at(tmp_path: Path, database: Engine) -> None:
    assert list(check_calls(database, Settings(_env_file=None), NOW)) == []
    engine = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    assert list(check_calls(engine, WECOM, NOW)) == []
    engine.dispose()

"""Two serving processes on one database: what is due goes out once, also when one is killed."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from benchmarks.replicas import Installation, telegram_at
from benchmarks.team import build_team, plant_team
from bot.domain.note import FlagCode
from storage.deliveries import Delivery, DeliveryStatus
from storage.flags import ComplianceFlag
from storage.people import Account, Person, Role
from storage.pushes import Pushed
from tests.channels.telegram_server import PlayedTelegram, played_telegram

EVENTS, PEOPLE = 4, 8
LATEST_SECONDS = 40
QUICK = {"PUSH_SECONDS": "0.5"}


def test_two_processes_push_each_thing_once(postgres: Engine, tmp_path: Path) -> None:
    async def scene() -> Counter[tuple[str, str]]:
        async with played_telegram() as telegram:
            here = _installation(postgres, tmp_path, telegram.url)
            async with here.running(2):
                _raise_events(postgres, EVENTS)
                await _until_sent(postgres, EVENTS * PEOPLE)
                await asyncio.sleep(1)
            return _events(telegram)

    plant_team(postgres, build_team(2, customers=1))
    _hire_compliance(postgres)
    sent = asyncio.run(scene())
    assert (len(sent), set(sent.values())) == (EVENTS * PEOPLE, {1})
    assert _count(postgres) == EVENTS * PEOPLE


def test_a_process_that_is_killed_leaves_nothing_out_and_doubles_nothing(
    postgres: Engine, tmp_path: Path
) -> None:
    """The other one goes on. What was sent in the very moment of the kill, and not recorded, may
    be seen twice."""

    async def scene() -> Counter[tuple[str, str]]:
        async with played_telegram() as telegram:
            here = _installation(postgres, tmp_path, telegram.url)
            async with here.running(2) as (first, second):
                _raise_events(postgres, 2)
                await asyncio.sleep(0.6)
                first.kill()
                await _until_sent(postgres, 2 * PEOPLE)
                assert second.stop() == 0
            return _events(telegram)

    plant_team(postgres, build_team(2, customers=1))
    _hire_compliance(postgres)
    sent = asyncio.run(scene())
    assert _count(postgres) == len(sent) == 2 * PEOPLE
    assert sum(sent.values()) - len(sent) <= 2


def _installation(database: Engine, data: Path, telegram: str) -> Installation:
    url = database.url.render_as_string(hide_password=False)
    return Installation(url, data, telegram_at(telegram), QUICK)


def _hire_compliance(database: Engine) -> None:
    with Session(database) as session:
        people = [
            Person(login=f"c{number}", name=f"合规{number}", role=Role.COMPLIANCE)
            for number in range(PEOPLE)
        ]
        session.add_all(people)
        session.flush()
        session.add_all(_account(person) for person in people)
        session.commit()


def _account(person: Person) -> Account:
    number, now = str(7000 + (person.id or 0)), datetime.now(UTC)
    return Account(
        channel="telegram", account=number, chat=number, person_id=person.id or 0, bound_at=now
    )


def _raise_events(database: Engine, count: int, *, first: int = 0) -> None:
    """Adverse events that nobody took up for an hour and a half: at any time of the day."""
    with Session(database) as session:
        teller = session.exec(select(Person.id).where(Person.role == Role.REP)).first() or 0
        raised = datetime.now(UTC) - timedelta(minutes=90)
        session.add_all(
            ComplianceFlag(
                code=FlagCode.ADVERSE_EVENT,
                rule_id="CN-R09",
                evidence=f"事件{number}",
                person_id=teller,
                raised_at=raised,
            )
            for number in range(first, first + count)
        )
        session.commit()


def _events(telegram: PlayedTelegram) -> Counter[tuple[str, str]]:
    """How often each person was told of each event; reps may get a briefing meanwhile."""
    told = [call.fields for call in telegram.calls if "原文：" in call.fields.get("text", "")]
    return Counter(
        (str(fields["chat_id"]), fields["text"].split("原文：")[1].split("\n", maxsplit=1)[0])
        for fields in told
    )


def _count(database: Engine) -> int:
    """The rows of what was pushed about the events."""
    with Session(database) as session:
        wanted = select(func.count()).where(Pushed.kind == "unseen_event")
        return session.exec(wanted).one()


async def _until_sent(database: Engine, count: int) -> None:
    async with asyncio.timeout(LATEST_SECONDS):
        while True:
            with Session(database) as session:
                sent = select(func.count()).where(
                    Delivery.status == DeliveryStatus.DELIVERED,
                    col(Delivery.key).startswith("due-unseen_event"),
                )
                if session.exec(sent).one() >= count:
                    return
            await asyncio.sleep(0.2)

"""What takes long or goes wrong, on the stage: nobody waits in silence, and nothing is lost."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from bot.dispatch import Dispatcher
from bot.inbox import WORKING
from bot.messages import Incoming
from bot.reception import Received
from storage.messages import Message
from storage.people import Person
from tests.channels.telegram_server import until
from tests.llm.notes import met, note, visit
from tests.llm.server import Answer, scripted
from tests.llm.server import says as model_says
from tests.office import RASH, VISIT
from tests.serving.conftest import OpenSettings, on_postgres, on_sqlite
from tests.serving.stage import Stage, bind, on_stage

SLOW = 5.0


def _slowly(answer: Answer) -> Answer:
    return Answer(answer.body, wait=SLOW)


@on_postgres
def test_a_slow_model_keeps_nobody_waiting_in_silence(installed: OpenSettings) -> None:
    async def scene() -> None:
        written = note(visit(customers=[met("沈怀安主任")]))
        with scripted(_slowly(model_says(written))) as model:
            more = {"llm_base_url": model.base_url, "llm_model": "m", "llm_format": "text"}
            async with on_stage(installed(**more)) as stage:
                bind(stage.app, tangning=501, luowei=503)
                rep, other = stage.person(501), stage.person(503)
                started = time.monotonic()
                await rep.says(VISIT)
                await rep.hears(WORKING)
                assert time.monotonic() - started < 1.5
                await until(lambda: stage.telegram.sent("sendChatAction"))
                await other.says("帮助")
                await other.hears("拜访")
                assert time.monotonic() - started < SLOW
                await rep.hears("沈怀安")
                assert time.monotonic() - started > SLOW
                assert rep.texts.count(WORKING) == 1

    asyncio.run(scene())


def _keep_unqueued(stage: Stage, text: str) -> None:
    """The process died between keeping a message and queueing it."""
    with Session(stage.app.engine) as session:
        rep = session.exec(select(Person).where(Person.login == "tangning")).one()
        session.add(
            Message(
                channel="telegram",
                platform_id="501:1",
                person_id=rep.id,
                body=text,
                sent_at=datetime.now(UTC) - timedelta(minutes=2),
                account="501",
                chat="501",
            )
        )
        session.commit()


@on_sqlite
def test_a_message_that_was_kept_but_never_queued_is_answered(
    installed: OpenSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.schedule.LEFT_SECONDS", 0.2)

    async def scene() -> None:
        async with on_stage(installed()) as stage:
            bind(stage.app, tangning=501)
            rep = stage.person(501)
            _keep_unqueued(stage, VISIT)
            await rep.hears("沈怀安")
            await asyncio.sleep(0.5)
            assert len([text for text in rep.texts if "沈怀安" in text]) == 1

    asyncio.run(scene())


@on_postgres
def test_work_that_broke_is_begun_again(
    installed: OpenSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.schedule.LEFT_SECONDS", 0.2)
    recall, broken = Dispatcher.recall, [ZeroDivisionError()]

    def recalled(self: Dispatcher, message_id: int) -> tuple[Incoming, Received]:
        if broken:
            raise broken.pop()
        return recall(self, message_id)

    monkeypatch.setattr(Dispatcher, "recall", recalled)

    async def scene() -> None:
        async with on_stage(installed()) as stage:
            bind(stage.app, tangning=501)
            rep = stage.person(501)
            await rep.says(VISIT)
            await rep.hears("沈怀安")
            assert not broken

    asyncio.run(scene())


@on_sqlite
def test_an_adverse_event_does_not_wait_behind_a_slow_model(installed: OpenSettings) -> None:
    """The rep's own lane is held; compliance hears of it all the same (SY-01)."""

    async def scene() -> None:
        with scripted(_slowly(model_says("{}"))) as model:
            more = {"llm_base_url": model.base_url, "llm_model": "m", "llm_format": "text"}
            async with on_stage(installed(**more)) as stage:
                bind(stage.app, tangning=501, kangjie=505)
                rep, compliance = stage.person(501), stage.person(505)
                await rep.says(VISIT)
                await rep.says(f"方林医生说{RASH}")
                started = time.monotonic()
                await compliance.hears("起了皮疹")
                assert time.monotonic() - started < SLOW
                await rep.hears("不良事件")
                await asyncio.sleep(2 * SLOW)
                assert len([text for text in compliance.texts if "起了皮疹" in text]) == 1

    asyncio.run(scene())

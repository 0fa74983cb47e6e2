"""Several serving processes, and Telegram calling in instead of being asked."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, func, select

from benchmarks.replicas import Installation, free_port, telegram_at
from benchmarks.team import build_team, plant_team
from bot.messages import Reply
from bot.outbox import Address, post_alone
from storage.deliveries import Delivery, DeliveryStatus
from tests.channels.telegram_server import played_telegram
from tests.serving.conftest import OpenSettings, on_sqlite
from tests.serving.stage import bind, on_stage

PUSHES = 40
LATEST_SECONDS = 30


def test_two_processes_send_each_push_once(postgres: Engine, tmp_path: Path) -> None:
    """Both clocks look for what is due, and both are free to send it."""

    async def scene() -> Counter[str]:
        async with played_telegram() as telegram:
            url = postgres.url.render_as_string(hide_password=False)
            here = Installation(url, tmp_path, telegram_at(telegram.url))
            async with here.running(2) as both:
                _queue_pushes(postgres)
                await _until_sent(postgres)
                exits = [await asyncio.to_thread(replica.stop) for replica in both]
                assert exits == [0, 0]
            return Counter(telegram.texts)

    plant_team(postgres, build_team(8, customers=1))
    sent = asyncio.run(scene())
    assert sent == Counter(f"提醒 {number}" for number in range(PUSHES))


@on_sqlite
def test_telegram_can_call_in(installed: OpenSettings) -> None:
    async def scene() -> None:
        port = free_port()
        webhook = {"telegram_webhook_url": f"http://127.0.0.1:{port}", "web_port": port}
        async with on_stage(installed(**webhook)) as stage:
            bind(stage.app, tangning=501)
            rep = stage.person(501)
            await rep.says("刚见了沈怀安主任，聊了二十分钟，下周三前把RCT文献发给他。")
            await rep.hears("沈怀安")
            await rep.presses("确认")
            await rep.hears("已存")
            assert not stage.telegram.sent("getUpdates")

    asyncio.run(scene())


def _queue_pushes(database: Engine) -> None:
    """Rows that nobody has queued, as after a crash: five for each of eight people."""
    now = datetime.now(UTC)
    with Session(database) as session:
        for number in range(PUSHES):
            address = Address("telegram", str(1001 + number % 8), None)
            post_alone(session, f"push-{number}", address, Reply(f"提醒 {number}"), now)
        session.commit()


async def _until_sent(database: Engine) -> None:
    async with asyncio.timeout(LATEST_SECONDS):
        while True:
            with Session(database) as session:
                sent = select(func.count()).where(Delivery.status == DeliveryStatus.DELIVERED)
                if session.exec(sent).one() == PUSHES:
                    return
            await asyncio.sleep(0.2)

"""The database goes away while people talk: nothing said is lost, and they are told so."""

import asyncio
import sqlite3
from pathlib import Path

from sqlalchemy import Engine

from bot.channels.sayings import INBOX_CLOSED
from tests.office import plant_world
from tests.serving.cable import Cable, cable
from tests.serving.stage import Chatter, bind, on_stage, settings_for

SAID = (
    "刚见了沈怀安主任，聊了21分钟，讲了舒络宁。",
    "刚见了诸葛敏主任，聊了22分钟，讲了舒络宁。",
    "刚见了田牧野主任，聊了23分钟，讲了舒络宁。",
)


async def hears_all_in_order(rep: Chatter) -> None:
    """One card for each, in the order in which they were said."""
    for minutes in (21, 22, 23):
        await rep.hears(f"{minutes}分钟")
    assert len([text for text in rep.texts if "待确认" in text]) == len(SAID)


def test_what_is_said_while_postgresql_is_away_is_answered_in_order(
    postgres: Engine, tmp_path: Path
) -> None:
    async def scene(way: Cable) -> None:
        async with on_stage(lambda url: settings_for(way.address, tmp_path, url)) as stage:
            bind(stage.app, tangning=501)
            rep = stage.person(501)
            await rep.says("你好")
            await rep.hears("唐宁，您好")
            way.pull()
            for text in SAID:
                await rep.says(text)
            await rep.hears(INBOX_CLOSED)
            await asyncio.sleep(1)
            way.plug()
            await hears_all_in_order(rep)
            assert rep.texts.count(INBOX_CLOSED) == 1

    plant_world(postgres)
    with cable(postgres) as way:
        asyncio.run(scene(way))


def test_a_sqlite_file_that_somebody_else_writes_to_is_waited_for(
    sqlite: Engine, tmp_path: Path
) -> None:
    async def scene() -> None:
        address = sqlite.url.render_as_string()
        async with on_stage(lambda url: settings_for(address, tmp_path / "data", url)) as stage:
            bind(stage.app, tangning=501)
            rep = stage.person(501)
            await rep.says("你好")
            await rep.hears("唐宁，您好")
            other = sqlite3.connect(sqlite.url.database or "", isolation_level=None)
            other.execute("BEGIN EXCLUSIVE")
            for text in SAID:
                await rep.says(text)
            await asyncio.sleep(3)
            other.execute("ROLLBACK")
            other.close()
            await hears_all_in_order(rep)

    plant_world(sqlite)
    asyncio.run(scene())

"""Conversations through the AI bot's long connection, with one process and with two."""

import asyncio
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from benchmarks.replicas import Installation, Replica
from bot.config import Settings
from storage.notes import VisitNote
from tests.channels.wecom_bot_phones import Shown
from tests.channels.wecom_bot_server import BOT, SECRET, PlayedBotServer, played_bot_server
from tests.office import VISIT, plant_world
from tests.serving.conftest import on_postgres, on_sqlite
from tests.serving.stage import LATEST_SECONDS, opened_app, served
from tests.serving.wecom_stage import join
from tests.territory.files import good_sheets, save

REP = "tangning"
HANDED_OVER_SECONDS = 60


def bot_options(url: str) -> dict[str, str]:
    """The settings of a bot at the played server."""
    return {"wecom_bot_id": BOT, "wecom_bot_secret": SECRET, "wecom_bot_url": url}


def bot_settings(database_url: str, data: Path, url: str, **more: Any) -> Settings:
    """An installation with nothing but the bot."""
    quick = {"web_port": 0, "stop_seconds": 3, "queue_seconds": 0.02}
    place = {"database_url": database_url, "data_dir": data}
    return Settings(_env_file=None, **{**place, **bot_options(url), **quick, **more})


async def shows(
    server: PlayedBotServer, words: str, chat: str = REP, *, kind: str | None = None
) -> Shown:
    """Wait until a chat shows the words, in anything of that kind."""
    end = time.monotonic() + LATEST_SECONDS
    while time.monotonic() < end:
        for shown in server.shown_to(chat):
            if words in f"{shown.title}\n{shown.text}" and kind in {None, shown.kind}:
                return shown
        await asyncio.sleep(0.01)
    raise AssertionError(f"not shown: {words}\nbut: {server.texts(chat)}")


async def connected(server: PlayedBotServer, subscriptions: int = 1) -> None:
    """Wait until somebody holds the bot, for the so-manieth time."""
    async with asyncio.timeout(HANDED_OVER_SECONDS):
        while server.subscriptions < subscriptions or not server.subscribed:
            await asyncio.sleep(0.02)


@pytest.fixture
def installed(planted: str, tmp_path: Path) -> partial[Settings]:
    """Settings with the bot on a planted database; they take its address."""
    return partial(bot_settings, planted, tmp_path / "data")


@on_sqlite
def test_a_dictation_becomes_a_card_and_the_card_a_record(installed: partial[Settings]) -> None:
    async def scene() -> None:
        async with played_bot_server() as server:
            with opened_app(installed(server.url)) as app:
                join(app.engine, REP, channel="wecom_bot")
                async with served(app):
                    await connected(server)
                    await server.voice(REP, VISIT)
                    await shows(server, f"听到的是：「{VISIT}」")
                    card = await shows(server, "沈怀安", kind="card")
                    assert list(card.buttons.values()) == ["确认", "修改", "取消"]
                    await server.presses(REP, "确认")
                    await shows(server, "已存")
                    assert list(card.buttons.values()) == ["已选：确认"]
                    assert not server.kept_back

    asyncio.run(scene())


@on_postgres
def test_an_admin_imports_a_file_and_gets_one(installed: partial[Settings], tmp_path: Path) -> None:
    async def scene() -> None:
        async with played_bot_server() as server:
            with opened_app(installed(server.url)) as app:
                join(app.engine, "admin", channel="wecom_bot")
                async with served(app):
                    await connected(server)
                    content = save(tmp_path / "sent.xlsx", good_sheets()).read_bytes()
                    await server.file("admin", "客户.xlsx", content)
                    await shows(server, "导入", "admin")
                    await server.says("admin", "导出客户")
                    await shows(server, "导出好了", "admin")
                    sent = await shows(server, ".xlsx", "admin")
                    assert sent.data[:2] == b"PK"

    asyncio.run(scene())


def test_when_the_holder_dies_another_process_goes_on(postgres: Engine, tmp_path: Path) -> None:
    """What was said is answered by whoever holds the connection then, once."""

    async def scene() -> None:
        async with played_bot_server() as server:
            url = postgres.url.render_as_string(hide_password=False)
            variables = {k.upper(): v for k, v in bot_options(server.url).items()}
            here = Installation(url, tmp_path, variables)
            async with here.running(2) as both:
                await connected(server)
                await server.says(REP, VISIT)
                await shows(server, "沈怀安")
                await _kill_holder(server, both)
                await connected(server, 2)
                await server.presses(REP, "确认")
                await shows(server, "已存")
            with Session(postgres) as session:
                (note,) = session.exec(select(VisitNote)).all()
                assert note.status == "confirmed"
            assert len([text for text in server.texts(REP) if "已存" in text]) == 1

    plant_world(postgres)
    join(postgres, REP, channel="wecom_bot")
    asyncio.run(scene())


async def _kill_holder(server: PlayedBotServer, both: list[Replica]) -> None:
    """The one whose death ends the connection; the other one lives, perhaps anew."""
    for replica in both:
        replica.kill()
        await asyncio.sleep(0.5)
        if not server.subscribed:
            return
        replica.start()
        await replica.is_up()
    raise AssertionError("nobody holds the bot")

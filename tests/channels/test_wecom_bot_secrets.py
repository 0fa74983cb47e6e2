"""Nothing that is secret, said or somebody's name gets into the logs; the bot is opened as it is
configured."""

import asyncio
import json
import logging
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.channel import ChannelError
from bot.channels.table import PLATFORMS
from bot.channels.wecom_bot.channel import WeComBotChannel, open_wecom_bot
from bot.config import ConfigError, Settings, load_settings
from bot.messages import Attachment, Reply
from tests.channels.memory_shelf import MemoryShelf
from tests.channels.telegram_server import until
from tests.channels.wecom_bot_play import CARD, playing
from tests.channels.wecom_bot_server import (
    BOT,
    COLLEAGUE,
    GROUP,
    NAME,
    SECRET,
    USER,
    PlayedBotServer,
    played_bot_server,
)

SAID = "陆怀瑾主任说一定要来"
ANSWER = "王德厚主任的事记下了"
FILE = "机密名单.xlsx"


async def _everything_happens(server: PlayedBotServer, folder: Path) -> None:
    """Messages, answers, refusals, files, presses and outages."""
    table = folder / FILE
    table.write_bytes(b"x" * 99)
    attachment = Attachment(FILE, table, "x")
    async with playing(server) as made:
        await server.says(USER, SAID)
        await server.file(USER, FILE, b"y" * 99)
        await server.group_says(GROUP, USER, f"@{NAME} {SAID}")
        await made.heard(3)
        message = made.inbox.taken[0].id
        await made.channel.send(USER, Reply(ANSWER, passing=True), answers=message, key="w")
        server.faults["aibot_respond_msg"] = [846608]
        await made.channel.send(USER, CARD, answers=message, key="a")
        await made.channel.send(USER, Reply(ANSWER, attachments=(attachment,)), key="b")
        await server.presses(USER, "确认")
        for code in (40058, 93006, 846607, -1):
            server.faults["aibot_send_msg"] = [code]
            with pytest.raises(ChannelError):
                await made.channel.send(USER, Reply(ANSWER), key=f"c{code}")
        media = made.inbox.taken[1].media or made.inbox.taken[2].media
        assert media is not None
        await made.channel.fetch(media, folder / "in.xlsx")
        await server.write(json.dumps({"cmd": "x", "body": {"words": SAID}}))
        await server.write(f"no frame {SAID}")
        server.cut()
        await until(lambda: server.subscriptions == 2)
        with pytest.raises(ChannelError):
            await made.channel.send(COLLEAGUE, Reply(ANSWER), key="d")
    server.refusals = [853000]
    async with playing(server, ready=False):
        await until(lambda: not server.refusals)


def test_no_secret_no_name_and_no_word_gets_into_the_logs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> PlayedBotServer:
        async with played_bot_server() as server:
            await _everything_happens(server, tmp_path)
            return server

    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        server = asyncio.run(run())
    written = repr(logs) + caplog.text
    assert "wecom_bot_connected" in written
    places = list(server.files)
    for hidden in (SECRET, SAID, ANSWER, "怀瑾", "德厚", FILE, "机密", USER, COLLEAGUE, *places):
        assert hidden not in written


def test_the_bot_is_opened_as_it_is_configured() -> None:
    settings = Settings(
        _env_file=None,
        wecom_bot_id=BOT,
        wecom_bot_secret=SECRET,
        wecom_bot_url="ws://127.0.0.1:9",
        wecom_bot_name=NAME,
    )
    asked: list[str] = []

    def shelf_of(name: str) -> MemoryShelf:
        asked.append(name)
        return MemoryShelf()

    channel = open_wecom_bot(settings, shelf_of)
    assert isinstance(channel, WeComBotChannel)
    assert asked == ["wecom_bot"]
    assert not channel.ready
    assert SECRET not in repr(vars(channel)) + repr(vars(channel._link))
    asyncio.run(channel.close())


def test_without_a_bot_there_is_none() -> None:
    settings = Settings(_env_file=None)
    assert open_wecom_bot(settings, lambda _: MemoryShelf()) is None
    assert open_wecom_bot in PLATFORMS


def test_half_of_a_bot_is_no_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECOM_BOT_ID", BOT)
    with pytest.raises(ConfigError, match="WECOM_BOT_SECRET"):
        load_settings()

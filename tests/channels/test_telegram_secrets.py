"""Opened from the settings, and the token told to nobody."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.channel import ChannelError
from bot.channels.telegram.channel import TelegramChannel, open_telegram
from bot.channels.telegram.library import TelegramConfig
from bot.config import Settings
from bot.messages import Media, MediaKind, Reply
from tests.channels.memory_shelf import shelf_of
from tests.channels.telegram_server import (
    TOKEN,
    Fault,
    KeptInbox,
    Pauses,
    played_telegram,
    receiving,
    send,
    until,
)


def test_opened_from_the_settings() -> None:
    assert open_telegram(Settings(_env_file=None), shelf_of) is None
    channel = open_telegram(
        Settings(
            _env_file=None,
            telegram_token=SecretStr(TOKEN),
            telegram_webhook_url="https://bot.example.com",
            allow_cross_border=True,
            cross_border_basis="已备案",
        ),
        shelf_of,
    )
    assert channel is not None
    assert (channel.name, channel.receives_alone) == ("telegram", False)
    assert (channel.pace.per_second, channel.pace.chat_seconds, channel.pace.burst) == (25, 1, 5)


def test_proxies_of_the_environment_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    sent, _ = send(Reply("好的"))
    assert sent == "1"


EVERY_ERROR = [
    Fault("getMe", 401, f"Unauthorized {TOKEN}"),
    Fault("sendMessage", 500, f"at /bot{TOKEN}/sendMessage"),
    Fault("sendMessage", 200, body=f"not JSON, {TOKEN}"),
    Fault("sendMessage", 403, f"Forbidden: {TOKEN}"),
    Fault("getFile", 404, TOKEN),
    Fault("getUpdates", 500, TOKEN),
    Fault("getUpdates", 200, body=TOKEN),
]


def test_the_token_is_never_told(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told: list[str] = []

    async def tell(act: Awaitable[Any]) -> None:
        try:
            await act
        except ChannelError as error:
            told.extend([repr(error), str(error), *traceback.format_exception(error)])

    async def fail(channel: TelegramChannel) -> None:
        for act in (
            channel.open(),
            channel.send("501", Reply("好的")),
            channel.send("501", Reply("好的")),
            channel.send("501", Reply("好的")),
            channel.fetch(Media(MediaKind.FILE, "v"), tmp_path / "v"),
            channel.fetch(Media(MediaKind.FILE, "lost"), tmp_path / "v"),
        ):
            await tell(act)

    async def play() -> None:
        inbox, pauses = KeptInbox(), Pauses()
        async with played_telegram() as server:
            server.assets["lost"] = {}
            server.lost_files.add("lost")
            channel = TelegramChannel(TelegramConfig(TOKEN, server.url), pause=pauses)
            server.faults = list(EVERY_ERROR)
            await fail(channel)
            async with receiving(channel, inbox):
                await until(lambda: len(pauses.seconds) == 2)
            await channel.close()
            assert server.faults == []

    with caplog.at_level(logging.DEBUG):
        asyncio.run(play())
    assert len(told) > 20
    printed = capfd.readouterr()
    everything = "".join([*told, caplog.text, printed.out, printed.err])
    assert "telegram_outage" in everything
    assert TOKEN.partition(":")[2] not in everything

"""The ways to a service under load and back: who calls it as a platform does, and what arrives."""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2
from aiohttp import web

from benchmarks.replicas import Replica, telegram_at
from benchmarks.team import Rep
from bot.inbox import WORKING
from tests.channels.telegram_server import TOKEN, PlayedTelegram
from tests.channels.wecom_plain_caller import PlainCaller
from tests.channels.wecom_server import PlayedWeCom, played_wecom
from tests.serving.people import message
from tests.serving.wecom_stage import called_at, wecom_variables


class TimedTelegram(PlayedTelegram):
    """Notes when something was sent to each chat."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived: dict[str, list[float]] = defaultdict(list)

    def validate(self, method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> Any:
        """The played server's answer."""
        result = super().validate(method, fields, uploads)
        if method == "sendMessage" and fields["text"] != WORKING:
            self.arrived[str(fields["chat_id"])].append(time.perf_counter())
        return result


class Line(Protocol):
    """The way to a service and back, as one platform has it."""

    async def call(self, rep: Rep, text: str) -> None:
        """One message; back when it is acknowledged."""
        ...

    def arrived(self, rep: Rep) -> list[float]:
        """When each message but the notices reached a rep, by `time.perf_counter`."""
        ...


@dataclass
class TelegramLine:
    """Updates to the webhook."""

    telegram: TimedTelegram
    urls: list[str]
    secret: str
    client: httpx2.AsyncClient
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1000))

    async def call(self, rep: Rep, text: str) -> None:
        """One update."""
        number = next(self._numbers)
        update = {"update_id": number, "message": message(rep.account, number, text=text)}
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret}
        url = self.urls[number % len(self.urls)]
        answer = await self.client.post(url, json=update, headers=headers)
        answer.raise_for_status()

    def arrived(self, rep: Rep) -> list[float]:
        """What was noted."""
        return self.telegram.arrived[str(rep.account)]


@dataclass
class WeComLine:
    """Callbacks, and what the members see."""

    wecom: PlayedWeCom
    callers: list[PlainCaller]
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    async def call(self, rep: Rep, text: str) -> None:
        """One callback, which must be answered at the first try."""
        caller = self.callers[next(self._numbers) % len(self.callers)]
        delivery = await caller.says(rep.login, text)
        assert (delivery.status, delivery.tries) == (200, 1), delivery

    def arrived(self, rep: Rep) -> list[float]:
        """The same clock, as nobody moves the played one."""
        ahead = time.perf_counter() - self.wecom.screens.now()
        shown = self.wecom.shown_to(rep.login)
        return [each.at + ahead for each in shown if each.text != WORKING]


class LoadedPlatform(Protocol):
    """A played platform that leads to a service."""

    @property
    def variables(self) -> dict[str, str]:
        """What a process needs to serve it."""
        ...

    def reach(self, replicas: list[Replica]) -> AbstractAsyncContextManager[Line]:
        """The line to these processes."""
        ...


@dataclass
class LoadedTelegram:
    """With a webhook."""

    telegram: TimedTelegram

    @property
    def variables(self) -> dict[str, str]:
        """Called instead of asked."""
        return telegram_at(self.telegram.url) | {"TELEGRAM_WEBHOOK_URL": "http://127.0.0.1:9"}

    @asynccontextmanager
    async def reach(self, replicas: list[Replica]) -> AsyncIterator[Line]:
        """As soon as a process has told where to call."""
        path, secret = await _webhook(self.telegram)
        urls = [f"http://127.0.0.1:{replica.port}{path}" for replica in replicas]
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
            yield TelegramLine(self.telegram, urls, secret, client)


@dataclass
class LoadedWeCom:
    """Its cards left out, so that every answer is one message."""

    wecom: PlayedWeCom

    @property
    def variables(self) -> dict[str, str]:
        """Without cards."""
        return wecom_variables(self.wecom.url) | {"WECOM_CARDS": "false"}

    @asynccontextmanager
    async def reach(self, replicas: list[Replica]) -> AsyncIterator[Line]:
        """One caller for each."""
        async with AsyncExitStack() as stack:
            lines = [called_at(replica.port) for replica in replicas]
            yield WeComLine(self.wecom, [await stack.enter_async_context(line) for line in lines])


@asynccontextmanager
async def played(channel: str, team: list[Rep]) -> AsyncIterator[LoadedPlatform]:
    """The platform with the team on it."""
    if channel == "telegram":
        async with timed_telegram() as telegram:
            yield LoadedTelegram(telegram)
        return
    async with played_wecom(members=tuple(rep.login for rep in team)) as wecom:
        yield LoadedWeCom(wecom)


@asynccontextmanager
async def timed_telegram() -> AsyncIterator[TimedTelegram]:
    """The played server on a free loopback port."""
    server = TimedTelegram()
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


async def _webhook(telegram: TimedTelegram) -> tuple[str, str]:
    """The path that the service told Telegram to call, and the secret it wants to see."""
    async with asyncio.timeout(30):
        while True:
            state = telegram._update_queues._state(TOKEN)
            if state.url:
                return urlsplit(state.url).path, state.secret or ""
            await asyncio.sleep(0.05)

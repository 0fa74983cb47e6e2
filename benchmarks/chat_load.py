"""How quickly messages are acknowledged and answered, next to a bare echo bot on the same way.

Run `python -m benchmarks.chat_load`. Telegram is played by a third-party server in this process;
the bot runs in another one, in webhook mode. Times are in milliseconds, p50/p99: `ack` from a
webhook call to its 200, `reply` from the call to the answer's arrival at Telegram. PostgreSQL is
left out with `--database sqlite`.
"""

import argparse
import asyncio
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from aiohttp import web

from benchmarks.databases import fresh_database, url_of
from benchmarks.replicas import SERVE, Installation, free_port
from benchmarks.team import Rep, build_team, plant_team
from bot.inbox import WORKING
from tests.channels.telegram_server import TOKEN, PlayedTelegram
from tests.llm.server import Answer, scripted
from tests.serving.people import message

REPS = 120
IDLE, CROWD, EACH = 60, 50, 4
LATEST_SECONDS = 120.0
QUESTION = "下一个该见谁"
UNPACED = ("benchmarks.unpaced",)
RUNS = {
    "sqlite": ((1, SERVE), (1, UNPACED)),
    "postgresql": ((1, SERVE), (1, UNPACED), (2, UNPACED)),
}
"""How many processes, and whether they keep to the 25 messages a second that Telegram takes."""


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


@dataclass
class Load:
    """Somebody who calls the webhook as Telegram does, and waits for what is sent."""

    telegram: TimedTelegram
    urls: list[str]
    secret: str
    client: httpx2.AsyncClient
    acks: list[float] = field(default_factory=list)
    replies: list[float] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1000))

    async def say(self, account: int, text: str, *, answers: int = 1) -> None:
        """Say something and wait for so many messages in return."""
        chat = str(account)
        wanted = len(self.telegram.arrived[chat]) + answers
        started = time.perf_counter()
        await self.call(account, text)
        self.acks.append(time.perf_counter() - started)
        await self._until(lambda: len(self.telegram.arrived[chat]) >= wanted)
        self.replies.append(self.telegram.arrived[chat][wanted - 1] - started)

    async def flood(self, account: int, texts: list[str]) -> None:
        """Say things one after the other without waiting for answers; their times are from the
        call to the answer of the same number."""
        chat = str(account)
        before = len(self.telegram.arrived[chat])
        started = []
        for text in texts:
            started.append(time.perf_counter())
            await self.call(account, text)
            self.acks.append(time.perf_counter() - started[-1])
        await self._until(lambda: len(self.telegram.arrived[chat]) >= before + len(texts))
        arrived = self.telegram.arrived[chat][before:]
        self.replies += [end - begin for begin, end in zip(started, arrived, strict=False)]

    async def call(self, account: int, text: str) -> None:
        """One update to the webhook."""
        number = next(self._numbers)
        update = {"update_id": number, "message": message(account, number, text=text)}
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret}
        url = self.urls[number % len(self.urls)]
        answer = await self.client.post(url, json=update, headers=headers)
        answer.raise_for_status()

    async def _until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(LATEST_SECONDS):
            while not done():
                await asyncio.sleep(0.002)


@dataclass(frozen=True, slots=True)
class Figures:
    """One situation."""

    name: str
    acks: list[float]
    replies: list[float]
    per_second: float | None = None

    def __str__(self) -> str:
        rate = "" if self.per_second is None else f"   {self.per_second:6.1f} messages/s"
        return f"  {self.name:<34} ack {_p(self.acks)}   reply {_p(self.replies)}{rate}"


def _p(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]
    return f"{statistics.median(ordered) * 1000:6.0f} /{p99 * 1000:6.0f}"


async def idle(load: Load, team: list[Rep], text: Callable[[Rep], str]) -> Figures:
    """One after the other, nobody else there."""
    load.acks, load.replies = [], []
    for number in range(IDLE):
        rep = team[number % len(team)]
        await load.say(rep.account, text(rep))
        await asyncio.sleep(0.02)
    return Figures("idle", load.acks, load.replies)


async def crowd(load: Load, team: list[Rep], text: Callable[[Rep, int], str]) -> Figures:
    """Many at once, each saying several things in a row."""
    load.acks, load.replies = [], []
    started = time.perf_counter()
    said = [(rep, [text(rep, n) for n in range(EACH)]) for rep in team[:CROWD]]
    await asyncio.gather(*(load.flood(rep.account, texts) for rep, texts in said))
    rate = CROWD * EACH / (time.perf_counter() - started)
    return Figures(f"{CROWD} users at once, {EACH} each", load.acks, load.replies, rate)


async def measure_bot(load: Load, everybody: list[Rep]) -> list[Figures]:
    """Greet once, so that the notice at first use is not counted, then every situation."""
    team = everybody[:REPS]
    await asyncio.gather(*(load.say(rep.account, "你好", answers=2) for rep in team))
    await asyncio.sleep(5)  # until every chat may be sent to at once again
    figures = [await idle(load, team, lambda _: QUESTION)]
    figures.append(
        _named("idle, dictations", await idle(load, team[60:], lambda r: r.dictation(1)))
    )
    await asyncio.sleep(5)
    figures.append(await crowd(load, team, lambda _, __: QUESTION))
    await asyncio.sleep(5)
    said = await crowd(load, team[60:], lambda rep, n: rep.dictation(n + 2))
    figures.append(_named(f"{said.name}, dictations", said))
    return figures


def _named(name: str, figures: Figures) -> Figures:
    return Figures(name, figures.acks, figures.replies, figures.per_second)


async def measure_echo(telegram: TimedTelegram) -> list[Figures]:
    """The same with the echo bot."""
    team, port = build_team(REPS), free_port()
    arguments = [sys.executable, "-m", "benchmarks.echo_bot", str(port), telegram.url, TOKEN]
    process = subprocess.Popen(arguments)  # noqa: S603 - our own
    try:
        url = f"http://127.0.0.1:{port}"
        await _up(url)
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
            load = Load(telegram, [f"{url}/telegram/updates"], "", client)
            return [
                await idle(load, team, lambda _: QUESTION),
                await crowd(load, team, lambda _, __: QUESTION),
            ]
    finally:
        process.kill()
        process.wait()


async def measure_service(
    kind: str,
    telegram: TimedTelegram,
    *,
    model: str = "",
    processes: int = 1,
    command: tuple[str, ...] = SERVE,
) -> list[Figures]:
    """The same with the service on a fresh database; `model` is a service that hangs, or none."""
    team = build_team(REPS + 1)
    with (
        tempfile.TemporaryDirectory() as folder,
        fresh_database(kind, Path(folder), "repmate_load") as database,
    ):
        plant_team(database, team)
        more = {"TELEGRAM_WEBHOOK_URL": "http://127.0.0.1:9"}
        if model:
            more |= {"LLM_BASE_URL": model, "LLM_MODEL": "hangs", "LLM_TIMEOUT_SECONDS": "20"}
        here = Installation(url_of(database), Path(folder), telegram.url, more, command)
        async with here.running(processes) as replicas:
            path, secret = await _webhook(telegram)
            urls = [f"http://127.0.0.1:{replica.port}{path}" for replica in replicas]
            async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
                load = Load(telegram, urls, secret, client)
                return await (_hanging if model else measure_bot)(load, team)


async def _hanging(load: Load, team: list[Rep]) -> list[Figures]:
    """Questions that need no model, while somebody else waits for one that does not answer."""
    others, waiting = team[:REPS], team[REPS]
    await asyncio.gather(*(load.say(rep.account, "你好", answers=2) for rep in others))
    await asyncio.sleep(5)
    for number in range(6):  # a minute and more of waiting, in one lane
        await load.call(waiting.account, waiting.dictation(number))
    await asyncio.sleep(2)
    asked = await idle(load, others, lambda _: QUESTION)
    await asyncio.sleep(5)
    many = await crowd(load, others, lambda _, __: QUESTION)
    return [_named(f"{f.name}, a model hangs", f) for f in (asked, many)]


async def _webhook(telegram: TimedTelegram) -> tuple[str, str]:
    """The path that the service told Telegram to call, and the secret it wants to see."""
    async with asyncio.timeout(30):
        while True:
            state = telegram._update_queues._state(TOKEN)
            if state.url:
                return urlsplit(state.url).path, state.secret or ""
            await asyncio.sleep(0.05)


async def _up(url: str) -> None:
    async with asyncio.timeout(30), httpx2.AsyncClient(trust_env=False) as client:
        while True:
            try:
                await client.get(f"{url}/healthz")
            except httpx2.HTTPError:
                await asyncio.sleep(0.05)
            else:
                return


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


async def run(kinds: list[str]) -> None:
    """Print every figure, and its ratio to the echo bot's."""
    async with timed_telegram() as telegram:
        echo = await measure_echo(telegram)
    print("echo bot", *echo, sep="\n", flush=True)
    for kind in kinds:
        for processes, command in RUNS[kind]:
            async with timed_telegram() as telegram:
                own = await measure_service(kind, telegram, processes=processes, command=command)
            paced = "at Telegram's pace" if command == SERVE else "without Telegram's limit"
            print(f"{kind}, {processes} process{'es' * (processes > 1)}, {paced}", *own, sep="\n")
            print(f"  ratio to the echo bot: {_ratios(own[0], echo[0])} idle", end="")
            print(f", {_ratios(own[2], echo[1])} with {CROWD} users", flush=True)
        with scripted(Answer(wait=60)) as model:
            async with timed_telegram() as telegram:
                own = await measure_service(kind, telegram, model=model.base_url)
        print(*own, sep="\n", flush=True)


def _ratios(own: Figures, echo: Figures) -> str:
    ack = statistics.median(own.acks) / statistics.median(echo.acks)
    reply = statistics.median(own.replies) / statistics.median(echo.replies)
    return f"ack ×{ack:.1f} reply ×{reply:.1f}"


def main() -> None:
    """Measure on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    asked = parser.parse_args()
    asyncio.run(run(asked.database or ["sqlite", "postgresql"]))


if __name__ == "__main__":
    main()

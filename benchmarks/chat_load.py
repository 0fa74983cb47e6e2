"""How quickly messages are acknowledged and answered, next to a bare echo bot on the same way.

Run `python -m benchmarks.chat_load`, with `--channel wecom` for WeCom's app. The platform is played
in this process; the bot runs in another one and is called. Times are in milliseconds, p50/p99:
`ack` from a call to its 200, `reply` from the call to the answer's arrival at the platform.
PostgreSQL is left out with `--database sqlite`.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from benchmarks.databases import fresh_database, url_of
from benchmarks.lines import Line, TelegramLine, TimedTelegram, played, timed_telegram
from benchmarks.replicas import SERVE, Installation, free_port
from benchmarks.team import Rep, build_team, plant_team
from tests.channels.telegram_server import TOKEN
from tests.llm.server import Answer, scripted

REPS = 120
IDLE, CROWD, EACH = 60, 50, 4
LATEST_SECONDS = 120.0
QUESTION = "下一个该见谁"
UNPACED = ("benchmarks.unpaced",)
RUNS = {
    "sqlite": ((1, SERVE), (1, UNPACED)),
    "postgresql": ((1, SERVE), (1, UNPACED), (2, UNPACED)),
}
"""How many processes, and whether they keep to the pace that the platform takes."""


@dataclass
class Load:
    """Somebody who says things on a line, and waits for what is sent."""

    line: Line
    acks: list[float] = field(default_factory=list)
    replies: list[float] = field(default_factory=list)

    async def say(self, rep: Rep, text: str, *, answers: int = 1) -> None:
        """Say something and wait for so many messages in return."""
        wanted = len(self.line.arrived(rep)) + answers
        started = time.perf_counter()
        await self.line.call(rep, text)
        self.acks.append(time.perf_counter() - started)
        await self._until(lambda: len(self.line.arrived(rep)) >= wanted)
        self.replies.append(self.line.arrived(rep)[wanted - 1] - started)

    async def flood(self, rep: Rep, texts: list[str]) -> None:
        """Say things one after the other without waiting for answers; their times are from the
        call to the answer of the same number."""
        before = len(self.line.arrived(rep))
        started = []
        for text in texts:
            started.append(time.perf_counter())
            await self.line.call(rep, text)
            self.acks.append(time.perf_counter() - started[-1])
        await self._until(lambda: len(self.line.arrived(rep)) >= before + len(texts))
        arrived = self.line.arrived(rep)[before:]
        self.replies += [end - begin for begin, end in zip(started, arrived, strict=False)]

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
        await load.say(rep, text(rep))
        await asyncio.sleep(0.02)
    return Figures("idle", load.acks, load.replies)


async def crowd(load: Load, team: list[Rep], text: Callable[[Rep, int], str]) -> Figures:
    """Many at once, each saying several things in a row."""
    load.acks, load.replies = [], []
    started = time.perf_counter()
    said = [(rep, [text(rep, n) for n in range(EACH)]) for rep in team[:CROWD]]
    await asyncio.gather(*(load.flood(rep, texts) for rep, texts in said))
    rate = CROWD * EACH / (time.perf_counter() - started)
    return Figures(f"{CROWD} users at once, {EACH} each", load.acks, load.replies, rate)


async def measure_bot(load: Load, everybody: list[Rep]) -> list[Figures]:
    """Greet once, so that the notice at first use is not counted, then every situation."""
    team = everybody[:REPS]
    await asyncio.gather(*(load.say(rep, "你好", answers=2) for rep in team))
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
            load = Load(TelegramLine(telegram, [f"{url}/telegram/updates"], "", client))
            return [
                await idle(load, team, lambda _: QUESTION),
                await crowd(load, team, lambda _, __: QUESTION),
            ]
    finally:
        process.kill()
        process.wait()


async def measure_service(
    kind: str,
    channel: str,
    *,
    model: str = "",
    processes: int = 1,
    command: tuple[str, ...] = SERVE,
) -> list[Figures]:
    """The same with the service on a fresh database; `model` is a service that hangs, or none."""
    team = build_team(REPS + 1)
    more = {"LLM_BASE_URL": model, "LLM_MODEL": "hangs", "LLM_TIMEOUT_SECONDS": "20"}
    with (
        tempfile.TemporaryDirectory() as folder,
        fresh_database(kind, Path(folder), "repmate_load") as database,
    ):
        plant_team(database, team, channel)
        async with played(channel, team) as platform:
            variables = platform.variables | (more if model else {})
            here = Installation(url_of(database), Path(folder), variables, {}, command)
            async with here.running(processes) as replicas, platform.reach(replicas) as line:
                return await (_hanging if model else measure_bot)(Load(line), team)


async def _hanging(load: Load, team: list[Rep]) -> list[Figures]:
    """Questions that need no model, while somebody else waits for one that does not answer."""
    others, waiting = team[:REPS], team[REPS]
    await asyncio.gather(*(load.say(rep, "你好", answers=2) for rep in others))
    await asyncio.sleep(5)
    for number in range(6):  # a minute and more of waiting, in one lane
        await load.line.call(waiting, waiting.dictation(number))
    await asyncio.sleep(2)
    asked = await idle(load, others, lambda _: QUESTION)
    await asyncio.sleep(5)
    many = await crowd(load, others, lambda _, __: QUESTION)
    return [_named(f"{f.name}, a model hangs", f) for f in (asked, many)]


async def _up(url: str) -> None:
    async with asyncio.timeout(30), httpx2.AsyncClient(trust_env=False) as client:
        while True:
            try:
                await client.get(f"{url}/healthz")
            except httpx2.HTTPError:
                await asyncio.sleep(0.05)
            else:
                return


async def run(kinds: list[str], channel: str) -> None:
    """Print every figure, and its ratio to the echo bot's."""
    async with timed_telegram() as telegram:
        echo = await measure_echo(telegram)
    print("echo bot", *echo, sep="\n", flush=True)
    for kind in kinds:
        for processes, command in RUNS[kind]:
            own = await measure_service(kind, channel, processes=processes, command=command)
            paced = "at the platform's pace" if command == SERVE else "without its limit"
            print(f"{kind}, {processes} process{'es' * (processes > 1)}, {paced}", *own, sep="\n")
            print(f"  ratio to the echo bot: {_ratios(own[0], echo[0])} idle", end="")
            print(f", {_ratios(own[2], echo[1])} with {CROWD} users", flush=True)
        with scripted(Answer(wait=60)) as model:
            own = await measure_service(kind, channel, model=model.base_url)
        print(*own, sep="\n", flush=True)


def _ratios(own: Figures, echo: Figures) -> str:
    ack = statistics.median(own.acks) / statistics.median(echo.acks)
    reply = statistics.median(own.replies) / statistics.median(echo.replies)
    return f"ack ×{ack:.1f} reply ×{reply:.1f}"


def main() -> None:
    """Measure on both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channel", choices=["telegram", "wecom"], default="telegram")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    asked = parser.parse_args()
    asyncio.run(run(asked.database or ["sqlite", "postgresql"], asked.channel))


if __name__ == "__main__":
    main()

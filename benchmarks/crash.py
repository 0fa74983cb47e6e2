"""Dictations while the serving processes are killed: none lost, none twice, none overtaken.

Run `python -m benchmarks.crash`, with `--channel wecom` for WeCom's app. SQLite is served by one
process, PostgreSQL by two (it is left out where no server answers at TEST_POSTGRES_URL). What the
platform does is played in this process, which no kill touches.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from benchmarks.databases import fresh_database, url_of
from benchmarks.platforms import Platform, played
from benchmarks.replicas import Installation, Replica
from benchmarks.team import Rep, build_team, minutes_of, plant_team
from storage.messages import Message
from storage.notes import VisitNote

LATEST_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `lost` were taken and never became a card, `doubled` became more than one
    note, `overtaken` came before what was said earlier; `repeated` cards reached the chat more than
    once, which is the honest limit of a kill between sending and writing that down. `untaken` were
    given up by the platform, as no process answered in time."""

    said: int
    lost: int
    doubled: int
    overtaken: int
    repeated: int
    untaken: int = 0
    kills: int = 0
    seconds: float = 0

    @property
    def ok(self) -> bool:
        """Whether each was processed once in effect and in order."""
        return self.lost == self.doubled == self.overtaken == 0

    def __str__(self) -> str:
        return (
            f"said {self.said}, kills {self.kills}: lost {self.lost}, doubled {self.doubled}, "
            f"overtaken {self.overtaken}, cards sent again {self.repeated}, "
            f"given up by the platform {self.untaken} ({self.seconds:.0f} s)"
            f"{'' if self.ok else '  << NOT OK'}"
        )


async def run(
    database: Engine,
    folder: Path,
    *,
    said: int,
    kills: int,
    replicas: int,
    reps: int,
    seed: int,
    channel: str = "telegram",
) -> Outcome:
    """Kill the processes so often while so many dictations are said."""
    pick, started = random.Random(seed), time.monotonic()
    team = build_team(reps)
    plant_team(database, team, channel)
    async with played(channel, team) as platform:
        here = Installation(url_of(database), folder, platform.variables)
        async with here.running(replicas) as processes:
            await platform.meet(processes)
            killing = asyncio.create_task(_kill(processes, kills, pick))
            taken = await _speak(platform, team, said, killing, pick)
            await killing
            await _until_answered(database, len(taken))
            await _until_sent(platform, len(taken))
            for process in processes:
                process.stop()
        outcome = _judge(database, platform, taken)
    untaken, seconds = said - len(taken), time.monotonic() - started
    return replace(outcome, untaken=untaken, kills=kills, seconds=seconds)


async def _kill(processes: list[Replica], kills: int, pick: random.Random) -> None:
    """At any moment of a process's life, its start included."""
    for _ in range(kills):
        await asyncio.sleep(pick.uniform(0.2, 4.0))
        victim = pick.choice(processes)
        await asyncio.to_thread(victim.kill)
        victim.start()


async def _speak(
    platform: Platform,
    team: list[Rep],
    said: int,
    killing: "asyncio.Task[None]",
    pick: random.Random,
) -> set[tuple[str, int]]:
    """Spread over the time of the kills, each rep in order; quicker once they are over. The chat
    and the minutes of every dictation that was taken."""

    async def speak(rep: Rep, first: int) -> set[tuple[str, int]]:
        taken = set()
        for number in range(first, said, len(team)):
            await asyncio.sleep(0 if killing.done() else pick.uniform(0, 0.4 * len(team)))
            visit = number // len(team)
            if await platform.say(rep, rep.dictation(visit)):
                taken.add((rep.account_at(platform.channel), minutes_of(visit)))
        return taken

    return set().union(*await asyncio.gather(*(speak(rep, n) for n, rep in enumerate(team))))


async def _until_answered(database: Engine, said: int) -> None:
    end = time.monotonic() + LATEST_SECONDS
    while time.monotonic() < end:
        if await asyncio.to_thread(_answered, database) >= said:
            return
        await asyncio.sleep(0.5)


async def _until_sent(platform: Platform, said: int) -> None:
    end = time.monotonic() + LATEST_SECONDS
    while time.monotonic() < end and len(set(platform.cards())) < said:
        await asyncio.sleep(0.5)


def _answered(database: Engine) -> int:
    with Session(database) as session:
        wanted = select(func.count()).where(col(Message.answered_at).is_not(None))
        return session.exec(wanted).one()


def _judge(database: Engine, platform: Platform, wanted: set[tuple[str, int]]) -> Outcome:
    cards = Counter(platform.cards())
    arrived = {(chat, _minutes(text)) for chat, text in cards}
    with Session(database) as session:
        notes = session.exec(select(VisitNote).order_by(col(VisitNote.id))).all()
    per_message = Counter(note.message_id for note in notes)
    return Outcome(
        said=len(wanted),
        lost=len(wanted - arrived),
        doubled=sum(count - 1 for count in per_message.values()),
        overtaken=_overtaken_notes(notes) + _overtaken_cards(platform.cards()),
        repeated=sum(count - 1 for count in cards.values()),
    )


def _minutes(card: str) -> int:
    return int(card.split("分钟", maxsplit=1)[0].rsplit(maxsplit=1)[-1])


def _overtaken_notes(notes: Sequence[VisitNote]) -> int:
    latest: dict[int, int] = {}
    overtaken = 0
    for note in notes:
        minutes = note.content["duration_minutes"]
        overtaken += minutes < latest.get(note.author_id, 0)
        latest[note.author_id] = max(minutes, latest.get(note.author_id, 0))
    return overtaken


def _overtaken_cards(cards: list[tuple[str, str]]) -> int:
    """By the first time that each card was seen."""
    latest: dict[str, int] = {}
    overtaken = 0
    for chat, text in dict.fromkeys(cards):
        minutes = _minutes(text)
        overtaken += minutes < latest.get(chat, 0)
        latest[chat] = max(minutes, latest.get(chat, 0))
    return overtaken


def main() -> None:
    """Print a line for each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--said", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--reps", type=int, default=15)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--channel", choices=["telegram", "wecom"], default="telegram")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    asked = parser.parse_args()
    for kind in asked.database or ["sqlite", "postgresql"]:
        print(f"{kind:<10} {_measure(kind, asked)}", flush=True)


def _measure(kind: str, asked: argparse.Namespace) -> Outcome:
    with (
        tempfile.TemporaryDirectory() as folder,
        fresh_database(kind, Path(folder), "repmate_crash") as database,
    ):
        numbers = {name: getattr(asked, name) for name in ("said", "kills", "reps", "seed")}
        numbers |= {"replicas": 1 if kind == "sqlite" else 2, "channel": asked.channel}
        return asyncio.run(run(database, Path(folder), **numbers))


if __name__ == "__main__":
    main()

"""Dictations while the serving processes are killed: none lost, none twice, none overtaken.

Run `python -m benchmarks.crash`. SQLite is served by one process, PostgreSQL by two (it is left out
where no server answers at TEST_POSTGRES_URL). What Telegram does is played by a third-party server
in this process, which no kill touches.
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
from benchmarks.replicas import Installation, Replica
from benchmarks.team import Rep, build_team, minutes_of, plant_team
from storage.messages import Message
from storage.notes import VisitNote
from tests.channels.telegram_server import PlayedTelegram, played_telegram
from tests.serving.people import Crowd

LATEST_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `lost` were said and never became a card, `doubled` became more than one
    note, `overtaken` came before what was said earlier; `repeated` cards reached the chat more than
    once, which is the honest limit of a kill between sending and writing that down."""

    said: int
    lost: int
    doubled: int
    overtaken: int
    repeated: int
    kills: int = 0
    seconds: float = 0

    @property
    def ok(self) -> bool:
        """Whether each was processed once in effect and in order."""
        return self.lost == self.doubled == self.overtaken == 0

    def __str__(self) -> str:
        return (
            f"said {self.said}, kills {self.kills}: lost {self.lost}, doubled {self.doubled}, "
            f"overtaken {self.overtaken}, cards sent again {self.repeated} ({self.seconds:.0f} s)"
            f"{'' if self.ok else '  << NOT OK'}"
        )


async def run(
    database: Engine, folder: Path, *, said: int, kills: int, replicas: int, reps: int, seed: int
) -> Outcome:
    """Kill the processes so often while so many dictations are said."""
    pick, started = random.Random(seed), time.monotonic()
    team = build_team(reps)
    plant_team(database, team)
    async with played_telegram() as telegram:
        here = Installation(url_of(database), folder, telegram.url)
        async with here.running(replicas) as processes:
            killing = asyncio.create_task(_kill(processes, kills, pick))
            await _speak(telegram, team, said, killing, pick)
            await killing
            await _until_answered(database, said)
            await _until_sent(telegram, said)
            for process in processes:
                process.stop()
        outcome = _judge(database, telegram, _wanted(team, said))
    return replace(outcome, kills=kills, seconds=time.monotonic() - started)


def _wanted(team: list[Rep], said: int) -> set[tuple[str, int]]:
    """The chat and the minutes of every card that must arrive."""
    size = len(team)
    return {(str(team[n % size].account), minutes_of(n // size)) for n in range(said)}


async def _kill(processes: list[Replica], kills: int, pick: random.Random) -> None:
    """At any moment of a process's life, its start included."""
    for _ in range(kills):
        await asyncio.sleep(pick.uniform(0.2, 4.0))
        victim = pick.choice(processes)
        await asyncio.to_thread(victim.kill)
        victim.start()


async def _speak(
    telegram: PlayedTelegram,
    team: list[Rep],
    said: int,
    killing: "asyncio.Task[None]",
    pick: random.Random,
) -> None:
    """Spread over the time of the kills, each rep in order; quicker once they are over."""
    crowd = Crowd(telegram)
    for number in range(said):
        rep = team[number % len(team)]
        await crowd.says(rep.account, rep.dictation(number // len(team)))
        await asyncio.sleep(0 if killing.done() else pick.uniform(0, 0.4))


async def _until_answered(database: Engine, said: int) -> None:
    end = time.monotonic() + LATEST_SECONDS
    while time.monotonic() < end:
        if await asyncio.to_thread(_answered, database) >= said:
            return
        await asyncio.sleep(0.5)


async def _until_sent(telegram: PlayedTelegram, said: int) -> None:
    end = time.monotonic() + LATEST_SECONDS
    while time.monotonic() < end and len(set(_cards(telegram))) < said:
        await asyncio.sleep(0.5)


def _answered(database: Engine) -> int:
    with Session(database) as session:
        wanted = select(func.count()).where(col(Message.answered_at).is_not(None))
        return session.exec(wanted).one()


def _cards(telegram: PlayedTelegram) -> list[tuple[str, str]]:
    """The chat and the text of every card that reached one."""
    sent = telegram.sent("sendMessage")
    return [(str(f["chat_id"]), f["text"]) for f in sent if "待确认" in f["text"]]


def _judge(database: Engine, telegram: PlayedTelegram, wanted: set[tuple[str, int]]) -> Outcome:
    cards = Counter(_cards(telegram))
    arrived = {(chat, _minutes(text)) for chat, text in cards}
    with Session(database) as session:
        notes = session.exec(select(VisitNote).order_by(col(VisitNote.id))).all()
    per_message = Counter(note.message_id for note in notes)
    return Outcome(
        said=len(wanted),
        lost=len(wanted - arrived),
        doubled=sum(count - 1 for count in per_message.values()),
        overtaken=_overtaken_notes(notes) + _overtaken_cards(telegram),
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


def _overtaken_cards(telegram: PlayedTelegram) -> int:
    """By the first time that each card was seen."""
    latest: dict[str, int] = {}
    overtaken = 0
    for chat, text in dict.fromkeys(_cards(telegram)):
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
        replicas = 1 if kind == "sqlite" else 2
        return asyncio.run(run(database, Path(folder), replicas=replicas, **numbers))


if __name__ == "__main__":
    main()

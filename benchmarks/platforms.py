"""The platforms that a benchmark plays: what reps say goes in there, and their cards come out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from benchmarks.replicas import Replica, telegram_at
from benchmarks.team import Rep
from tests.channels.telegram_server import PlayedTelegram, played_telegram
from tests.channels.wecom_plain_caller import PlainCaller, plain_caller
from tests.channels.wecom_server import CORP, PlayedWeCom, played_wecom
from tests.serving.people import Crowd
from tests.serving.wecom_stage import wecom_variables

CALLS = 3
PAUSE_SECONDS = 2.0
"""WeCom calls three times in all; how long it waits after a refused connection is not told."""


class Platform(Protocol):
    """One played platform; no kill of ours touches it."""

    @property
    def channel(self) -> str:
        """Its name with us."""
        ...

    @property
    def variables(self) -> dict[str, str]:
        """The settings of a process that serves it."""
        ...

    async def meet(self, processes: Sequence[Replica]) -> None:
        """Learn where the processes are."""
        ...

    async def say(self, rep: Rep, text: str) -> bool:
        """A rep writes; whether somebody took it before the platform gave up."""
        ...

    def cards(self) -> list[tuple[str, str]]:
        """The chat and the text of every card that reached one, in order."""
        ...


@dataclass
class AtTelegram:
    """Updates are asked for, and kept until they are acknowledged."""

    server: PlayedTelegram
    channel: str = "telegram"

    def __post_init__(self) -> None:
        self.variables = telegram_at(self.server.url)
        self._crowd = Crowd(self.server)

    async def meet(self, processes: Sequence[Replica]) -> None:
        """They come by themselves."""

    async def say(self, rep: Rep, text: str) -> bool:
        """Telegram keeps it."""
        await self._crowd.says(rep.account, text)
        return True

    def cards(self) -> list[tuple[str, str]]:
        """What was sent with 待确认 in it."""
        sent = self.server.sent("sendMessage")
        return [(str(f["chat_id"]), f["text"]) for f in sent if "待确认" in f["text"]]


@dataclass
class AtWeCom:
    """Calls in, three times at most, each time whoever the balancer in front finds."""

    server: PlayedWeCom
    callers: list[PlainCaller] = field(default_factory=list)
    channel: str = "wecom"
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _ids: int = 1_000_000

    def __post_init__(self) -> None:
        self.variables = wecom_variables(self.server.url)

    async def meet(self, processes: Sequence[Replica]) -> None:
        """One line to each."""
        for replica in processes:
            address = f"http://127.0.0.1:{replica.port}/wecom/callback"
            line = plain_caller(address, corp_id=CORP, tries=1)
            self.callers.append(await self._stack.enter_async_context(line))

    async def say(self, rep: Rep, text: str) -> bool:
        """The same message to one process after the other."""
        self._ids += 1
        number = self._ids
        for attempt in range(CALLS):
            caller = self.callers[(number + attempt) % len(self.callers)]
            if (await caller.says(rep.login, text, msg_id=number)).status == 200:
                return True
            await asyncio.sleep(PAUSE_SECONDS)
        return False

    def cards(self) -> list[tuple[str, str]]:
        """What was shown with 待确认 and the minutes in it."""
        screens = self.server.screens.seen
        shown = [(user, f"{s.title}\n{s.text}") for user, seen in screens.items() for s in seen]
        return [(user, text) for user, text in shown if "待确认" in text and "分钟" in text]

    async def close(self) -> None:
        """Hang up."""
        await self._stack.aclose()


@asynccontextmanager
async def played(channel: str, team: Sequence[Rep]) -> AsyncIterator[Platform]:
    """A platform on which the whole team is."""
    if channel == "telegram":
        async with played_telegram() as telegram:
            yield AtTelegram(telegram)
        return
    async with played_wecom(members=tuple(rep.login for rep in team)) as wecom:
        platform = AtWeCom(wecom)
        try:
            yield platform
        finally:
            await platform.close()

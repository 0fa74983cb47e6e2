"""Processes of one self-built app at the played WeCom: one shelf, one clock, and nobody waits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette

from bot.channel import ChannelError, Inbox
from bot.channels.wecom.api import WeComConfig
from bot.channels.wecom.channel import WeComChannel
from bot.channels.wecom.choices import HINTS
from bot.channels.wecom.receiving import CALLBACK_PATH
from bot.messages import Button, Reply
from tests.channels.memory_shelf import MemoryShelf
from tests.channels.telegram_server import KeptInbox, Pauses
from tests.channels.wecom_callbacks import AES_KEY, CALLBACK_TOKEN
from tests.channels.wecom_listening import listening
from tests.channels.wecom_plain_caller import PlainCaller, plain_caller
from tests.channels.wecom_server import (
    AGENT,
    COLLEAGUE,
    CORP,
    MEMBER,
    SECRET,
    PlayedWeCom,
    Shown,
    played_wecom,
)

T = TypeVar("T")

NO_SPOOL = Path(__file__) / "spool"
"""Nothing can be kept there."""

LATER = 5
"""Seconds after which a number is meant for what was offered before."""

CONFIRM, CHANGE = Button("确认", "note.confirm:1"), Button("修改", "note.change:1")
CARD = Reply("请确认\n周三拜访陆主任", (CONFIRM, CHANGE))


def config_at(url: str, **changed: Any) -> WeComConfig:
    """The settings of the app."""
    config = WeComConfig(CORP, AGENT, SECRET, CALLBACK_TOKEN, AES_KEY, url)
    return replace(config, **changed)


@dataclass
class Stage:
    """The corp, and processes that serve its app: the first one is `channel`. `meanwhile` happens
    in each pause, and is told its seconds."""

    wecom: PlayedWeCom
    shelf: MemoryShelf = field(default_factory=MemoryShelf)
    spool: Path = NO_SPOOL
    pauses: Pauses = field(default_factory=Pauses)
    meanwhile: Callable[[float], None] = lambda _: None
    channels: list[WeComChannel] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Everybody has been told how to do without buttons."""
        self.shelf.now = self.now
        told = " ".join(f"c{number}" for number in range(HINTS))
        for member in (MEMBER, COLLEAGUE):
            self.shelf.kept[f"prefers:{member}"] = (told, datetime.max.replace(tzinfo=UTC))

    def newcomer(self) -> None:
        """Nobody has been told anything."""
        self.shelf.kept.clear()

    @property
    def channel(self) -> WeComChannel:
        """The first process."""
        return self.channels[0]

    def now(self) -> datetime:
        """The time of everybody."""
        return datetime.fromtimestamp(self.wecom.clock(), UTC)

    def start(self, **config: Any) -> WeComChannel:
        """One more process; it has not been opened."""
        made = WeComChannel(
            config_at(self.wecom.url, **config),
            self.shelf,
            self.spool,
            now=self.now,
            pause=self._pause,
        )
        self.channels.append(made)
        return made

    async def _pause(self, seconds: float) -> None:
        await self.pauses(seconds)
        self.meanwhile(seconds)

    async def send(
        self,
        reply: Reply,
        key: str = "k1",
        over: str | None = None,
        to: str = MEMBER,
        answers: str | None = None,
    ) -> str | None:
        """As the courier does."""
        return await self.channel.send(to, reply, over=over, answers=answers, key=key)

    async def tries(self, reply: Reply, key: str = "k1", to: str = MEMBER) -> ChannelError | None:
        """What goes wrong."""
        try:
            await self.send(reply, key, to=to)
        except ChannelError as error:
            return error
        return None

    @asynccontextmanager
    async def called(
        self, inbox: Inbox, channel: WeComChannel | None = None, **line: Any
    ) -> AsyncIterator[PlainCaller]:
        """While WeCom can call a process."""
        app = Starlette(routes=(channel or self.channel).routes(inbox))
        async with listening(app) as listener:
            address = f"{listener.url}{CALLBACK_PATH}"
            async with plain_caller(address, **line) as caller:
                yield caller


@asynccontextmanager
async def on_stage(spool: Path = NO_SPOOL, **config: Any) -> AsyncIterator[Stage]:
    """One process to begin with."""
    async with played_wecom() as wecom:
        stage = Stage(wecom, spool=spool)
        stage.start(**config)
        try:
            yield stage
        finally:
            for channel in stage.channels:
                await channel.close()


def play(act: Callable[[Stage], Awaitable[T]], spool: Path = NO_SPOOL, **config: Any) -> T:
    """What an act comes to."""

    async def run() -> T:
        async with on_stage(spool, **config) as stage:
            return await act(stage)

    return asyncio.run(run())


def the_card(stage: Stage) -> Shown:
    """The only one that the member sees."""
    (card,) = [shown for shown in stage.wecom.shown_to(MEMBER) if shown.kind == "card"]
    return card


def on_line(
    act: Callable[[Stage, PlainCaller], Awaitable[None]], inbox: KeptInbox, spool: Path
) -> None:
    """With WeCom calling the first process."""

    async def run() -> None:
        async with on_stage(spool) as stage, stage.called(inbox) as caller:
            await act(stage, caller)

    asyncio.run(run())

"""The AI bot's channel at the played WeCom, with short times; an inbox; and replies to send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.channels.wecom_bot.channel import WeComBotChannel
from bot.channels.wecom_bot.link import Bot
from bot.channels.wecom_bot.times import Times
from bot.messages import Button, Reply
from tests.channels.memory_shelf import MemoryShelf
from tests.channels.telegram_server import KeptInbox, until
from tests.channels.wecom_bot_server import BOT, NAME, SECRET, PlayedBotServer

SHORT = Times(
    ping=0.05,
    answer=0.4,
    shortest_pause=0.01,
    longest_pause=0.04,
    shortest_shut=0.3,
    longest_shut=1.2,
    settled=5.0,
    frame_gap=0.02,
    look=0.02,
    inbox_pause=0.01,
    ending=0.3,
)
CONFIRM = (Button("确认", "visit.ok:7"), Button("修改", "visit.edit:7"))
CARD = Reply("保存这条拜访？\n王主任，面访 20 分钟", CONFIRM, card="note-7")


@dataclass
class Play:
    """One bot at work."""

    server: PlayedBotServer
    channel: WeComBotChannel
    inbox: KeptInbox
    shelf: MemoryShelf = field(default_factory=MemoryShelf)

    async def heard(self, count: int = 1) -> None:
        """So many messages are in the inbox."""
        await until(lambda: len(self.inbox.taken) >= count)

    async def shown(self, count: int, chat: str = "xiaochen") -> list[str]:
        """So many things are in a chat; their words."""
        await until(lambda: len(self.server.shown_to(chat)) >= count)
        return self.server.texts(chat)


def bot_at(url: str, secret: str = SECRET, name: str = NAME) -> Bot:
    """The bot, connected to there."""
    return Bot(BOT, secret, url, name)


def now_of(server: PlayedBotServer) -> Any:
    """The time by the server's clock."""
    return lambda: datetime.fromtimestamp(server.now(), UTC)


@asynccontextmanager
async def playing(
    server: PlayedBotServer,
    *,
    inbox: KeptInbox | None = None,
    shelf: MemoryShelf | None = None,
    ready: bool = True,
    bot: Bot | None = None,
    **more: Any,
) -> AsyncIterator[Play]:
    """A channel that receives; it must end cleanly."""
    kept = shelf or MemoryShelf(now_of(server))
    box = inbox or KeptInbox()
    more.setdefault("times", SHORT)
    channel = WeComBotChannel(bot or bot_at(server.url), kept, now=now_of(server), **more)
    task = asyncio.create_task(channel.receive(box))
    try:
        if ready:
            await until(lambda: channel.ready)
        yield Play(server, channel, box, kept)
    finally:
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError), ended
        await channel.close()

"""WeCom's AI bot (智能机器人): one process holds its long connection, receives and sends."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from starlette.routing import BaseRoute

from bot.channel import Inbox, MediaGoneError, MenuItem, MenuScope, Pace, Shelf, ShelfOf
from bot.channels.wecom.choices import Choices
from bot.channels.wecom.room import Room
from bot.channels.wecom_bot.answers import Answers
from bot.channels.wecom_bot.bubbles import Bubbles
from bot.channels.wecom_bot.files import DOWNLOAD_BYTES, Downloads
from bot.channels.wecom_bot.frames import CHANNEL
from bot.channels.wecom_bot.lanes import MOST_WAITING
from bot.channels.wecom_bot.link import Bot, Link
from bot.channels.wecom_bot.receiving import Parts, Receiver
from bot.channels.wecom_bot.sending import CARD_LASTS, Sender, Ways, card_key
from bot.channels.wecom_bot.times import TIMES, Times
from bot.config import Settings
from bot.messages import Media, Reply

PACE = Pace(per_second=20, chat_seconds=0.05, burst=30)
"""What one person may get is kept by the room."""


def open_wecom_bot(settings: Settings, shelf_of: ShelfOf) -> "WeComBotChannel | None":
    """The configured bot, if there is one; nothing is sent yet."""
    if settings.wecom_bot_id is None or settings.wecom_bot_secret is None:
        return None
    bot = Bot(
        settings.wecom_bot_id,
        settings.wecom_bot_secret.get_secret_value(),
        settings.wecom_bot_url,
        settings.wecom_bot_name or "",
    )
    return WeComBotChannel(bot, shelf_of(CHANNEL))


class WeComBotChannel:
    """One bot. `now` dates and counts; the times and `most_waiting` are shorter in tests."""

    name = CHANNEL
    pace = PACE
    menu = MenuScope.NOBODY
    receives_alone = True
    sends_alone = True

    def __init__(
        self,
        bot: Bot,
        shelf: Shelf,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        times: Times = TIMES,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._shelf = shelf
        self._link = Link(bot, times)
        answers, room = Answers(shelf, now), Room(shelf, now)
        bubbles = Bubbles(self._link, answers, times.frame_gap)
        choices = Choices(shelf, now)
        self._sender = Sender(Ways(self._link, shelf, room, answers, bubbles, choices))
        self._downloads = Downloads()
        self._receiver = Receiver(
            Parts(
                name=bot.name,
                link=self._link,
                shelf=shelf,
                room=room,
                answers=answers,
                bubbles=bubbles,
                sender=self._sender,
                choices=choices,
                downloads=self._downloads,
                now=now,
                times=times,
                most_waiting=most_waiting,
            )
        )

    @property
    def ready(self) -> bool:
        """Whether this process is the one that is connected."""
        return self._link.ready

    async def open(self) -> None:
        """Receiving connects."""

    async def close(self) -> None:
        """Finish small errands, then let go of connections."""
        await self._receiver.close()
        await self._downloads.close()

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        """WeCom does not call."""
        return ()

    async def receive(self, inbox: Inbox) -> None:
        """Be connected, through every outage; nothing that came is lost while the inbox is
        closed."""
        await self._receiver.receive(inbox)

    async def send(
        self,
        chat: str,
        reply: Reply,
        *,
        over: str | None = None,
        answers: str | None = None,
        key: str = "",
    ) -> str | None:
        """The first part in the bubble of what it answers, the rest by itself; room for all is
        booked first.

        A card that was pressed says so since then, and what goes over it is sent anew. Sent again
        under the same key, what had arrived is left out.
        """
        return await self._sender.send(chat, reply, answers, key)

    async def retire(self, chat: str, sent: str) -> None:
        """A card can be changed only when it is pressed: then it says that it is over."""

        def retired(kept: str | None) -> tuple[str | None, None]:
            return (json.dumps({**json.loads(kept), "retired": True}) if kept else None), None

        await self._shelf.change(card_key(sent), retired, CARD_LASTS)

    async def show_working(self, chat: str) -> None:
        """The notice in the bubble shows it."""

    async def offer_menu(self, chat: str | None, items: Sequence[MenuItem]) -> None:
        """The bot has no menu."""

    async def fetch(self, media: Media, to: Path) -> None:
        """Download into a file that is there whole or not at all; any process can."""
        if (media.size or 0) > DOWNLOAD_BYTES:
            raise MediaGoneError("too_large")
        await self._downloads.fetch(media.ref, to)

"""WeCom (企业微信), a self-built app: callbacks in; texts, cards, files and the menu out."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from starlette.routing import BaseRoute

from bot.channel import Inbox, MediaGoneError, MenuItem, MenuScope, Pace, Shelf, ShelfOf
from bot.channels.sayings import INBOX_CLOSED
from bot.channels.wecom.api import DOWNLOAD_BYTES, WeComApi, WeComConfig
from bot.channels.wecom.choices import Choices
from bot.channels.wecom.crypto import Envelope
from bot.channels.wecom.menu import menu_of
from bot.channels.wecom.messages import CHANNEL, Clicked
from bot.channels.wecom.receiving import Receiver, Ways
from bot.channels.wecom.sending import Sender, Way
from bot.channels.wecom.spool import Spool
from bot.config import Settings
from bot.messages import Incoming, Media, Reply

PACE = Pace(per_second=50, chat_seconds=0.2, burst=1)
"""Per corp 10,000 calls a minute (page 90454); a chat's messages a little apart keep their order.
What one member may get is kept by the room."""

HELLO = (
    "您好，我是拜访助手。拜访完直接说给我听，文字、语音都行，我来整理；"
    "还没绑定的话，把邀请码发给我。"
)


def open_wecom(settings: Settings, shelf_of: ShelfOf) -> "WeComChannel | None":
    """The configured app, if there is one; nothing is sent yet."""
    config = config_of(settings)
    if config is None:
        return None
    return WeComChannel(config, shelf_of(CHANNEL), settings.data_dir / "spool" / CHANNEL)


def config_of(settings: Settings) -> WeComConfig | None:
    """What the settings say about the app; they are complete or empty."""
    corp, agent, secret = settings.wecom_corp_id, settings.wecom_agent_id, settings.wecom_secret
    token, aes_key = settings.wecom_token, settings.wecom_aes_key
    if not (corp and agent and secret and token and aes_key):
        return None
    return WeComConfig(
        corp,
        agent,
        secret.get_secret_value(),
        token.get_secret_value(),
        aes_key.get_secret_value(),
        settings.wecom_api_url,
        settings.wecom_daily_messages,
        settings.wecom_cards,
    )


class WeComChannel:
    """One app. `now` dates and counts, `pause` waits between parts and in an outage."""

    name = CHANNEL
    pace = PACE
    menu = MenuScope.EVERYBODY
    receives_alone = False
    sends_alone = False
    ready = True

    def __init__(
        self,
        config: WeComConfig,
        shelf: Shelf,
        spool: Path,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._config = config
        self._api = WeComApi(config, shelf, now)
        self._sender = Sender(config, self._api, shelf, now, pause)
        self._choices = Choices(shelf, now, cards=config.cards)
        envelope = Envelope(config.token, config.aes_key, config.corp)
        ways = Ways(envelope, Spool(spool), shelf, self, config.agent, now, pause)
        self._receiver = Receiver(ways)

    async def open(self) -> None:
        """Have a token. After a ChannelError everything works as soon as WeCom does."""
        await self._api.prepare()

    async def close(self) -> None:
        """Finish small errands, then let go of connections."""
        await self._receiver.close()
        await self._api.close()

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        """Where WeCom calls."""
        return self._receiver.routes(inbox)

    async def receive(self, inbox: Inbox) -> None:
        """Bring in what could not be kept when WeCom called."""
        await self._receiver.drain(inbox)

    async def send(
        self,
        chat: str,
        reply: Reply,
        *,
        over: str | None = None,
        answers: str | None = None,
        key: str = "",
    ) -> str | None:
        """Texts, then the card with the buttons, then the files; room for all is booked first.

        A card that was pressed says so, and what goes over it is sent anew: a phone shows no more
        of a card than its title. Sent again under the same key, WeCom leaves out what had arrived.
        """
        return await self._sender.send(chat, reply, Way(over, answers, key))

    async def retire(self, chat: str, sent: str) -> None:
        """Have a card say that it is over."""
        await self._sender.wear(chat, sent)

    async def show_working(self, chat: str) -> None:
        """WeCom has nothing to show it with."""

    async def offer_menu(self, chat: str | None, items: Sequence[MenuItem]) -> None:
        """The app has one menu for everybody."""
        menu = menu_of(items)
        if chat is None and menu["button"]:
            await self._api.post("menu/create", menu, agentid=str(self._config.agent))

    async def fetch(self, media: Media, to: Path) -> None:
        """Download into a file that is there whole or not at all."""
        if (media.size or 0) > DOWNLOAD_BYTES:
            raise MediaGoneError("too_large")
        if not media.ref:
            raise MediaGoneError("gone")
        await self._api.download(media.ref, to)

    async def clicked(self, click: Clicked) -> None:
        """The card may be changed once more."""
        await self._sender.pressed(click.card, click.incoming.press or "", click.code)
        await self._choices.spend(click.incoming.chat, click.card)

    async def meant(self, incoming: Incoming) -> Incoming | None:
        """A number that was offered is a press; how somebody wants to choose is for us alone."""
        if await self._choices.switch(incoming.chat, incoming.text.strip()):
            return None
        chosen = await self._choices.chosen(incoming)
        if chosen is None:
            return incoming
        press, on = chosen
        await self._sender.pressed(on, press)
        return replace(incoming, text="", press=press, pressed_on=on)

    async def tell_manner(self, chat: str) -> None:
        """Say how somebody chooses from now on, and what there is to choose."""
        await self._sender.say(chat, await self._choices.say_manner(chat))

    async def greet(self, account: str) -> None:
        """Say who we are."""
        await self._sender.say(account, HELLO)

    async def tell_closed(self, chat: str) -> None:
        """Say that nothing is lost."""
        await self._sender.say(chat, INBOX_CLOSED)

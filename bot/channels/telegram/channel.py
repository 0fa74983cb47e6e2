"""Telegram: long polling or a webhook in; messages, cards, files and the command menu out."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.routing import BaseRoute
from telegram import BotCommandScopeAllPrivateChats, BotCommandScopeChat, File, InlineKeyboardMarkup
from telegram.constants import ChatAction
from telegram.error import BadRequest, Forbidden, InvalidToken

from bot.channel import (
    ChannelDownError,
    Inbox,
    MediaGoneError,
    MenuItem,
    MenuScope,
    Pace,
    RefusedError,
    ShelfOf,
)
from bot.channels.splitting import split_text, utf16_units
from bot.channels.talk import storable
from bot.channels.telegram.library import (
    UPLOAD_SECONDS,
    TelegramConfig,
    commands,
    connect_bot,
    keyboard,
    our_errors,
    says,
)
from bot.channels.telegram.receiving import Receiver
from bot.channels.telegram.updates import CHANNEL
from bot.config import Settings
from bot.messages import Attachment, Media, Reply

PACE = Pace(per_second=25, chat_seconds=1.0, burst=5)
TEXT_UNITS = 4096
PHOTO_BYTES = 10_000_000
UPLOAD_BYTES = 50_000_000
DOWNLOAD_BYTES = 20_000_000
GONE_ALREADY = ("not modified", "message to edit", "can't be edited", "message_id_invalid")
"""Why buttons cannot be taken off that nobody can press any more."""


def open_telegram(settings: Settings, _: ShelfOf) -> "TelegramChannel | None":
    """The configured bot, if there is one; nothing is sent yet."""
    if settings.telegram_token is None:
        return None
    secret = settings.telegram_webhook_secret
    return TelegramChannel(
        TelegramConfig(
            settings.telegram_token.get_secret_value(),
            settings.telegram_api_url,
            settings.telegram_webhook_url,
            secret.get_secret_value() if secret else None,
        )
    )


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    type: str
    content: bytes


class TelegramChannel:
    """One bot. `now` dates pressed buttons, `pause` waits in an outage."""

    name = CHANNEL
    pace = PACE
    menu = MenuScope.EACH
    sends_alone = False
    ready = True

    def __init__(
        self,
        config: TelegramConfig,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.receives_alone = config.polls
        self._bot = connect_bot(config)
        self._receiver = Receiver(self._bot, config, now, pause)

    async def open(self) -> None:
        """Learn the bot's own name. After a ChannelError everything works as soon as Telegram does;
        receiving asks again by itself."""
        with our_errors():
            await self._receiver.open()

    async def close(self) -> None:
        """Finish small errands, then let go of connections."""
        await self._receiver.close()
        await self._bot.shutdown()

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        """Where Telegram calls, in webhook mode."""
        return self._receiver.routes(inbox)

    async def receive(self, inbox: Inbox) -> None:
        """Ask for updates, or say where to call; either way nothing that waits is dropped."""
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
        """Text in as many messages as it needs, the buttons under the last of them, then the files.

        When one of several fails, the whole reply may be sent again; the parts that had arrived
        are then seen twice.
        """
        parts = split_text(storable(reply.text), TEXT_UNITS, utf16_units)
        files = [await asyncio.to_thread(_load, attachment) for attachment in reply.attachments]
        items: list[str | _File] = [*parts, *files]
        if not items:
            raise RefusedError("empty")
        bearer = (len(parts) or len(files)) - 1
        sent = []
        for place, item in enumerate(items):
            buttons = keyboard(reply.buttons) if place == bearer else None
            older = over if len(parts) == 1 and place == 0 else None
            with our_errors():
                sent.append(await self._deliver(chat, item, buttons, older))
        return sent[bearer] if reply.buttons else sent[-1]

    async def _deliver(
        self, chat: str, item: str | _File, buttons: InlineKeyboardMarkup | None, over: str | None
    ) -> str:
        """The id of the message that now shows the item."""
        if isinstance(item, _File):
            return await self._send_file(chat, item, buttons)
        if over is not None and await self._change(chat, over, item, buttons):
            return over
        return str((await self._bot.send_message(chat, item, reply_markup=buttons)).message_id)

    async def _change(
        self, chat: str, over: str, text: str, buttons: InlineKeyboardMarkup | None
    ) -> bool:
        """Whether the older message now shows this; one that is too old or gone cannot."""
        try:
            await self._bot.edit_message_text(text, chat, int(over), reply_markup=buttons)
        except BadRequest as error:
            return says(error, "not modified")
        return True

    async def _send_file(self, chat: str, file: _File, buttons: InlineKeyboardMarkup | None) -> str:
        """A picture shows in the chat; one that Telegram cannot show goes as a file."""
        if file.type.startswith("image/") and len(file.content) <= PHOTO_BYTES:
            with suppress(BadRequest):
                return await self._send_photo(chat, file, buttons)
        message = await self._bot.send_document(
            chat,
            file.content,
            filename=file.name,
            reply_markup=buttons,
            read_timeout=UPLOAD_SECONDS,
        )
        return str(message.message_id)

    async def _send_photo(
        self, chat: str, file: _File, buttons: InlineKeyboardMarkup | None
    ) -> str:
        message = await self._bot.send_photo(
            chat,
            file.content,
            filename=file.name,
            reply_markup=buttons,
            read_timeout=UPLOAD_SECONDS,
        )
        return str(message.message_id)

    async def retire(self, chat: str, sent: str) -> None:
        """Take the buttons off."""
        with our_errors():
            try:
                await self._bot.edit_message_reply_markup(chat, int(sent), reply_markup=None)
            except BadRequest as error:
                if not says(error, *GONE_ALREADY):
                    raise

    async def show_working(self, chat: str) -> None:
        """「正在输入…」, for five seconds."""
        with our_errors():
            await self._bot.send_chat_action(chat, ChatAction.TYPING)

    async def offer_menu(self, chat: str | None, items: Sequence[MenuItem]) -> None:
        """Everybody's is for private chats: in groups there is nothing to command."""
        scope = BotCommandScopeChat(chat) if chat else BotCommandScopeAllPrivateChats()
        with our_errors():
            await self._bot.set_my_commands(commands(items), scope=scope)

    async def fetch(self, media: Media, to: Path) -> None:
        """Download into a file that is there whole or not at all."""
        if (media.size or 0) > DOWNLOAD_BYTES:
            raise MediaGoneError("too_large")
        with our_errors():
            await _download(await self._find(media.ref), to)

    async def _find(self, ref: str) -> File:
        try:
            file = await self._bot.get_file(ref)
        except BadRequest as error:
            raise MediaGoneError("too_large" if says(error, "too big") else "gone") from None
        if not file.file_path:
            raise MediaGoneError("gone")
        return file


async def _download(file: File, to: Path) -> None:
    part = to.with_name(f"{to.name}.part")
    try:
        await file.download_to_drive(part, read_timeout=UPLOAD_SECONDS)
        part.replace(to)
    except (BadRequest, Forbidden, InvalidToken):  # the library's words for 400, 403 and 404
        raise MediaGoneError("gone") from None
    except OSError:
        raise ChannelDownError("disk") from None
    finally:
        part.unlink(missing_ok=True)


def _load(attachment: Attachment) -> _File:
    """Before anything is sent: a reply whose file is missing must not go out by half."""
    try:
        if attachment.path.stat().st_size > UPLOAD_BYTES:
            raise RefusedError("too_large")
        return _File(attachment.name, attachment.type, attachment.path.read_bytes())
    except OSError:
        raise RefusedError("no_file") from None

"""python-telegram-bot as it is used here: updates as they came, our errors, no token in logs.

Its own `Updater` is left out, because it acknowledges updates before they are safe.
"""

import hashlib
import hmac
import logging
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from bot.channel import (
    ChannelDownError,
    ChannelError,
    MenuItem,
    MovedError,
    RefusedError,
    SlowDownError,
    UnreachableError,
)
from bot.messages import Button

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
UPLOAD_SECONDS = 60.0
CONNECTIONS = 64
"""Answers that may be on their way at the same time."""

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LONGEST_TITLE = 256
MOST_COMMANDS = 100
LONGEST_LABEL = 64
ROW_COLUMNS = 30
"""Columns of a row of buttons on a narrow phone; a Chinese character takes two."""
ROW_BUTTONS = 3

GONE = ("chat not found", "user not found", "peer_id_invalid", "deactivated", "kicked")
"""How Telegram says that a chat is no more; any other refusal of a chat is a block."""
NO_CHAT = GONE[:3]
TOO_LARGE = ("too large", "too big")


@dataclass(frozen=True, slots=True)
class TelegramConfig:
    """Where the bot is and how it is called. Without a webhook address it asks for updates;
    `read_seconds` is how long an answer of the server may take."""

    token: str = field(repr=False)
    api_url: str
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    read_seconds: float = READ_SECONDS

    @property
    def polls(self) -> bool:
        """Whether Telegram is asked, which only one process may do."""
        return self.webhook_url is None

    @property
    def secret(self) -> str:
        """What Telegram shows with each call; every process of an installation derives the same."""
        derived = hmac.new(self.token.encode(), b"webhook", hashlib.sha256).hexdigest()
        return self.webhook_secret or derived


class RawBot(Bot):
    """Hands out updates as they came: the library reads a whole batch or nothing of it, and logs
    what people said when it cannot."""

    async def fetch_updates(
        self, offset: int | None, kinds: Sequence[str], *, wait: float, read: float
    ) -> list[dict[str, Any]]:
        """The updates from `offset` on, after at most `wait` seconds; `read` is how much longer
        the server may take. What lies before `offset` is acknowledged."""
        asked = {"offset": offset, "timeout": int(wait), "allowed_updates": list(kinds)}
        updates = await self._post("getUpdates", asked, read_timeout=wait + read)
        return [raw for raw in updates if isinstance(raw.get("update_id"), int)]


def connect_bot(config: TelegramConfig) -> RawBot:
    """A bot with explicit time limits, whatever proxies the environment names."""
    _quiet_library()
    base = config.api_url.rstrip("/")
    return RawBot(
        config.token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=_connection(CONNECTIONS, config.read_seconds),
        get_updates_request=_connection(1, config.read_seconds),
    )


def _connection(size: int, read_seconds: float) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=size,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        write_timeout=read_seconds,
        pool_timeout=read_seconds,
        media_write_timeout=UPLOAD_SECONDS,
        httpx_kwargs={"trust_env": False},
    )


def _quiet_library() -> None:
    """Its log lines carry addresses, and with them the token, or what somebody said; its durations
    warn with every use until they are asked for as timedeltas."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    os.environ.setdefault("PTB_TIMEDELTA", "true")


@contextmanager
def our_errors() -> Iterator[None]:
    """The library's errors as ours; its words, which may quote the token, go no further."""
    try:
        yield
    except TelegramError as error:
        raise translate(error) from None


def translate(error: TelegramError) -> ChannelError:
    """What an error of Telegram means to whoever sends."""
    match error:
        case RetryAfter():
            return SlowDownError(seconds_of(error.retry_after))
        case ChatMigrated():
            return MovedError(str(error.new_chat_id))
        case Forbidden():
            return UnreachableError("gone" if says(error, *GONE) else "blocked")
        case BadRequest():
            return UnreachableError("gone") if says(error, *NO_CHAT) else RefusedError("refused")
        case _:
            return RefusedError("too_large") if says(error, *TOO_LARGE) else _down(error)


def _down(error: TelegramError) -> ChannelDownError:
    match error:
        case InvalidToken():
            return ChannelDownError("token")
        case Conflict():
            return ChannelDownError("conflict")
        case TimedOut():
            return ChannelDownError("timeout")
        case _:
            return ChannelDownError("network")


def says(error: TelegramError, *words: str) -> bool:
    """Telegram tells most refusals apart by words alone."""
    return any(word in error.message.lower() for word in words)


def seconds_of(duration: float | timedelta) -> float:
    """The library is on its way from numbers to timedeltas."""
    return duration.total_seconds() if isinstance(duration, timedelta) else float(duration)


def keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """The buttons in rows: short labels side by side, a long one alone."""
    rows: list[list[InlineKeyboardButton]] = []
    for button in buttons:
        shown = InlineKeyboardButton(_short(button.label, LONGEST_LABEL), callback_data=button.id)
        if rows and _share_row([*rows[-1], shown]):
            rows[-1].append(shown)
        else:
            rows.append([shown])
    return InlineKeyboardMarkup(rows) if rows else None


def _share_row(row: Sequence[InlineKeyboardButton]) -> bool:
    """Telegram makes the buttons of a row equally wide."""
    widest = max(_columns(button.text) for button in row)
    return len(row) <= ROW_BUTTONS and widest * len(row) <= ROW_COLUMNS


def _columns(label: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in label)


def commands(items: Sequence[MenuItem]) -> list[BotCommand]:
    """The menu as Telegram takes it; what is not a command there is left out."""
    named = [(item.command.removeprefix("/").lower(), item.title) for item in items]
    return [
        BotCommand(name, _short(title, LONGEST_TITLE))
        for name, title in named
        if COMMAND.fullmatch(name) and title
    ][:MOST_COMMANDS]


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"

"""What comes in from Telegram: asked for by long polling or called in by a webhook, and safe in the
inbox before Telegram may forget it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from telegram.error import TelegramError

from bot.channel import ChannelError, Inbox, InboxClosedError, SlowDownError
from bot.channels.calls import BadCallError, check_secret, read_object
from bot.channels.sayings import INBOX_CLOSED
from bot.channels.telegram.library import RawBot, TelegramConfig, translate
from bot.channels.telegram.updates import (
    CHANNEL,
    KINDS,
    Called,
    Left,
    Me,
    Meaning,
    UnreadableUpdateError,
    query_of,
    read_update,
)
from bot.messages import Incoming

NOT_IN_GROUPS = "群里不谈客户和拜访。请点我的头像私聊，我随时在。"

POLL_SECONDS = 25.0
CLOSE_SECONDS = 3.0
GROUP_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = 30.0
LONGEST_INBOX_PAUSE = 15.0
MOST_STRIKES = 5
"""How often an update may break the inbox, as none should, before the others go on without it."""

WEBHOOK_PATH = "/telegram/updates"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the header's name
WEBHOOK_BYTES = 1024 * 1024

log = structlog.get_logger(__name__)


class _BrokenInboxError(InboxClosedError):
    """The inbox failed in a way it does not promise."""


class Receiver:
    """Takes the updates of one bot."""

    def __init__(
        self,
        bot: RawBot,
        config: TelegramConfig,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._bot = bot
        self._config = config
        self._now = now
        self._pause = pause
        self._me: Me | None = None
        self._offset: int | None = None
        self._strikes = 0
        self._told: set[str] = set()
        self._redirected: dict[str, datetime] = {}
        self._errands: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Learn the bot's own name. Raises TelegramError."""
        await self._bot.initialize()
        self._me = Me(self._bot.bot.id, self._bot.bot.username)

    async def close(self) -> None:
        """Wait a moment for small errands."""
        if self._errands:
            _, late = await asyncio.wait(self._errands, timeout=CLOSE_SECONDS)
            for errand in late:
                errand.cancel()

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        """Where Telegram calls, in webhook mode."""
        if self._config.polls:
            return []

        async def answer(request: Request) -> Response:
            return await self._answer(request, inbox)

        return [Route(WEBHOOK_PATH, answer, methods=["POST"])]

    async def receive(self, inbox: Inbox) -> None:
        """Ask for updates, or say where to call; either way nothing that waits is dropped."""
        await self._outlive(self.open)
        if self._config.polls:
            await self._outlive(partial(self._bot.delete_webhook, drop_pending_updates=False))
            while True:
                await self._outlive(partial(self._poll, inbox))
        await self._outlive(self._announce)
        await asyncio.Event().wait()

    async def _announce(self) -> None:
        await self._bot.set_webhook(
            f"{(self._config.webhook_url or '').rstrip('/')}{WEBHOOK_PATH}",
            allowed_updates=KINDS,
            drop_pending_updates=False,
            secret_token=self._config.secret,
        )

    async def _outlive(self, step: Callable[[], Awaitable[object]]) -> None:
        """Take a step until it works, however long Telegram, the network or the inbox is away."""
        for failures in count():
            try:
                await step()
            except Exception as error:  # noqa: BLE001  receiving goes on whatever happens
                _note_outage(error, failures)
                await self._pause(_pause_after(error, failures))
            else:
                return

    async def _poll(self, inbox: Inbox) -> None:
        """Take one batch. The offset, which acknowledges, passes an update only when it is safe;
        after a failure the same ones come again, with what was said meanwhile."""
        batch = await self._bot.fetch_updates(
            self._offset, KINDS, wait=POLL_SECONDS, read=self._config.read_seconds
        )
        for place, raw in enumerate(batch):
            try:
                await self._hand_in(self._read(raw), inbox)
            except InboxClosedError as error:
                if self._still_worth_waiting(error):
                    self._tell_closed(map(self._read, batch[place:]))
                    raise
                log.critical("telegram_update_given_up", update=raw["update_id"])
            self._strikes = 0
            self._offset = raw["update_id"] + 1

    def _still_worth_waiting(self, error: InboxClosedError) -> bool:
        self._strikes += isinstance(error, _BrokenInboxError)
        return self._strikes < MOST_STRIKES

    async def _answer(self, request: Request, inbox: Inbox) -> Response:
        """Telegram repeats what is not answered with 200."""
        try:
            raw = await self._read_call(request)
        except BadCallError as error:
            return Response(status_code=error.status)
        meaning = self._read(raw)
        try:
            await self._hand_in(meaning, inbox)
        except InboxClosedError:
            self._tell_closed([meaning])
            return Response(status_code=503, headers={"Retry-After": str(int(LONGEST_INBOX_PAUSE))})
        return Response()

    async def _read_call(self, request: Request) -> dict[str, Any]:
        check_secret(request.headers.get(SECRET_HEADER, ""), self._config.secret)
        raw = await read_object(request, WEBHOOK_BYTES)
        if type(raw.get("update_id")) is not int:
            raise BadCallError(400)
        return raw

    def _read(self, raw: dict[str, Any]) -> Meaning:
        try:
            return read_update(raw, self._me, self._now())
        except UnreadableUpdateError:
            log.warning("telegram_update_unreadable", update=raw["update_id"])
            return None

    async def _hand_in(self, meaning: Meaning, inbox: Inbox) -> None:
        """Keep what was meant. Raises InboxClosedError."""
        try:
            match meaning:
                case Incoming():
                    await inbox.take(meaning)
                    self._confirm(meaning)
                case Left():
                    await inbox.lost(CHANNEL, meaning.account)
                case Called():
                    self._redirect(meaning.chat)
        except InboxClosedError:
            raise
        except Exception:  # what was said must come again, whatever broke
            log.exception("telegram_inbox_broken")
            raise _BrokenInboxError from None

    def _confirm(self, incoming: Incoming) -> None:
        """A pressed button stops turning; the chat's outage is over."""
        self._told.discard(incoming.chat)
        query = query_of(incoming)
        if query is not None:
            self._run(self._bot.answer_callback_query(query))

    def _redirect(self, group: str) -> None:
        """Say where to talk, now and then."""
        now = self._now()
        recent = {chat: at for chat, at in self._redirected.items() if now - at < GROUP_PAUSE}
        if group not in recent:
            self._run(self._bot.send_message(group, NOT_IN_GROUPS))
        self._redirected = {group: now, **recent}

    def _tell_closed(self, waiting: Iterable[Meaning]) -> None:
        """Each chat hears once in an outage that nothing is lost."""
        chats = {meaning.chat for meaning in waiting if isinstance(meaning, Incoming)}
        for chat in chats - self._told:
            self._told.add(chat)
            self._run(self._bot.send_message(chat, INBOX_CLOSED))

    def _run(self, call: Awaitable[object]) -> None:
        """An errand that nobody waits for and that may fail."""
        errand = asyncio.ensure_future(_quietly(call))
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)


async def _quietly(call: Awaitable[object]) -> None:
    with suppress(TelegramError):
        await call


def _pause_after(error: Exception, failures: int) -> float:
    longest = LONGEST_INBOX_PAUSE if isinstance(error, InboxClosedError) else LONGEST_PAUSE
    ours = translate(error) if isinstance(error, TelegramError) else error
    asked = ours.seconds if isinstance(ours, SlowDownError) else 0.0
    return min(max(asked, 2.0 ** min(failures, 10)), longest)


def _note_outage(error: Exception, failures: int) -> None:
    """The first failure, the second, the fourth, the eighth …: an outage is not a flood of lines.
    Errors of Telegram are told by our word for them, as theirs may quote the token."""
    if failures & (failures + 1):
        return
    ours = translate(error) if isinstance(error, TelegramError) else error
    if isinstance(ours, InboxClosedError):
        log.warning("telegram_inbox_closed", failures=failures + 1)
    elif isinstance(ours, ChannelError):
        log.warning("telegram_outage", reason=ours.reason, failures=failures + 1)
    else:
        log.error("telegram_receiving_broken", exc_info=error, failures=failures + 1)

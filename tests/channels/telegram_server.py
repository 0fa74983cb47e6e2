"""Telegram, played over real HTTP by lo-bot-api-emulator, with faults on order and a memory of what
reached it; the updates that people cause; and an inbox to put them in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from lo_bot_api_emulator import ApiRefusal, LoBotApiEmulator
from lo_bot_api_emulator.updates import KINDS

from bot.channel import ChannelError, InboxClosedError
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.library import TelegramConfig
from bot.messages import Incoming, Reply

Fields = dict[str, Any]

KINDS.update({"edited_message", "my_chat_member", "poll"})  # the emulator queues three kinds only

TOKEN = "7:AAH-secret-of-the-bot"  # noqa: S105
BOT = {"id": 7, "is_bot": True, "first_name": "拜访助手", "username": "RepMateBot"}
PERSON = {"id": 501, "is_bot": False, "first_name": "小陈"}
PRIVATE = {"id": 501, "type": "private", "first_name": "小陈"}
GROUP = {"id": -9, "type": "supergroup", "title": "华东一组"}
NOW = datetime(2026, 11, 3, 9, 40, tzinfo=UTC)
SAID_AT = 1793698800


@dataclass(frozen=True)
class Call:
    """A request that the server understood, and the number of the message that came of it."""

    method: str
    fields: Fields
    uploads: Fields
    result_id: int = 0


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the next call of a method: an error, a `body` sent as it is, or nothing
    but that the answer is `late` by so many seconds."""

    method: str
    status: int = 500
    description: str = "Internal Server Error"
    parameters: Fields = field(default_factory=dict)
    body: str | None = None
    late: float = 0


def bad(method: str, description: str) -> Fault:
    """A refusal, in the server's words."""
    return Fault(method, 400, f"Bad Request: {description}")


class PlayedTelegram(LoBotApiEmulator):  # type: ignore[misc]  # it has no types
    """The emulator with a name for the bot, a memory and faults."""

    def __init__(self) -> None:
        super().__init__(allow_insecure_loopback_webhooks=True)
        self.url = ""
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.lost_files: set[str] = set()
        self._faults_in: dict[str, Fault] = {}

    def sent(self, method: str) -> list[Fields]:
        """The fields of each call of a method."""
        return [call.fields for call in self.calls if call.method == method]

    @property
    def texts(self) -> list[str]:
        """What people were sent, in order."""
        return [fields["text"] for fields in self.sent("sendMessage")]

    def fails_in(self, chat: int, fault: Fault) -> None:
        """The next call of a method for this chat fails."""
        self._faults_in[str(chat)] = fault

    def validate(self, method: str, fields: Fields, uploads: Fields) -> Any:
        """The emulator's own answer, once the call has been noted."""
        fault = self._faults_in.pop(str(fields.get("chat_id")), None)
        if fault is not None:
            raise ApiRefusal(fault.description, fault.status)
        result = super().validate(method, fields, uploads)
        number = result.get("message_id", 0) if isinstance(result, dict) else 0
        self.calls.append(Call(method, dict(fields), uploads, number))
        return {**result, "username": BOT["username"]} if method == "getMe" else result

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """A fault when one was ordered."""
        method = request.match_info["method"]
        fault = next((fault for fault in self.faults if fault.method == method), None)
        if fault is not None:
            self.faults.remove(fault)
            await asyncio.sleep(fault.late)
        if fault is not None and not fault.late:
            return _failure(fault)
        answer: web.StreamResponse = await super().handle(request)
        return answer

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A file, unless it was lost since it was named."""
        if request.match_info["path"] in self.lost_files:
            raise web.HTTPNotFound
        answer: web.StreamResponse = await super().download(request)
        return answer

    async def says(self, **update: Any) -> int:
        """Something happens in Telegram."""
        update_id: int = await self.enqueue_update(update, token=TOKEN)
        return update_id

    def waiting(self) -> int:
        """How many updates Telegram still keeps."""
        count: int = self._update_queues.info(TOKEN)["pending_update_count"]
        return count


def _failure(fault: Fault) -> web.Response:
    if fault.body is not None:
        return web.Response(status=fault.status, text=fault.body)
    error = {"ok": False, "error_code": fault.status, "description": fault.description}
    parameters = {"parameters": fault.parameters} if fault.parameters else {}
    return web.json_response({**error, **parameters}, status=fault.status)


@asynccontextmanager
async def played_telegram() -> AsyncIterator[PlayedTelegram]:
    """The server on a free loopback port."""
    server = PlayedTelegram()
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def channel_to(
    server: PlayedTelegram, pause: Callable[[float], Any] = asyncio.sleep, **config: Any
) -> AsyncIterator[TelegramChannel]:
    """An open channel to the server, at a fixed time."""
    settings = TelegramConfig(TOKEN, server.url, **config)
    channel = TelegramChannel(settings, now=lambda: NOW, pause=pause)
    await channel.open()
    try:
        yield channel
    finally:
        await channel.close()


@asynccontextmanager
async def receiving(channel: TelegramChannel, inbox: "KeptInbox") -> AsyncIterator[None]:
    """While the channel receives; it must end cleanly."""
    task = asyncio.create_task(channel.receive(inbox))
    try:
        yield
    finally:
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError), ended


class KeptInbox:
    """Keeps what it takes; it fails as often as was ordered first."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.offered: list[Incoming] = []
        self.taken: list[Incoming] = []
        self.gone: list[tuple[str, str]] = []

    @classmethod
    def closed(cls, times: int) -> "KeptInbox":
        """One whose database is away for so many attempts."""
        return cls(*[InboxClosedError() for _ in range(times)])

    async def take(self, incoming: Incoming) -> None:
        """Keep it."""
        self.offered.append(incoming)
        await self._fail()
        self.taken.append(incoming)

    async def lost(self, channel: str, account: str) -> None:
        """Note it."""
        await self._fail()
        self.gone.append((channel, account))

    @property
    def texts(self) -> list[str]:
        """What was said, in order."""
        return [incoming.text for incoming in self.taken]

    async def _fail(self) -> None:
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)


class Pauses:
    """Waits no time and notes how long it should have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Wait."""
        self.seconds.append(seconds)
        await asyncio.sleep(0.001)


async def until(condition: Callable[[], object]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(8):
        while not condition():
            await asyncio.sleep(0.002)


def message(text: str | None = None, number: int = 11, **more: Any) -> Fields:
    """A message as Telegram describes it, from the person in the private chat unless told."""
    words = {} if text is None else {"text": text}
    basic = {"message_id": number, "date": SAID_AT, "chat": PRIVATE, "from": PERSON}
    return {**basic, **words, **more}


def press(data: str, query: str = "990", **more: Any) -> Fields:
    """A button is pressed on message 77."""
    card = message("请确认", 77, **{"from": BOT})
    basic = {"id": query, "from": PERSON, "chat_instance": "1", "message": card, "data": data}
    return {**basic, **more}


def membership(status: str, chat: Fields = PRIVATE) -> Fields:
    """The bot's own standing in a chat changes."""
    until_date = {"until_date": 0} if status == "kicked" else {}
    old, new = {"user": BOT, "status": "member"}, {"user": BOT, "status": status, **until_date}
    return {
        "chat": chat,
        "from": PERSON,
        "date": SAID_AT,
        "old_chat_member": old,
        "new_chat_member": new,
    }


Act = Callable[[TelegramChannel], Awaitable[Any]]


def with_server(act: Callable[[TelegramChannel, PlayedTelegram], Awaitable[Any]]) -> PlayedTelegram:
    """Do something with an open channel, and look at the server afterwards."""

    async def play() -> PlayedTelegram:
        async with played_telegram() as server, channel_to(server) as channel:
            await act(channel, server)
            return server

    return asyncio.run(play())


def attempt(act: Act, *faults: Fault) -> tuple[Any, PlayedTelegram]:
    """What came of it when these things go wrong."""
    results: list[Any] = []

    async def play(channel: TelegramChannel, server: PlayedTelegram) -> None:
        server.faults = list(faults)
        try:
            results.append(await act(channel))
        except ChannelError as error:
            results.append(error)

    server = with_server(play)
    return results[0], server


def send(reply: Reply, *faults: Fault, over: str | None = None) -> tuple[Any, PlayedTelegram]:
    return attempt(lambda channel: channel.send("501", reply, over=over), *faults)

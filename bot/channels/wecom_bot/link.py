"""The AI bot's one connection to WeCom: kept up through every outage, with requests over it."""

import asyncio
import json
import logging
import random
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from bot.channel import ChannelDownError
from bot.channels.wecom.errors import CodeError, code_of
from bot.channels.wecom_bot.errors import BAD_SECRET, NOT_SUBSCRIBED
from bot.channels.wecom_bot.frames import is_kick, read_json
from bot.channels.wecom_bot.times import TIMES, Times

FRAME_BYTES = 1024 * 1024
LOST_PONGS = 2
TOO_LARGE = 1009
"""The code that a connection is closed with because of a frame."""

CLOSE_SECONDS = 1.0
SHUT = frozenset({"kicked", "secret"})
"""What does not pass in a moment: another program has the bot, or the secret is wrong."""

CONNECTED = "connected"
PING = "ping"

log = structlog.get_logger(__name__)

Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bot:
    """One AI bot, and where it is connected to."""

    id: str
    secret: str = field(repr=False)
    url: str
    name: str = ""


@dataclass
class Outage:
    """How often the connection ended lately."""

    times: Times
    failures: int = 0
    shut: int = 0

    def pause_after(self, reason: str, lasted: float) -> float:
        """Seconds to wait, now that a connection ended for this reason; doubling, without the
        chance part."""
        if lasted >= self.times.settled:
            self.failures = 0
        if lasted >= 2 * self.times.longest_shut:
            self.shut = 0
        self.failures += 1
        if reason not in SHUT:
            return _doubled(self.times.shortest_pause, self.failures, self.times.longest_pause)
        self.shut += 1
        return _doubled(self.times.shortest_shut, self.shut, self.times.longest_shut)

    @property
    def is_worth_a_line(self) -> bool:
        """The first failure, the second, the fourth …: an outage is not a flood of lines."""
        return self.failures & (self.failures - 1) == 0


class Link:
    """Connects, subscribes and pings."""

    def __init__(self, bot: Bot, times: Times = TIMES) -> None:
        self._bot = bot
        self._times = times
        self._take: Callable[[Frame], None] = lambda _: None
        self._note: Callable[[str], None] = lambda _: None
        self._connection: ClientConnection | None = None
        self._subscribed = False
        self._silent = 0
        self._waiting: dict[str, asyncio.Future[Frame | None]] = {}
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def ready(self) -> bool:
        """Whether something can be sent now."""
        return self._subscribed

    async def run(
        self, take: Callable[[Frame], None], note: Callable[[str], None] = lambda _: None
    ) -> None:
        """Be connected until cancelled. `take` gets what WeCom tells by itself, `note` the word for
        how the connection stands whenever that changes; they must not wait."""
        self._take, self._note = take, note
        outage = Outage(self._times)
        while True:
            self._subscribed = False
            began = time.monotonic()
            try:
                reason = await self._live(outage)
            except Exception:  # nothing that WeCom says may end this
                log.exception("wecom_bot_link_broken")
                reason = "broken"
            self._note(reason)
            pause = outage.pause_after(reason, time.monotonic() - began)
            if outage.is_worth_a_line or reason in SHUT:
                log.warning("wecom_bot_outage", reason=reason, failures=outage.failures)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311

    async def ask(
        self,
        cmd: str,
        body: Mapping[str, Any],
        req_id: str | None = None,
        *,
        seconds: float | None = None,
    ) -> Frame:
        """The body of WeCom's answer. With `req_id` it is about what came under that id; one at a
        time. Raises ChannelDownError, and CodeError when WeCom refuses."""
        connection = self._connection
        if connection is None or not self.ready:
            raise ChannelDownError("network")
        return await self._ask(connection, cmd, body, req_id or new_id(cmd), seconds)

    async def _live(self, outage: Outage) -> str:
        """Connect and stay so; why it ended, in a word."""
        try:
            connection = await _connected(self._bot.url, self._times.answer)
        except TimeoutError:
            return "timeout"
        except (OSError, InvalidHandshake, InvalidURI, EOFError):
            return "network"
        self._connection, self._silent = connection, 0
        reading = asyncio.create_task(self._read(connection))
        keeping = asyncio.create_task(self._keep(connection, outage))
        try:
            await asyncio.wait({reading, keeping}, return_when=asyncio.FIRST_COMPLETED)
            return (keeping if keeping.done() else reading).result()
        finally:
            self._connection, self._subscribed = None, False
            for task in (reading, keeping):
                task.cancel()
            await asyncio.gather(reading, keeping, return_exceptions=True)
            await connection.close()

    async def _keep(self, connection: ClientConnection, outage: Outage) -> str:
        """Subscribe, then ping until there is no answer."""
        credentials = {"bot_id": self._bot.id, "secret": self._bot.secret}
        try:
            await self._ask(connection, "aibot_subscribe", credentials, new_id("aibot_subscribe"))
        except CodeError as error:
            log.warning("wecom_bot_refused", code=error.code)
            return "secret" if error.code == BAD_SECRET else "refused"
        except ChannelDownError as error:
            return error.reason
        self._subscribed = True
        self._note(CONNECTED)
        log.info("wecom_bot_connected", failures=outage.failures)
        while True:
            await asyncio.sleep(self._times.ping)
            if self._silent >= LOST_PONGS:
                connection.transport.abort()
                return "silent"
            self._silent += 1
            await self._ping(connection)

    async def _ping(self, connection: ClientConnection) -> None:
        try:
            async with asyncio.timeout(self._times.answer):
                await connection.send(_frame(PING, None, new_id(PING)))
        except TimeoutError:
            self._silent = LOST_PONGS
        except ConnectionClosed:  # the reader notices
            await asyncio.sleep(self._times.answer)

    async def _read(self, connection: ClientConnection) -> str:
        """Hand on what comes until the connection ends."""
        try:
            while True:
                frame = read_json(await connection.recv())
                if frame is None:
                    log.warning("wecom_bot_frame_unreadable")
                elif is_kick(frame):
                    return "kicked"
                elif frame.get("cmd"):
                    self._take(frame)
                else:
                    self._acknowledge(frame)
        except ConnectionClosed as closed:
            refused = closed.sent is not None and closed.sent.code == TOO_LARGE
            return "too_large" if refused else "closed"
        finally:
            self._subscribed = False
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_result(None)

    def _acknowledge(self, frame: Frame) -> None:
        """An answer has no command of its own. Nobody may be waiting for it any more."""
        headers = frame.get("headers")
        req_id = headers.get("req_id") if isinstance(headers, dict) else None
        if not isinstance(req_id, str):
            return
        if req_id.startswith(PING):
            self._silent = self._silent if code_of(frame) else 0
        waiting = self._waiting.get(req_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)

    async def _ask(
        self,
        connection: ClientConnection,
        cmd: str,
        body: Mapping[str, Any],
        req_id: str,
        seconds: float | None = None,
    ) -> Frame:
        line = self._lines.setdefault(req_id, asyncio.Lock())
        async with line:
            frame = await self._answer(
                connection, _frame(cmd, body, req_id), req_id, seconds or self._times.answer
            )
        code = code_of(frame)
        if code == NOT_SUBSCRIBED:
            connection.transport.abort()
            raise ChannelDownError("network")
        if code:
            raise CodeError(code, "")
        found = frame.get("body")
        return found if isinstance(found, dict) else {}

    async def _answer(
        self, connection: ClientConnection, text: str, req_id: str, seconds: float
    ) -> Frame:
        waiting: asyncio.Future[Frame | None] = asyncio.get_running_loop().create_future()
        self._waiting[req_id] = waiting
        try:
            async with asyncio.timeout(seconds):
                await connection.send(text)
                frame = await waiting
        except TimeoutError:
            raise ChannelDownError("timeout") from None
        except ConnectionClosed:
            raise ChannelDownError("network") from None
        finally:
            del self._waiting[req_id]
        if frame is None:
            raise ChannelDownError("network")
        return frame


def new_id(cmd: str) -> str:
    """The id of a request of our own."""
    return f"{cmd}_{uuid.uuid4().hex}"


async def _connected(url: str, seconds: float) -> ClientConnection:
    """A connection over which frames of a moderate size come; the library logs nothing, as it would
    quote them."""
    silent = logging.getLogger("wecom_bot.socket")
    silent.setLevel(logging.CRITICAL + 1)
    return await connect(
        url,
        open_timeout=seconds,
        close_timeout=CLOSE_SECONDS,
        ping_interval=None,
        max_size=FRAME_BYTES,
        compression=None,
        proxy=None,
        logger=silent,
    )


def _frame(cmd: str, body: Mapping[str, Any] | None, req_id: str) -> str:
    frame = {"cmd": cmd, "headers": {"req_id": req_id}}
    text = json.dumps(frame if body is None else {**frame, "body": body}, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()


def _doubled(shortest: float, times: int, longest: float) -> float:
    return float(min(shortest * 2.0 ** min(times - 1, 20), longest))

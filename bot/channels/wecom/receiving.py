"""Where WeCom calls in: what was said is safe, in the inbox or in the spool, before it is answered.

WeCom waits five seconds and calls three times in all (page 90238); then what was said is gone.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channel import ChannelError, Inbox, InboxClosedError, Shelf
from bot.channels.calls import BadCallError, read_body
from bot.channels.wecom.crypto import Envelope, ForgedError, Seal, UnreadableError
from bot.channels.wecom.messages import CHANNEL, Clicked, Entered, Left, Meaning, read_message
from bot.channels.wecom.spool import Call, Spool, SpoolFullError
from bot.messages import Incoming

CALLBACK_PATH = "/wecom/callback"
CALLBACK_BYTES = 256 * 1024
KEEP_SECONDS = 3.0
"""For keeping a message; WeCom hangs up after five."""

LOOK_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 15.0
MOST_STRIKES = 5
NOTE_SECONDS = 600.0
NOTED_FOR = timedelta(days=400)
GREETED_FOR = timedelta(days=90)

log = structlog.get_logger(__name__)
T = TypeVar("T")


class _BrokenInboxError(InboxClosedError):
    """The inbox failed in a way it does not promise."""


class Errands(Protocol):
    """What the app does by itself, besides the answers. Each raises ChannelError."""

    async def clicked(self, click: Clicked) -> None:
        """A card may be changed now."""
        ...

    async def meant(self, incoming: Incoming) -> Incoming | None:
        """A message, or the press that its number means; None when it is for the app alone."""
        ...

    async def tell_manner(self, chat: str) -> None:
        """Somebody chooses in another way from now on."""
        ...

    async def greet(self, account: str) -> None:
        """Somebody is here for the first time."""
        ...

    async def tell_closed(self, chat: str) -> None:
        """What was said is safe, but cannot be worked on now."""
        ...


@dataclass(frozen=True, slots=True)
class Ways:
    """What a receiver works with."""

    envelope: Envelope
    spool: Spool
    shelf: Shelf
    errands: Errands
    agent: int
    now: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


class Receiver:
    """Takes the calls for one app."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._told: set[str] = set()
        self._strikes: dict[str, int] = {}
        self._noted: dict[str, float] = {}
        self._running: set[asyncio.Future[None]] = set()
        # Of its own: the others may all be waiting for the database when the spool is needed
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="spool")

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        """Where WeCom calls."""

        async def verify(request: Request) -> Response:
            return self._verified(request)

        async def take(request: Request) -> Response:
            return await self._taken(request, inbox)

        return [
            Route(CALLBACK_PATH, verify, methods=["GET"]),
            Route(CALLBACK_PATH, take, methods=["POST"]),
        ]

    async def drain(self, inbox: Inbox) -> None:
        """Bring what lies in the spool to the inbox, in order, for ever."""
        pause = LOOK_SECONDS
        while True:
            try:
                emptied = await self._emptied(inbox)
            except OSError:  # what lies there must not keep this process from serving
                log.exception("wecom_spool_stuck")
                emptied = False
            pause = LOOK_SECONDS if emptied else min(2 * pause, LONGEST_PAUSE_SECONDS)
            await self._ways.pause(pause)

    async def close(self) -> None:
        """Finish errands."""
        if self._running:
            await asyncio.wait(self._running, timeout=3.0)
        self._disk.shutdown(wait=False)

    def _verified(self, request: Request) -> Response:
        query = request.query_params
        try:
            echo = self._ways.envelope.echo(Seal.of(query), query.get("echostr", ""))
        except ForgedError:
            self._refuse(request)
            return Response(status_code=403)
        self._note("heard")
        log.info("wecom_address_verified")
        return PlainTextResponse(echo)

    async def _taken(self, request: Request, inbox: Inbox) -> Response:
        try:
            call = Call(Seal.of(request.query_params), await read_body(request, CALLBACK_BYTES))
            meaning = self._read(call)
        except BadCallError as error:
            return Response(status_code=error.status)
        except ForgedError:
            self._refuse(request)
            return Response(status_code=403)
        self._note("heard")
        try:
            await self._keep(call, meaning, inbox)
        except SpoolFullError:
            log.error("wecom_spool_full")  # noqa: TRY400 - the disk is full, not the program wrong
            return Response(status_code=503)
        return Response()

    def _read(self, call: Call) -> Meaning:
        """What a call means. Raises ForgedError."""
        try:
            fields = self._ways.envelope.read(call.seal, call.body)
        except UnreadableError:
            log.warning("wecom_message_unreadable")
            return None
        if str(fields.get("AgentID", self._ways.agent)) != str(self._ways.agent):
            log.warning("wecom_other_app", agent=str(fields.get("AgentID"))[:20])
            return None
        return read_message(fields, self._ways.now())

    async def _keep(self, call: Call, meaning: Meaning, inbox: Inbox) -> None:
        """In the inbox when it is open and nothing waits before it, else in the spool. Raises
        SpoolFullError."""
        if meaning is None:
            return
        if await self._on_disk(self._ways.spool.is_empty):
            try:
                await asyncio.wait_for(self._hand_in(meaning, inbox), KEEP_SECONDS)
            except (InboxClosedError, TimeoutError) as error:
                log.warning("wecom_spooled", error=type(error).__name__)
            else:
                return
        arrived = time.time()
        await self._on_disk(lambda: self._ways.spool.put(call, arrived))
        self._tell_closed(meaning)

    async def _emptied(self, inbox: Inbox) -> bool:
        """Whether everything in the spool is in the inbox now."""
        for path, call in await self._on_disk(lambda: list(self._ways.spool.waiting())):
            try:
                await self._hand_in(self._read(call), inbox)
            except ForgedError:  # for an app that is no longer configured
                self._ways.spool.put_aside(path)
            except _BrokenInboxError:
                if not self._struck_out(path):
                    return False
            except InboxClosedError:
                return False
            self._ways.spool.drop(path)
        self._told.clear()
        return True

    def _struck_out(self, path: Path) -> bool:
        """Whether a call broke the inbox so often that the others go on without it."""
        strikes = self._strikes[path.name] = self._strikes.get(path.name, 0) + 1
        if strikes < MOST_STRIKES:
            return False
        log.error("wecom_call_put_aside")
        self._ways.spool.put_aside(path)
        return True

    async def _hand_in(self, meaning: Meaning, inbox: Inbox) -> None:
        """Keep what was meant. Raises InboxClosedError."""
        try:
            await self._handed_in(meaning, inbox)
        except InboxClosedError:
            raise
        except ChannelError as error:
            raise InboxClosedError(error.reason) from None
        except Exception:  # what was said must not be lost, whatever broke
            log.exception("wecom_inbox_broken")
            raise _BrokenInboxError from None

    async def _handed_in(self, meaning: Meaning, inbox: Inbox) -> None:
        errands = self._ways.errands
        match meaning:
            case Clicked(incoming):
                await errands.clicked(meaning)
                await inbox.take(incoming)
            case Incoming():
                meant = await errands.meant(meaning)
                if meant is None:  # what is said to it may fail, and must hold up nobody
                    self._run(errands.tell_manner(meaning.chat))
                else:
                    await inbox.take(meant)
            case Entered(account):
                if await self._is_first(account):
                    self._run(errands.greet(account))
            case Left(account):
                await inbox.lost(CHANNEL, account)

    async def _is_first(self, account: str) -> bool:
        """Whether nobody greeted them for long."""

        def greeted(kept: str | None) -> tuple[str | None, bool]:
            return "yes", kept is None

        return await self._ways.shelf.change(f"greeted:{account}", greeted, GREETED_FOR)

    def _tell_closed(self, meaning: Meaning) -> None:
        """Each person hears once in an outage that nothing is lost."""
        incoming = meaning.incoming if isinstance(meaning, Clicked) else meaning
        if isinstance(incoming, Incoming) and incoming.chat not in self._told:
            self._told.add(incoming.chat)
            self._run(self._ways.errands.tell_closed(incoming.chat))

    def _refuse(self, request: Request) -> None:
        """Our Token and key are not those of the console, unless somebody called who does not even
        pretend to be WeCom."""
        if "msg_signature" in request.query_params and self._note("forged"):
            log.warning("wecom_forged", method=request.method)

    def _note(self, what: str) -> bool:
        """When that was last, for doctor; seldom, as it costs a row. Whether it is noted now."""
        at = time.monotonic()
        if at - self._noted.get(what, -NOTE_SECONDS) < NOTE_SECONDS:
            return False
        self._noted[what] = at
        self._run(self._ways.shelf.put(what, self._ways.now().isoformat(), NOTED_FOR))
        return True

    async def _on_disk(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)

    def _run(self, errand: Awaitable[object]) -> None:
        """Something that nobody waits for and that may fail."""
        running = asyncio.ensure_future(_quietly(errand))
        self._running.add(running)
        running.add_done_callback(self._running.discard)


async def _quietly(errand: Awaitable[object]) -> None:
    with suppress(ChannelError):
        await errand

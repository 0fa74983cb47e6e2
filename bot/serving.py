"""`serve`: the configured platforms, the queues, the web server and the clock in one process."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.app import App
from bot.bridge import Bridge
from bot.carrying import Carrier
from bot.channel import Channel, ChannelError, MenuItem, Shelf
from bot.channels.table import open_channels
from bot.delivery import Courier
from bot.domain.errors import UserError
from bot.durable import Engine, engine_settings, executor_of
from bot.inbox import Door
from bot.logs import forward_logs_of
from bot.media import MediaStore
from bot.metrics import Metrics
from bot.registry import Registry
from bot.schedule import Clock
from bot.shelf import DatabaseShelf
from bot.warming import warm_up
from bot.web import Health, Server, web_server
from bot.worker import Worker
from storage.database import open_session
from storage.deliveries import release_claims
from storage.locks import Locks, locks_of
from storage.people import Role

log = structlog.get_logger(__name__)

TURN_SECONDS = 3.0
"""How often a process asks whether it may receive in place of another one."""

NO_CHANNEL = (
    "还没有配置聊天平台。请在 .env 里填企业微信的（做法见 docs/wecom.md）"
    "或 Telegram 的（docs/telegram.md）。"
)


class Part(StrEnum):
    """What one process does, so that machines can share the work."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"
    CLOCK = "clock"


class NoChannelError(UserError):
    """No platform is configured."""


class SeatLostError(Exception):
    """Another process has taken over the work of this one; it must begin anew."""


def utc_now() -> datetime:
    """The real time."""
    return datetime.now(UTC)


@dataclass
class Serving:
    """One serving process. `started` is told the web server's port when everything runs."""

    app: App
    locks: Locks
    part: Part = Part.ALL
    now: Callable[[], datetime] = utc_now
    started: Callable[[int], None] = lambda _: None
    metrics: Metrics = field(default_factory=Metrics)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _seat_lost: bool = False
    _shelves: list[DatabaseShelf] = field(default_factory=list)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Serve until `stop`.

        Raises:
            NoChannelError: nothing is configured to serve.
            SeatLostError: another process took over; start again.
        """
        channels = open_channels(self.app.settings, self._shelf_of)
        if not channels:
            raise NoChannelError(NO_CHANNEL)
        loop = self._loop = asyncio.get_running_loop()
        seat = await asyncio.to_thread(self.locks.sit)
        await asyncio.to_thread(warm_up, self.now())
        await asyncio.to_thread(self._take_over, seat)
        parts = self._assemble(channels, Bridge(loop), seat)
        runs = self.part in {Part.ALL, Part.WORKER}
        await asyncio.to_thread(parts.engine.open, parts.worker, run=runs)
        try:
            await self._serve(channels, parts)
        finally:
            await self._close(channels, parts)
        if self._seat_lost:
            raise SeatLostError

    def stop(self) -> None:
        """Stop receiving, finish what is being done, and end; from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)

    def _shelf_of(self, channel: str) -> Shelf:
        shelf = DatabaseShelf(self.app.engine, channel, self.now)
        self._shelves.append(shelf)
        return shelf

    def _take_over(self, seat: int) -> None:
        """What whoever sat here before was sending when it died is free to be sent."""
        with open_session(self.app.engine) as session:
            release_claims(session, executor_of(seat))
            session.commit()

    def _assemble(self, channels: dict[str, Channel], bridge: Bridge, seat: int) -> "_Parts":
        app, settings = self.app, self.app.settings
        keep = timedelta(days=settings.keep_audio_days)
        media = MediaStore(settings.data_dir, bridge, keep_audio=keep)
        courier = Courier(
            app.engine, channels, bridge, self.now, self.metrics, holder=executor_of(seat)
        )
        engine = Engine(engine_settings(app.engine, seat=seat, poll_seconds=settings.queue_seconds))
        worker = Worker(
            database=app.engine,
            dispatcher=app.dispatcher,
            gate=app.gate,
            channels=channels,
            media=media,
            courier=courier,
            metrics=self.metrics,
            queue_delivery=engine.queue_delivery,
            clock=self.now,
            stopping=self._stopping,
        )
        door = Door(
            database=app.engine,
            dispatcher=app.dispatcher,
            gate=app.gate,
            engine=engine,
            courier=courier,
            channels=channels,
            metrics=self.metrics,
            clock=self.now,
            menu_of=self._menu_of,
            alarm_early=worker.alarm_early,
        )
        clock = Clock(
            database=app.engine,
            dispatcher=app.dispatcher,
            engine=engine,
            media=media,
            metrics=self.metrics,
            locks=self.locks,
            pusher=app.pusher,
            push_seconds=self.app.settings.push_seconds,
            now=self.now,
            lost_seat=self._lose_seat,
        )
        return _Parts(engine, worker, door, clock, courier)

    async def _serve(self, channels: dict[str, Channel], parts: "_Parts") -> None:
        receives = self.part in {Part.ALL, Part.WEB}
        for channel in channels.values():
            await self._open(channel)
        if self.part in {Part.ALL, Part.CLOCK}:
            parts.clock.start()
        routes = [r for c in channels.values() for r in c.routes(parts.door)] if receives else []
        settings = self.app.settings
        server = web_server(
            routes, self.metrics, self._health, host=settings.web_host, port=settings.web_port
        )
        work: list[Coroutine[Any, Any, None]] = [server.serve(), self._tell_started(server)]
        if receives:
            work += [self._receive(channel, parts) for channel in channels.values()]
        tasks = [asyncio.create_task(each) for each in work]
        await self._until_stopped(tasks)
        server.should_exit = True
        await asyncio.gather(tasks[0], return_exceptions=True)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _until_stopped(self, tasks: "list[asyncio.Task[None]]") -> None:
        """Until somebody says so, or a part breaks: then this process ends, and is started anew."""
        stop = asyncio.create_task(self._stop.wait())
        parts: set[asyncio.Task[Any]] = {stop, *tasks}
        while not stop.done():
            done, parts = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stop}:
                if not task.cancelled() and task.exception() is not None:
                    log.error("part_broken", exc_info=task.exception())
                    self._stop.set()
        log.info("stopping")

    async def _open(self, channel: Channel) -> None:
        """A platform that is out of reach now is served as soon as it is back."""
        try:
            await channel.open()
            await channel.offer_menu(None, self._menu_of(Role.REP))
        except ChannelError as error:
            log.warning("channel_not_open", channel=channel.name, reason=error.reason)

    async def _receive(self, channel: Channel, parts: "_Parts") -> None:
        """Receive, alone if the platform wants that; whoever waits takes over when the lock is
        free."""
        while True:
            while channel.receives_alone and not await self._is_mine(channel):
                await asyncio.sleep(TURN_SECONDS)
            log.info("receiving", channel=channel.name)
            if await self._received(channel, parts):
                return
            log.warning("receiving_lost", channel=channel.name)

    async def _received(self, channel: Channel, parts: "_Parts") -> bool:
        """Whether receiving came to its own end, not to that of the lock."""
        receiving = asyncio.create_task(channel.receive(parts.door))
        carrier = Carrier(self.app.engine, channel, parts.courier, self.now)
        carrying = asyncio.create_task(carrier.carry()) if channel.sends_alone else None
        try:
            while not receiving.done():
                await asyncio.wait({receiving}, timeout=TURN_SECONDS)
                if channel.receives_alone and not await self._is_mine(channel):
                    return False
            receiving.result()
            return True
        finally:
            tasks = [task for task in (receiving, carrying) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _is_mine(self, channel: Channel) -> bool:
        return await asyncio.to_thread(self.locks.take, f"receive-{channel.name}")

    async def _tell_started(self, server: Server) -> None:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        log.info("serving", part=self.part.value, port=port)
        self.started(port)

    async def _close(self, channels: dict[str, Channel], parts: "_Parts") -> None:
        """No new work, then what runs, then the way out."""
        parts.clock.stop()
        await parts.door.close()
        self._stopping.set()
        await asyncio.to_thread(parts.engine.close, seconds=self.app.settings.stop_seconds)
        for channel in channels.values():
            with suppress(ChannelError):
                await channel.close()
        for shelf in self._shelves:
            await asyncio.to_thread(shelf.close)

    def _health(self) -> Health:
        return Health({"database": self._database_answers(), "seat": not self._seat_lost})

    def _database_answers(self) -> bool:
        try:
            with self.app.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, UserError):
            return False
        return True

    def _lose_seat(self) -> None:
        self._seat_lost = True
        self.stop()

    def _menu_of(self, role: Role) -> list[MenuItem]:
        return menu_of(self.app.registry, role)


def menu_of(registry: Registry, role: Role) -> list[MenuItem]:
    """What a menu offers to people of this role."""
    abilities = registry.abilities(role)
    return [MenuItem(each.command, each.title, each.group) for each in abilities]


@dataclass(frozen=True, slots=True)
class _Parts:
    engine: Engine
    worker: Worker
    door: Door
    clock: Clock
    courier: Courier


def serve_until_told(app: App, part: Part) -> None:
    """Serve until the process is told to stop. Raises what Serving.run does."""
    for library in ("asyncio", "apscheduler"):
        forward_logs_of(library)
    with locks_of(app.engine) as locks:
        serving = Serving(app, locks, part)
        asyncio.run(_with_signals(serving))


async def _with_signals(serving: Serving) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if os.name == "posix":
            loop.add_signal_handler(number, serving.stop)
    await serving.run()

"""The process that alone can send to a platform sends what the others left to it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from bot.channel import Channel
from bot.delivery import Courier
from storage.database import DOWN
from storage.deliveries import due_chats

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.25
CHATS = 8
"""So many chats are sent to at the same time."""


class Carrier:
    """Looks for what waits for one platform while this process is connected to it."""

    def __init__(
        self, database: Engine, channel: Channel, courier: Courier, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._channel = channel
        self._courier = courier
        self._now = now
        self._busy: set[str] = set()

    async def carry(self) -> None:
        """Until cancelled."""
        with ThreadPoolExecutor(CHATS, thread_name_prefix="carrier") as pool:
            while True:
                if self._channel.ready:
                    await asyncio.to_thread(self._send_due, pool)
                await asyncio.sleep(LOOK_SECONDS)

    def _send_due(self, pool: ThreadPoolExecutor) -> None:
        try:
            with Session(self._database) as session:
                due = due_chats(session, now=self._now(), channel=self._channel.name)
        except DOWN as error:
            log.warning("carrier_waits", error=type(error).__name__)
            return
        for _, chat, _ in due:
            if chat not in self._busy:
                self._busy.add(chat)
                pool.submit(self._send, chat)

    def _send(self, chat: str) -> None:
        try:
            self._courier.deliver(self._channel.name, chat, by="carrier")
        except DOWN as error:
            log.warning("carrier_waits", error=type(error).__name__)
        finally:
            self._busy.discard(chat)

"""A platform's shelf in the database: what one process puts there, every process finds."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from bot.channel import ChannelDownError
from storage.database import DOWN, open_session
from storage.shelf import change, read

T = TypeVar("T")

READERS = 8
"""Threads of a shelf's own: a database that hangs must not take those that others need."""


class DatabaseShelf:
    """The shelf of one platform; `now` says what is too old."""

    def __init__(self, database: Engine, channel: str, now: Callable[[], datetime]) -> None:
        self._database = database
        self._channel = channel
        self._now = now
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix=f"shelf-{channel}")

    def close(self) -> None:
        """Finish what is under way; from now on the shelf is away."""
        self._threads.shutdown(cancel_futures=True)

    async def get(self, key: str) -> str | None:
        """What is there and not too old. Raises ChannelDownError when the database is away."""
        return await self._in_thread(lambda: self._read(key))

    async def put(self, key: str, value: str, lasts: timedelta) -> None:
        """Put something there, whatever there was. Raises ChannelDownError."""
        await self.change(key, lambda _: (value, None), lasts)

    async def change(
        self, key: str, to: Callable[[str | None], tuple[str | None, T]], lasts: timedelta
    ) -> T:
        """Read and write in one step that nobody gets in between. Raises ChannelDownError."""
        return await self._in_thread(lambda: self._change(key, to, lasts))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            waiting = asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: _reached(work)
            )
        except RuntimeError:  # closed
            raise ChannelDownError("stopping") from None
        return await waiting

    def _read(self, key: str) -> str | None:
        with Session(self._database) as session:
            return read(session, self._channel, key, now=self._now())

    def _change(
        self, key: str, to: Callable[[str | None], tuple[str | None, T]], lasts: timedelta
    ) -> T:
        with open_session(self._database) as session:
            told = change(session, self._channel, key, to, now=self._now(), lasts=lasts)
            session.commit()
            return told


def _reached(work: Callable[[], T]) -> T:
    try:
        return work()
    except DOWN:
        raise ChannelDownError("database") from None

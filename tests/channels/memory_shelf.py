"""A shelf in memory, with a clock that tests move."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.channel import ChannelDownError

T = TypeVar("T")


@dataclass
class MemoryShelf:
    """What several channels of a test share. `away` plays a database that cannot be reached."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    away: bool = False
    kept: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    async def get(self, key: str) -> str | None:
        """What is there and not too old."""
        return await self.change(key, lambda old: (old, old), None)

    async def put(self, key: str, value: str, lasts: timedelta) -> None:
        """Put something there."""
        await self.change(key, lambda _: (value, None), lasts)

    async def change(
        self,
        key: str,
        to: Callable[[str | None], tuple[str | None, T]],
        lasts: timedelta | None,
    ) -> T:
        """Read and write in one step."""
        await asyncio.sleep(0)
        if self.away:
            raise ChannelDownError("database")
        assert len(key) <= 120, key
        value, until = self.kept.get(key, ("", self.now()))
        new, told = to(value if until > self.now() else None)
        if new is None:
            self.kept.pop(key, None)
        elif lasts is not None:
            self.kept[key] = (new, self.now() + lasts)
        return told


def shelf_of(_: str) -> MemoryShelf:
    """A shelf of its own for each platform."""
    return MemoryShelf()

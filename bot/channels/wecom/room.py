"""WeCom drops what is too much without a word: room is booked for a reply before any of it goes.

Per member (or conversation) 30 messages a minute and 1,000 an hour (pages 90236, 101463), per app
and day 200 times the accounts of the corp; counted on the shelf, for all processes together.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.channel import RefusedError, Shelf, SlowDownError

log = structlog.get_logger(__name__)

SHANGHAI = ZoneInfo("Asia/Shanghai")

UNCOUNTED = 2
"""So many notices may go to a chat in a minute without being counted here."""

HOUR_BURST = 100
"""What an hour's room takes at once; the rest of the hour's messages come back evenly."""

REPEAT = timedelta(minutes=10)
"""The same words within this time are a repetition, unless they answer something else."""

REMEMBERED = REPEAT + timedelta(minutes=5)
"""WeCom counts from when a message reached it, which may be much later than it was booked."""

MOST_REMEMBERED = 40
BLOCK = 20
"""Messages that a process takes from the day's room at a time."""


@dataclass
class Ledger:
    """What went to one chat: when in the last minute, how much of the hour's room is taken at `at`,
    and what was said lately, as digest, key and time. Times are seconds since 1970."""

    minute: list[float] = field(default_factory=list)
    hour: float = 0.0
    at: float = 0.0
    said: list[tuple[str, str, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Booking:
    """Seconds to wait when there is no room, and for each message whether WeCom may take it for a
    repetition."""

    wait: float
    checks: tuple[bool, ...] = ()


class Room:
    """The room of one app or bot. `daily` is how many messages it may send a day."""

    def __init__(
        self,
        shelf: Shelf,
        now: Callable[[], datetime],
        *,
        per_minute: int = 30,
        per_hour: int = 1000,
        daily: int | None = None,
    ) -> None:
        self._shelf = shelf
        self._now = now
        self._minute = per_minute - UNCOUNTED
        self._hour_rate = (per_hour - HOUR_BURST) / 3600
        self._daily = daily
        self._day = ""
        self._left = 0

    async def book(
        self, chat: str, contents: Sequence[str], key: str, *, spare: int = 0
    ) -> Booking:
        """Take room for these messages, all or none, leaving so much to `spare`. Raises
        SlowDownError when there is no room now, RefusedError when there never will be for so many,
        and ChannelDownError."""
        if len(contents) > self._minute:
            raise RefusedError("too_long")
        booking = await self._book_chat(chat, contents, key, spare)
        await self._book_day(len(contents))
        return booking

    async def _book_chat(self, chat: str, contents: Sequence[str], key: str, spare: int) -> Booking:
        now = self._now().timestamp()

        def booked(kept: str | None) -> tuple[str | None, Booking]:
            ledger = Ledger(**json.loads(kept)) if kept else Ledger()
            booking = self._booked(ledger, contents, key, now, spare)
            return json.dumps(asdict(ledger)), booking

        booking = await self._shelf.change(f"room:{chat}", booked, timedelta(hours=2))
        if booking.wait > 0:
            raise SlowDownError(booking.wait)
        return booking

    def _booked(
        self, ledger: Ledger, contents: Sequence[str], key: str, now: float, spare: int
    ) -> Booking:
        """Write it down in the ledger, if there is room."""
        self._age(ledger, now)
        count = len(contents)
        wait = max(self._minute_wait(ledger, count + spare, now), self._hour_wait(ledger, count))
        if wait > 0:
            return Booking(wait)
        ledger.minute += [now] * count
        ledger.hour += count
        digests = [hashlib.sha256(content.encode()).hexdigest()[:16] for content in contents]
        taken = {digest for digest, other, _ in ledger.said if other != key or not key}
        checks = tuple(_is_new(digest, taken) for digest in digests)
        ledger.said += [(digest, key, now) for digest in digests]
        ledger.said = ledger.said[-MOST_REMEMBERED:]
        return Booking(0.0, checks)

    def _age(self, ledger: Ledger, now: float) -> None:
        passed = max(0.0, now - ledger.at)
        ledger.minute = [at for at in ledger.minute if abs(now - at) < 60]
        ledger.hour = max(0.0, ledger.hour - passed * self._hour_rate)
        ledger.at = now
        ledger.said = [each for each in ledger.said if now - each[2] < REMEMBERED.total_seconds()]

    def _minute_wait(self, ledger: Ledger, count: int, now: float) -> float:
        over = len(ledger.minute) + min(count, self._minute) - self._minute
        return 60 - (now - sorted(ledger.minute)[over - 1]) if over > 0 else 0.0

    def _hour_wait(self, ledger: Ledger, count: int) -> float:
        return max(0.0, ledger.hour + count - HOUR_BURST) / self._hour_rate

    async def _book_day(self, count: int) -> None:
        """Take from the day's room in blocks: a row less to change for most messages."""
        if self._daily is None:
            return
        now = self._now().astimezone(SHANGHAI)
        day = f"{now:%Y%m%d}"
        if day != self._day:
            self._day, self._left = day, 0
        if self._left < count:
            block = await self._block(day, max(BLOCK, count), self._daily)
            self._left += block  # others may have taken from it meanwhile
        if self._left < count:
            log.warning("daily_limit_reached", limit=self._daily)
            raise SlowDownError(_until_midnight(now))
        self._left -= count

    async def _block(self, day: str, size: int, daily: int) -> int:
        def taken(kept: str | None) -> tuple[str | None, int]:
            used = int(kept or 0)
            block = max(0, min(size, daily - used))
            return str(used + block), block

        return await self._shelf.change(f"day:{day}", taken, timedelta(days=2))


def _is_new(digest: str, taken: set[str]) -> bool:
    """Whether nothing else said the same; from now on something does."""
    new = digest not in taken
    taken.add(digest)
    return new


def _until_midnight(now: datetime) -> float:
    """Seconds to a minute past midnight."""
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=1, second=0, microsecond=0)
    return (tomorrow - now).total_seconds()

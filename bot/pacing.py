"""How long a message must wait so that a platform's limits on sending are kept."""

import threading
from dataclasses import dataclass, field

from bot.channel import Pace

SPURT_SECONDS = 0.2
"""What this time has room for may go to all chats at once: Telegram allows 30 messages in any
second, and these and the 25 of a second that follows are no more."""


@dataclass
class Bucket:
    """Room for so many at once that fills up again with time; times are seconds of a steady
    clock."""

    rate: float
    size: float
    room: float
    at: float

    def take(self, now: float) -> float:
        """Take one; how many seconds it must wait."""
        self._fill(now)
        self.room -= 1
        return max(0.0, -self.room / self.rate)

    def lack(self, now: float) -> float:
        """How many seconds until one can be taken without waiting."""
        return max(0.0, (1 - self.room) / self.rate - (now - self.at))

    def has_room(self, now: float) -> bool:
        """Take one if it need not wait."""
        self._fill(now)
        if self.room < 1:
            return False
        self.room -= 1
        return True

    def is_full(self, now: float) -> bool:
        """Whether it holds nothing that is still to be remembered."""
        return self.room + (now - self.at) * self.rate >= self.size

    def _fill(self, now: float) -> None:
        self.room = min(self.size, self.room + max(0.0, now - self.at) * self.rate)
        self.at = max(now, self.at)


@dataclass
class Pacer:
    """Keeps one platform's pace, for all chats of this process. Safe to share between threads."""

    pace: Pace
    _all: Bucket = field(init=False)
    _chats: dict[str, Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        rate = self.pace.per_second
        size = max(1.0, rate * SPURT_SECONDS)
        self._all = Bucket(rate, size, size, 0.0)

    def rest(self, chat: str, now: float) -> float:
        """Seconds until the next message to this chat may get in line."""
        with self._lock:
            return self._chat(chat, now).lack(now)

    def line_up(self, chat: str, now: float) -> float:
        """Get in line for the next message to this chat, which has rested; seconds until it is its
        turn among the messages to all chats."""
        with self._lock:
            wait = self._all.take(now)
            self._chat(chat, now).take(now + wait)
            return wait

    def _chat(self, chat: str, now: float) -> Bucket:
        if len(self._chats) > 10_000:
            self._chats = {c: b for c, b in self._chats.items() if not b.is_full(now)}
        return self._chats.get(chat) or self._open(chat, now)

    def _open(self, chat: str, now: float) -> Bucket:
        burst = float(self.pace.burst)
        bucket = self._chats[chat] = Bucket(1 / self.pace.chat_seconds, burst, burst, now)
        return bucket

"""The messages that still wait for their answer: each has a bubble of its own, that may be written
into for a few minutes."""

import asyncio
import hashlib
import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channel import ChannelDownError, Shelf
from bot.channels.wecom_bot.frames import Said

MOST_OPEN = 2
"""Of one person. WeCom bears with three, and takes no further message before one has its answer."""

PUT_ASIDE_AFTER = timedelta(minutes=5)
USABLE_FOR = timedelta(minutes=5, seconds=30)
"""WeCom closes a bubble six minutes after the message (pages 101031, 101463)."""

PARTING = "这条还在整理，好了单独发您。"
MOST_SETTLED = 1000


@dataclass
class Open:
    """A message without an answer. `stream` names its bubble, which is `started` once something is
    in it, last at `written` of the loop's clock; `parting` is what it ends with when the answer
    does not come in time; `tried` the key of an answer that may have arrived."""

    chat: str
    message: str
    req_id: str
    at: datetime
    stream: str = field(default_factory=lambda: uuid.uuid4().hex)
    started: bool = False
    done: bool = False
    written: float = 0.0
    parting: str = PARTING
    tried: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Answers:
    """The open messages of this process; what is in a bubble already is on the shelf as well, for
    the process that comes after it."""

    def __init__(self, shelf: Shelf, now: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._now = now
        self._open: dict[str, Open] = {}
        self._settled: dict[str, None] = {}

    def add(self, said: Said) -> list[Open]:
        """A message came; those that must be put aside for it, the oldest first."""
        incoming = said.incoming
        again = self._open.get(incoming.id)
        if again is not None:
            again.req_id = again.req_id if again.started else said.req_id
            return []
        opened = Open(incoming.chat, incoming.id, said.req_id, self._now())
        self._open[incoming.id] = opened
        waiting = [o for o in self._open.values() if o.chat == incoming.chat and not o.done]
        return waiting[:-MOST_OPEN]

    def settle(self, message: str) -> None:
        """A press shows on its card that it arrived: it needs no notice."""
        self._settled[message] = None
        if len(self._settled) > MOST_SETTLED:
            del self._settled[next(iter(self._settled))]

    def is_settled(self, message: str | None) -> bool:
        """Whether somebody has seen already what became of this."""
        opened = self._open.get(message or "")
        return message in self._settled or (opened is not None and opened.done)

    async def find(self, chat: str, message: str | None) -> Open | None:
        """The bubble that an answer to this message can go into."""
        if message is None or message in self._settled:
            return None
        found = self._open.get(message) or await self._recall(chat, message)
        if found is None or found.done or found.chat != chat:
            return None
        return found if self._now() - found.at < USABLE_FOR else None

    def stale(self) -> list[Open]:
        """The bubbles that must be closed before WeCom does; messages of which nothing is to be
        expected any more are forgotten."""
        now = self._now()
        old = [o for o in self._open.values() if now - o.at >= PUT_ASIDE_AFTER]
        for opened in old:
            if now - opened.at >= 2 * USABLE_FOR or (opened.done and not opened.lock.locked()):
                del self._open[opened.message]
        return [opened for opened in old if opened.started and not opened.done]

    async def note_started(self, opened: Open) -> None:
        """Something is in the bubble."""
        first, opened.started = not opened.started, True
        if not first:
            return
        kept = {
            "chat": opened.chat,
            "req_id": opened.req_id,
            "at": opened.at.isoformat(),
            "stream": opened.stream,
        }
        with suppress(ChannelDownError):
            await self._shelf.put(_key(opened.message), json.dumps(kept), USABLE_FOR)

    async def close(self, opened: Open) -> None:
        """The bubble takes nothing more."""
        opened.done = True
        if opened.started:
            with suppress(ChannelDownError):
                await self._shelf.change(_key(opened.message), lambda _: (None, None), USABLE_FOR)

    async def _recall(self, chat: str, message: str) -> Open | None:
        """A bubble that another process began, before this one took over."""
        try:
            kept = await self._shelf.get(_key(message))
        except ChannelDownError:
            return None
        if kept is None:
            return None
        found = json.loads(kept)
        at = datetime.fromisoformat(found["at"])
        opened = Open(found["chat"], message, found["req_id"], at, found["stream"], started=True)
        return self._open.setdefault(message, opened)


def _key(message: str) -> str:
    return f"bubble:{hashlib.sha256(message.encode()).hexdigest()[:40]}"

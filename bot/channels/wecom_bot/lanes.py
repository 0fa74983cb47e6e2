"""Messages on their way to the inbox: in order for each person, and kept while it is closed, since
WeCom says nothing twice."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from itertools import count

import structlog

from bot.channel import InboxClosedError
from bot.messages import Incoming

PEOPLE = 4
"""So many people's messages are handed in at the same time."""

MOST_WAITING = 1000
LONGEST_PAUSE = 15.0
HURRIED_PAUSE = 0.2
MOST_STRIKES = 5
"""How often a message may break the inbox, as none should, before the others go on without it."""

log = structlog.get_logger(__name__)


class Lanes:
    """One process's messages. `hand_in` raises InboxClosedError; `tell_kept` says to whoever sent
    them that they are safe though nothing can be done now, and must not wait."""

    def __init__(
        self,
        hand_in: Callable[[Incoming], Awaitable[None]],
        tell_kept: Callable[[Incoming], None],
        *,
        pause: float = 1.0,
        most: int = MOST_WAITING,
    ) -> None:
        self._hand_in = hand_in
        self._tell_kept = tell_kept
        self._pause = pause
        self._most = most
        self._lines: dict[str, deque[Incoming]] = {}
        self._ready: asyncio.Queue[str] = asyncio.Queue()
        self._waiting = 0
        self._closed: set[int] = set()
        self._told: set[str] = set()
        self._hurry = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def put(self, incoming: Incoming) -> bool:
        """Whether there is room for a message."""
        if self._waiting >= self._most:
            return False
        self._waiting += 1
        self._empty.clear()
        line = self._lines.setdefault(incoming.account, deque())
        line.append(incoming)
        if len(line) == 1:
            self._ready.put_nowait(incoming.account)
        if self._closed:
            self._tell([incoming])
        return True

    async def run(self) -> None:
        """Hand them in until cancelled."""
        workers = [asyncio.create_task(self._work(place)) for place in range(PEOPLE)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def finish(self, seconds: float) -> list[Incoming]:
        """Try for a moment to hand in what waits; what is left then."""
        self._hurry.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), seconds)
        if self._waiting:
            log.error("wecom_bot_messages_lost", messages=self._waiting)
        return [incoming for line in self._lines.values() for incoming in line]

    async def _work(self, place: int) -> None:
        while True:
            account = await self._ready.get()
            line = self._lines[account]
            await self._keep(line[0], place)
            line.popleft()
            self._waiting -= 1
            if line:
                self._ready.put_nowait(account)
            else:
                del self._lines[account]
            if not self._waiting:
                self._empty.set()

    async def _keep(self, incoming: Incoming, place: int) -> None:
        """Hand one in, however long the inbox is closed."""
        strikes = 0
        for failures in count():
            try:
                await self._hand_in(incoming)
            except InboxClosedError:
                self._note_closed(place, failures)
            except Exception:  # what was said must not be lost, whatever broke
                log.exception("wecom_bot_inbox_broken")
                strikes += 1
                if strikes == MOST_STRIKES:
                    log.critical("wecom_bot_message_given_up")
                    break
                self._note_closed(place, failures)
            else:
                break
            await self._rest(failures)
        self._closed.discard(place)
        self._told.discard(incoming.chat)

    def _note_closed(self, place: int, failures: int) -> None:
        """Everybody who waits hears of it, once. The first failure, the second, the fourth … is a
        line in the log."""
        if not failures & (failures + 1):
            log.warning("wecom_bot_inbox_closed", failures=failures + 1, waiting=self._waiting)
        self._closed.add(place)
        self._tell(line[0] for line in self._lines.values())

    def _tell(self, waiting: Iterable[Incoming]) -> None:
        for incoming in waiting:
            if incoming.chat not in self._told:
                self._told.add(incoming.chat)
                self._tell_kept(incoming)

    async def _rest(self, failures: int) -> None:
        """Wait a little longer each time, but not when all is to end."""
        if self._hurry.is_set():
            await asyncio.sleep(min(self._pause, HURRIED_PAUSE))
            return
        seconds = min(self._pause * 2.0 ** min(failures, 10), self._pause * LONGEST_PAUSE)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), seconds)

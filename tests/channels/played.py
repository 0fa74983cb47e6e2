"""A chat platform of paper: it keeps what each chat shows, and fails as it was told to."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from starlette.routing import BaseRoute

from bot.bridge import Bridge
from bot.channel import Inbox, MediaGoneError, MenuItem, MenuScope, Pace
from bot.messages import Media, Reply

T = TypeVar("T")


@dataclass(frozen=True)
class Shown:
    """A message as the chat shows it now."""

    id: str
    text: str
    buttons: tuple[str, ...]


@dataclass
class PlayedChannel:
    """Chats by name. `faults` are raised by the next calls of a method, the first one first; `then`
    is run after a message arrived, before anybody records it; `before` when it is on its way."""

    name: str = "telegram"
    pace: Pace = field(default_factory=lambda: Pace(per_second=1000, chat_seconds=0.001, burst=100))
    menu: MenuScope = MenuScope.EACH
    receives_alone: bool = False
    sends_alone: bool = False
    ready: bool = True
    chats: dict[str, list[Shown]] = field(default_factory=dict)
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    sounds: dict[str, bytes] = field(default_factory=dict)
    working: list[str] = field(default_factory=list)
    menus: dict[str | None, tuple[str, ...]] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None
    then: Callable[[], None] = lambda: None
    _ids: int = 100

    def texts(self, chat: str = "501") -> list[str]:
        """What a chat shows, in order."""
        return [shown.text for shown in self.chats.get(chat, [])]

    def fails(self, method: str, *errors: Exception) -> None:
        """What the next calls come to."""
        self.faults.setdefault(method, []).extend(errors)

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        """Nobody calls."""
        return ()

    async def open(self) -> None:
        """Ready."""
        self._fail("open")

    async def receive(self, inbox: Inbox) -> None:
        """Nobody writes."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Done."""

    async def send(
        self,
        chat: str,
        reply: Reply,
        *,
        over: str | None = None,
        answers: str | None = None,
        key: str = "",
    ) -> str | None:
        """Show it, in place of the older message when that is still there."""
        await asyncio.sleep(0)
        self.before()
        self._fail("send")
        shown = Shown(over or self._next(), reply.text, tuple(b.label for b in reply.buttons))
        if not self._replace(chat, shown):
            shown = replace(shown, id=self._next())
            self.chats.setdefault(chat, []).append(shown)
        self.then()
        return shown.id

    async def retire(self, chat: str, sent: str) -> None:
        """Take the buttons off."""
        self._fail("retire")
        for shown in self.chats.get(chat, []):
            if shown.id == sent:
                self._replace(chat, replace(shown, buttons=()))

    async def show_working(self, chat: str) -> None:
        """Note it."""
        self._fail("show_working")
        self.working.append(chat)

    async def offer_menu(self, chat: str | None, items: Sequence[MenuItem]) -> None:
        """Note it."""
        self._fail("offer_menu")
        self.menus[chat] = tuple(item.command for item in items)

    async def fetch(self, media: Media, to: Path) -> None:
        """The sound that was recorded here."""
        self._fail("fetch")
        if media.ref not in self.sounds:
            raise MediaGoneError("gone")
        to.write_bytes(self.sounds[media.ref])

    def _replace(self, chat: str, new: Shown) -> bool:
        shown = self.chats.setdefault(chat, [])
        for place, old in enumerate(shown):
            if old.id == new.id:
                shown[place] = new
                return True
        return False

    def _next(self) -> str:
        self._ids += 1
        return str(self._ids)

    def _fail(self, method: str) -> None:
        if self.faults.get(method):
            raise self.faults[method].pop(0)


def in_worker(work: Callable[[Bridge], T]) -> T:
    """Do it in a thread, as the queue does, while the platforms live on the event loop."""

    async def scene() -> T:
        return await asyncio.to_thread(work, Bridge(asyncio.get_running_loop()))

    return asyncio.run(scene())

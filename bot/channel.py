"""What a chat platform looks like to the rest of the program: it receives into an inbox, and sends.

Adding one is a folder in `bot/channels/` and a line in its table; nothing else names a platform.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

from starlette.routing import BaseRoute

from bot.messages import Incoming, Media, Reply

T = TypeVar("T")


class ChannelError(Exception):
    """Something a platform did not do; `reason` is one word for the record, never its text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreachableError(ChannelError):
    """Nothing reaches this chat until the person does something: blocked, left, gone."""


class MovedError(ChannelError):
    """The chat goes on under another id."""

    def __init__(self, chat: str) -> None:
        super().__init__("moved")
        self.chat = chat


class SlowDownError(ChannelError):
    """The platform asks to wait so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__("slow_down")
        self.seconds = seconds


class ChannelDownError(ChannelError):
    """The platform does not answer or is out of order; the same call may work later."""


class RefusedError(ChannelError):
    """The platform will never take this message as it is."""


class MediaGoneError(ChannelError):
    """A voice message or file that can no longer be fetched, or is too large to."""


class InboxClosedError(Exception):
    """What was said cannot be kept now; the platform must keep it and deliver it again."""


class Inbox(Protocol):
    """Where a platform puts what it receives."""

    async def take(self, incoming: Incoming) -> None:
        """Returns when the message is safe; a repeated one changes nothing. Raises
        InboxClosedError."""
        ...

    async def lost(self, channel: str, account: str) -> None:
        """The person blocked the assistant or left. Raises InboxClosedError."""
        ...


class Shelf(Protocol):
    """What a platform must remember for every process that serves it, through restarts: a word
    under a key of at most 120 characters, until it is too old."""

    async def get(self, key: str) -> str | None:
        """What is there and not too old. Raises ChannelDownError when the database is away."""
        ...

    async def put(self, key: str, value: str, lasts: timedelta) -> None:
        """Put something there, whatever there was. Raises ChannelDownError."""
        ...

    async def change(
        self, key: str, to: Callable[[str | None], tuple[str | None, T]], lasts: timedelta
    ) -> T:
        """Read and write in one step that nobody gets in between: `to` gets what is there, and says
        what shall be (None for nothing) and what to return. Raises ChannelDownError."""
        ...


ShelfOf = Callable[[str], Shelf]
"""The shelf of a platform, by its name."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a platform may be sent to: messages a second to everybody, the shortest time between
    two to one chat in seconds, and how many may go to one chat without that pause."""

    per_second: float
    chat_seconds: float
    burst: int


class MenuScope(StrEnum):
    """Who has a menu on a platform."""

    NOBODY = "nobody"
    EVERYBODY = "everybody"
    """The same for all."""
    EACH = "each"
    """One of the own, besides that for everybody else."""


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A line of the platform's command menu: `/next` and what it is called in Chinese; `group` is
    its heading in a menu that has few places, and None when it has no place there."""

    command: str
    title: str
    group: str | None = None


class Channel(Protocol):
    """One platform, opened once per process."""

    @property
    def name(self) -> str:
        """The word that is stored with accounts and messages."""
        ...

    @property
    def pace(self) -> Pace:
        """The platform's limits on sending."""
        ...

    @property
    def menu(self) -> MenuScope:
        """Who has a menu there."""
        ...

    @property
    def receives_alone(self) -> bool:
        """Whether only one process of all may receive (long polling, one connection per bot)."""
        ...

    @property
    def sends_alone(self) -> bool:
        """Whether only the process that receives can send."""
        ...

    @property
    def ready(self) -> bool:
        """Whether this process can send now; otherwise what waits is left to the one that can."""
        ...

    def routes(self, inbox: Inbox) -> Sequence[BaseRoute]:
        """What the web server must answer; empty when the platform is asked instead."""
        ...

    async def open(self) -> None:
        """Get ready to send. Raises ChannelError."""
        ...

    async def receive(self, inbox: Inbox) -> None:
        """Receive until cancelled, through every outage of the platform; a platform that calls in
        through `routes` is only told where to."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...

    async def send(
        self,
        chat: str,
        reply: Reply,
        *,
        over: str | None = None,
        answers: str | None = None,
        key: str = "",
    ) -> str | None:
        """Send text, buttons and files, in parts where it must be. With `over`, the platform's id
        of an older message, that one is changed in place when it still can be. `answers` is the id
        of what was said, when this answers it; `key` is the same when the same is sent again after
        a failure. The id of the message that carries the buttons (else the last one). Raises
        ChannelError."""
        ...

    async def retire(self, chat: str, sent: str) -> None:
        """Take the buttons off an older message; one that is gone already is fine. Raises
        ChannelError."""
        ...

    async def show_working(self, chat: str) -> None:
        """Show that an answer is being written, where the platform can. Raises ChannelError."""
        ...

    async def offer_menu(self, chat: str | None, items: Sequence[MenuItem]) -> None:
        """Set the command menu: of one chat, or everybody's. Raises ChannelError."""
        ...

    async def fetch(self, media: Media, to: Path) -> None:
        """Download a voice message or file. Raises MediaGoneError and ChannelDownError."""
        ...

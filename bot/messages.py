"""What every channel and every capability speak: something said, and something answered."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

SHOWN_ONCE = "（只显示一次，没看到请重新要一个）"
"""What stands where a secret stood."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a card. `id` is `capability.verb` and its arguments, joined by colons, within the
    64 bytes that Telegram allows."""

    label: str
    id: str

    def __post_init__(self) -> None:
        if len(self.id.encode()) > 64:
            raise ValueError(f"button id of more than 64 bytes: {self.id}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on this machine that goes along with a message; `type` is its media type."""

    name: str
    path: Path
    type: str


class MediaKind(StrEnum):
    """What came along with a message, as far as anybody needs to tell it apart."""

    VOICE = "voice"
    """Spoken into the chat by the person."""
    SPOKEN = "spoken"
    """The same, but written down by the platform: its words are those of the message."""
    RECORDING = "recording"
    """Sound that was made elsewhere: a file, a forwarded voice message."""
    FILE = "file"
    OTHER = "other"
    """A picture, a place, a sticker …: `name` is the Chinese word for it."""


@dataclass(frozen=True, slots=True)
class Media:
    """Something that still lies on the platform; `ref` is what the channel fetches it by. `size` in
    bytes and `seconds` of sound are what the platform tells, if it does. `caption` is written by
    the reception: words that came with a voice, masked."""

    kind: MediaKind
    ref: str
    name: str = ""
    type: str = ""
    size: int | None = None
    seconds: float | None = None
    caption: str = ""

    def dump(self) -> dict[str, Any]:
        """Plain data that a row can keep."""
        return asdict(self)

    @classmethod
    def load(cls, stored: dict[str, Any]) -> "Media":
        """The media that was dumped."""
        return cls(**{**stored, "kind": MediaKind(stored["kind"])})


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something a person said or pressed. `id` is the platform's own, unique in its channel.

    `chat` is where the answer goes, `pressed_on` the platform's id of the message whose button was
    pressed, `edits` the `id` of the message that the person changed afterwards. `file` lies on this
    machine already, `media` is still to be fetched.
    """

    channel: str
    id: str
    account: str
    at: datetime
    text: str = ""
    press: str | None = None
    file: Attachment | None = None
    chat: str = ""
    pressed_on: str | None = None
    edits: str | None = None
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, one screen long. A `card` names the thing shown, so that a channel can replace
    the older card of the same name in place. `to` is a login when it goes to somebody else. `once`
    are words of the text that are shown and then kept nowhere. `passing`: said meanwhile, so that
    the answer may take its place. `title` says in a few words what the buttons are about, where a
    platform shows them apart from the text."""

    text: str
    buttons: tuple[Button, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    card: str | None = None
    to: str | None = None
    once: str = ""
    passing: bool = False
    title: str = ""

    def kept(self) -> "Reply":
        """As it is kept when it was shown."""
        if not self.once:
            return self
        return replace(self, text=self.text.replace(self.once, SHOWN_ONCE), once="")

    def dump(self) -> dict[str, Any]:
        """Plain data that a row can keep."""
        return {
            "text": self.text,
            "buttons": [[button.label, button.id] for button in self.buttons],
            "attachments": [[a.name, str(a.path), a.type] for a in self.attachments],
            "card": self.card,
            "to": self.to,
            "once": self.once,
            "passing": self.passing,
            "title": self.title,
        }

    @classmethod
    def load(cls, stored: dict[str, Any]) -> "Reply":
        """The reply that was dumped."""
        return cls(
            text=stored["text"],
            buttons=tuple(Button(label, id_) for label, id_ in stored["buttons"]),
            attachments=tuple(Attachment(n, Path(p), t) for n, p, t in stored["attachments"]),
            card=stored["card"],
            to=stored["to"],
            once=stored.get("once", ""),
            passing=stored.get("passing", False),
            title=stored.get("title", ""),
        )

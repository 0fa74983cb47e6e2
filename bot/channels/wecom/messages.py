"""What a callback of a self-built app says: a message, a pressed button, a coming or going."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.channels.talk import storable
from bot.channels.wecom.cards import DEAD
from bot.messages import Incoming, Media, MediaKind

CHANNEL = "wecom"

OTHER_WORDS = {
    "image": "图片",
    "video": "视频",
    "shortvideo": "视频",
    "location": "位置",
    "link": "链接",
}
"""What is not words, sound or a file."""

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Clicked:
    """A button of a card was pressed; `code` may change the card once, `said` is its key."""

    incoming: Incoming
    card: str
    code: str


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody opened the app, or may see it from now on."""

    account: str


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody may not see the app any more."""

    account: str


Meaning = Incoming | Clicked | Entered | Left | None
"""None is for what concerns nobody: opened pages, finished jobs, what we do not know."""


def read_message(fields: Fields, now: datetime) -> Meaning:
    """What the fields of a decrypted message mean; `now` stands for a time that makes no sense."""
    account = _text(fields, "FromUserName")
    if not account:
        return None
    if _text(fields, "MsgType") == "event":
        return _event(fields, account, now)
    text, media = storable(_text(fields, "Content")), _media(fields)
    if not text and media is None:
        return None
    return _incoming(fields, account, now, text=text, media=media)


def _event(fields: Fields, account: str, now: datetime) -> Meaning:
    read = _EVENTS.get(_text(fields, "Event").lower())
    return read(fields, account, now) if read else None


def _clicked_menu(fields: Fields, account: str, now: datetime) -> Meaning:
    command = storable(_text(fields, "EventKey"))
    return _incoming(fields, account, now, text=command) if command.startswith("/") else None


def _clicked_card(fields: Fields, account: str, now: datetime) -> Meaning:
    key, card = storable(_text(fields, "EventKey")), storable(_text(fields, "TaskId"))
    if not key or key == DEAD or len(key.encode()) > 64 or len(card) > 64:
        return None
    incoming = _incoming(fields, account, now, press=key, pressed_on=card or None)
    return Clicked(incoming, card, _text(fields, "ResponseCode"))


_EVENTS: dict[str, Callable[[Fields, str, datetime], Meaning]] = {
    "click": _clicked_menu,
    "template_card_event": _clicked_card,
    "enter_agent": lambda _, account, __: Entered(account),
    "subscribe": lambda _, account, __: Entered(account),
    "unsubscribe": lambda _, account, __: Left(account),
}


def _incoming(fields: Fields, account: str, now: datetime, **what: Any) -> Incoming:
    return Incoming(
        channel=CHANNEL,
        id=_id_of(fields, account),
        account=account,
        at=_time_of(fields, now),
        chat=account,
        **what,
    )


_MARKS = (
    *("CreateTime", "Event", "EventKey", "TaskId", "ResponseCode"),
    *("MsgType", "Content", "MediaId"),
)
"""What sets things apart that have no id."""


def _id_of(fields: Fields, account: str) -> str:
    """The same when WeCom repeats it; an event has no id, and two may happen in a second."""
    number = _text(fields, "MsgId")
    if number and _text(fields, "MsgType") != "event":
        return f"m{number[:100]}"
    marks = "\n".join((account, *(_text(fields, name) for name in _MARKS)))
    return f"e{hashlib.sha256(marks.encode('utf-8', 'replace')).hexdigest()[:40]}"


def _time_of(fields: Fields, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(int(_text(fields, "CreateTime")), UTC)
    except (ValueError, OverflowError, OSError):
        return now


def _media(fields: Fields) -> Media | None:
    kind, ref = _text(fields, "MsgType").lower(), storable(_text(fields, "MediaId"))
    if kind == "voice":
        form = storable(_text(fields, "Format")).lower() or "amr"
        return Media(MediaKind.VOICE, ref, name=f"voice.{form}", type=f"audio/{form}")
    if kind == "file":
        name = storable(_text(fields, "FileName") or _text(fields, "Title"))
        return Media(MediaKind.FILE, ref, name=name)
    word = OTHER_WORDS.get(kind)
    return Media(MediaKind.OTHER, ref, name=word) if word else None


def _text(fields: Fields, name: str) -> str:
    """A field as text; what is missing, repeated or has parts is nothing."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""

"""What the AI bot's connection brings: a message, a pressed button, somebody who came in."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.channels.talk import storable
from bot.channels.wecom.cards import DEAD
from bot.channels.wecom_bot.mentions import without_mention
from bot.messages import Incoming, Media, MediaKind

CHANNEL = "wecom_bot"
MESSAGE, EVENT = "aibot_msg_callback", "aibot_event_callback"
MILLISECONDS = 100_000_000_000
"""A time beyond this is not in seconds."""

LONGEST_ID = 100
OTHER_WORDS = {"image": "图片", "video": "视频"}
VOICE = "语音"
"""A voice message that WeCom could not write down: there is no sound to be had."""

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """Something said to the bot alone; it is answered under `req_id`."""

    incoming: Incoming
    req_id: str


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody in a group spoke to the bot; `incoming` is what they said, as if it had been said to
    the bot alone, and None when they only called."""

    group: str
    req_id: str
    incoming: Incoming | None


@dataclass(frozen=True, slots=True)
class Clicked:
    """A button of a card was pressed; the card is changed under `req_id`."""

    incoming: Incoming
    req_id: str


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody opened the chat, for the first time this day."""

    account: str
    req_id: str


Meaning = Said | Called | Clicked | Entered | None
"""None is for what concerns nobody: thumbs up, what we do not know."""


def read_json(raw: str | bytes) -> dict[str, Any] | None:
    """A frame, unless it is of no such shape; WeCom may leave control characters in words."""
    try:
        found = json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def is_kick(frame: Fields) -> bool:
    """Whether WeCom says that another program has taken the bot."""
    event = _part(_part(frame, "body"), "event")
    return frame.get("cmd") == EVENT and event.get("eventtype") == "disconnected_event"


def read_frame(frame: Fields, name: str, now: datetime) -> Meaning:
    """What a frame means to the bot of this name; `now` stands for a time that makes no sense."""
    body = _part(frame, "body")
    account = _word(_part(body, "from"), "userid")
    req_id = _text(_part(frame, "headers"), "req_id")
    if not account or not req_id:
        return None
    call = _Call(body, account, req_id, now)
    match frame.get("cmd"):
        case "aibot_msg_callback":
            return _message(call, name)
        case "aibot_event_callback":
            return _event(call)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Call:
    body: Fields
    account: str
    req_id: str
    now: datetime

    @property
    def is_group(self) -> bool:
        return _text(self.body, "chattype") == "group"

    def incoming(self, **what: Any) -> Incoming:
        """Something of this person, to be answered to them alone."""
        return Incoming(
            channel=CHANNEL,
            id=_id_of(self.body, self.req_id),
            account=self.account,
            at=_time_of(self.body, self.now),
            chat=self.account,
            **what,
        )


def _message(call: _Call, name: str) -> Said | Called | None:
    text, media = storable(_words(call.body)), _media(call.body)
    if not call.is_group:
        if not text.strip() and media is None:
            return None
        return Said(call.incoming(text=text, media=media), call.req_id)
    text = without_mention(text, name)
    said = call.incoming(text=text, media=media) if text or media is not None else None
    return Called(_word(call.body, "chatid"), call.req_id, said)


def _event(call: _Call) -> Clicked | Entered | None:
    event = _part(call.body, "event")
    if call.is_group:
        return None
    match event.get("eventtype"):
        case "enter_chat":
            return Entered(call.account, call.req_id)
        case "template_card_event":
            return _clicked(call, _part(event, "template_card_event") or event)
        case _:
            return None


def _clicked(call: _Call, click: Fields) -> Clicked | None:
    key, card = storable(_text(click, "event_key")), _word(click, "task_id")
    if not key or key == DEAD or len(key.encode()) > 64 or len(card) > 64:
        return None
    return Clicked(call.incoming(press=key, pressed_on=card or None), call.req_id)


def _words(body: Fields) -> str:
    """What was said; words that were only quoted are not."""
    read = _WORDS.get(_text(body, "msgtype"))
    return read(body) if read is not None else ""


def _mixed_words(body: Fields) -> str:
    words = (_text(_part(item, "text"), "content") for item in _items(body))
    return "\n".join(word for word in words if word.strip())


_WORDS: dict[str, Callable[[Fields], str]] = {
    "text": lambda body: _text(_part(body, "text"), "content"),
    "voice": lambda body: _text(_part(body, "voice"), "content"),
    "mixed": _mixed_words,
}


def _media(body: Fields) -> Media | None:
    kind = _text(body, "msgtype")
    match kind:
        case "text":
            return None
        case "voice":
            is_heard = bool(_words(body).strip())
            return Media(MediaKind.SPOKEN if is_heard else MediaKind.OTHER, "", name=VOICE)
        case "mixed":
            has_picture = any(_text(item, "msgtype") == "image" for item in _items(body))
            return Media(MediaKind.OTHER, "", name=OTHER_WORDS["image"]) if has_picture else None
        case "file":
            return _file(_part(body, "file"))
        case _:
            return Media(MediaKind.OTHER, "", name=OTHER_WORDS.get(kind, "")) if kind else None


def _file(file: Fields) -> Media:
    """Where it lies for five minutes, and the key that opens it; WeCom may tell its name."""
    ref = json.dumps({"url": _text(file, "url"), "aeskey": _text(file, "aeskey")})
    name = storable(_text(file, "filename") or _text(file, "name"))
    return Media(MediaKind.FILE, ref, name=name)


def _items(body: Fields) -> list[Fields]:
    items = _part(body, "mixed").get("msg_item")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _id_of(body: Fields, req_id: str) -> str:
    """WeCom's own; one that no row can hold, or none, becomes a short one."""
    found = _text(body, "msgid")
    if found and found == storable(found) and len(found) <= LONGEST_ID:
        return found
    marks = f"{found}\n{'' if found else req_id}".encode("utf-8", "replace")
    return f"x{hashlib.sha256(marks).hexdigest()[:40]}"


def _time_of(body: Fields, now: datetime) -> datetime:
    found = body.get("create_time")
    if isinstance(found, bool) or not isinstance(found, int | float):
        return now
    try:
        return datetime.fromtimestamp(found / 1000 if found > MILLISECONDS else found, UTC)
    except (ValueError, OverflowError, OSError):
        return now


def _part(fields: Fields, name: str) -> Fields:
    """A part of a frame; what is missing or of another shape is empty."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _word(fields: Fields, name: str) -> str:
    """An id that goes into rows and keys; one that cannot is none."""
    value = _text(fields, name)
    return value if value == storable(value) and len(value) <= LONGEST_ID else ""

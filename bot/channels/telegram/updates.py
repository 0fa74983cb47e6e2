"""What a Telegram update says: a message or a pressed button, a call from a group, a farewell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telegram import (
    Audio,
    CallbackQuery,
    ChatMemberUpdated,
    Message,
    MessageEntity,
    Update,
    VideoNote,
    Voice,
)
from telegram.constants import ChatMemberStatus, ChatType

from bot.channels.talk import storable
from bot.channels.telegram.library import seconds_of
from bot.messages import Incoming, Media, MediaKind

CHANNEL = "telegram"
KINDS = (
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
)
"""The updates that are asked for."""

QUERY = "c"
"""What tells the id of a pressed button from that of a message."""
ROUND_VIDEO = "video/mp4"
OTHER_WORDS = {
    "animation": "动图",
    "venue": "位置",
    "photo": "图片",
    "sticker": "表情",
    "dice": "表情",
    "location": "位置",
    "video": "视频",
    "contact": "名片",
    "poll": "投票",
    "checklist": "清单",
    "story": "动态",
    "game": "游戏",
}
"""What is not words, sound or a file. The order matters: an animation is also a document, a venue
also a location."""

STRANGE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading a thing of the wrong shape ends in; a date out of range is an OSError."""


class UnreadableUpdateError(Exception):
    """An update of a shape that nobody expects."""


@dataclass(frozen=True, slots=True)
class Me:
    """Who the assistant is in groups; a server may know no username."""

    id: int
    username: str | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody in a group spoke to the assistant; what they said is not kept."""

    chat: str


@dataclass(frozen=True, slots=True)
class Left:
    """A person blocked the assistant."""

    account: str


Meaning = Incoming | Called | Left | None
"""None is for what concerns nobody: talk in groups, other bots, notes of the platform."""


def read_update(raw: Mapping[str, Any], me: Me | None, now: datetime) -> Meaning:
    """What an update means; `now` dates a pressed button, which has no time of its own.

    Raises:
        UnreadableUpdateError: never with what was said in it.
    """
    try:
        known = {name: raw[name] for name in ("update_id", *KINDS) if name in raw}
        return _meaning(Update.de_json(known, None), me, now)
    except STRANGE:
        raise UnreadableUpdateError from None


def query_of(incoming: Incoming) -> str | None:
    """The id by which Telegram wants to hear that a press has arrived."""
    return None if incoming.press is None else incoming.id.removeprefix(QUERY)


def _meaning(update: Update, me: Me | None, now: datetime) -> Meaning:
    if update.callback_query is not None:
        return _pressed(update.callback_query, now)
    if update.my_chat_member is not None:
        return _left(update.my_chat_member)
    if update.message is not None:
        return _heard(update.message, me)
    if update.edited_message is not None and _is_personal(update.edited_message):
        return _changed(update.edited_message, update.update_id)
    return None


def _heard(message: Message, me: Me | None) -> Incoming | Called | None:
    if _is_personal(message):
        return _said(message)
    is_call = message.chat.type != ChatType.PRIVATE and me is not None and _is_call(message, me)
    return Called(str(message.chat.id)) if is_call else None


def _is_personal(message: Message) -> bool:
    """Written by a person in the chat that is theirs alone, whose id is their own."""
    sender, chat = message.from_user, message.chat
    if sender is None or sender.is_bot or chat.type != ChatType.PRIVATE:
        return False
    return sender.id == chat.id


def _said(message: Message) -> Incoming | None:
    """A message with words or something to it; a note of the platform has neither."""
    text, media = storable(message.text or message.caption or ""), _media_of(message)
    if not text and media is None:
        return None
    return Incoming(
        channel=CHANNEL,
        id=_id_of(message),
        account=_account_of(message),
        at=message.date,
        text=text,
        chat=str(message.chat.id),
        media=media,
    )


def _changed(message: Message, update_id: int) -> Incoming | None:
    """Words that were changed, again even within a second; a place that moves on is an edit, too,
    and says nothing."""
    text, at = storable(message.text or message.caption or ""), message.edit_date or message.date
    if not text:
        return None
    return Incoming(
        channel=CHANNEL,
        id=f"{_id_of(message)}:e{update_id}",
        account=_account_of(message),
        at=at,
        text=text,
        chat=str(message.chat.id),
        edits=_id_of(message),
        media=_media_of(message),
    )


def _id_of(message: Message) -> str:
    return f"{message.chat.id}:{message.message_id}"


def _account_of(message: Message) -> str:
    return str(message.from_user.id) if message.from_user else ""


def _pressed(query: CallbackQuery, now: datetime) -> Incoming | None:
    card = query.message
    if card is None or card.chat.type != ChatType.PRIVATE or query.data is None:
        return None
    return Incoming(
        channel=CHANNEL,
        id=f"{QUERY}{query.id}",
        account=str(query.from_user.id),
        at=now,
        press=storable(query.data),
        chat=str(card.chat.id),
        pressed_on=str(card.message_id),
    )


def _left(change: ChatMemberUpdated) -> Left | None:
    gone = change.new_chat_member.status in {ChatMemberStatus.BANNED, ChatMemberStatus.LEFT}
    personal = change.chat.type == ChatType.PRIVATE
    return Left(str(change.from_user.id)) if gone and personal else None


def _media_of(message: Message) -> Media | None:
    if message.voice:
        forwarded = message.forward_origin is not None
        return _sound(message.voice, MediaKind.RECORDING if forwarded else MediaKind.VOICE)
    if message.audio:
        return _sound(message.audio, MediaKind.RECORDING)
    if message.video_note:
        return _sound(message.video_note, MediaKind.RECORDING)
    return _other(message) or _document(message)


def _sound(sound: Voice | Audio | VideoNote, kind: MediaKind) -> Media:
    return Media(
        kind,
        sound.file_id,
        name=storable(getattr(sound, "file_name", None) or ""),
        type=ROUND_VIDEO if isinstance(sound, VideoNote) else storable(sound.mime_type or ""),
        size=sound.file_size,
        seconds=seconds_of(sound.duration),
    )


def _document(message: Message) -> Media | None:
    file = message.document
    if file is None:
        return None
    kind_of_file = storable(file.mime_type or "")
    return Media(
        MediaKind.RECORDING if kind_of_file.startswith("audio/") else MediaKind.FILE,
        file.file_id,
        name=storable(file.file_name or ""),
        type=kind_of_file,
        size=file.file_size,
    )


def _other(message: Message) -> Media | None:
    for field, word in OTHER_WORDS.items():
        if found := getattr(message, field):
            largest = found[-1] if isinstance(found, tuple) else found
            return Media(MediaKind.OTHER, getattr(largest, "file_id", ""), name=word)
    return None


def _is_call(message: Message, me: Me) -> bool:
    """A mention, a command with the assistant's name, or a reply to what it wrote."""
    answered = message.reply_to_message and message.reply_to_message.from_user
    return bool(answered and answered.id == me.id) or any(
        _names_me(entity, words, me) for entity, words in _marked_words(message).items()
    )


def _marked_words(message: Message) -> dict[MessageEntity, str]:
    if message.text:
        return message.parse_entities()
    return message.parse_caption_entities() if message.caption else {}


def _names_me(entity: MessageEntity, words: str, me: Me) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    if me.username is None or entity.type not in {MessageEntity.MENTION, MessageEntity.BOT_COMMAND}:
        return False
    return words.lower().rpartition("@")[2] == me.username.lower()

"""How a reply goes out through the AI bot: its first part into the bubble of the message that it
answers, while that takes anything, and the rest by itself."""

import asyncio
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from bot.channel import ChannelDownError, ChannelError, RefusedError, Shelf, SlowDownError
from bot.channels.splitting import split_text
from bot.channels.talk import storable
from bot.channels.wecom_bot_answers import Answers, Open
from bot.channels.wecom_bot_errors import RESPONDED, TASK_TAKEN, translate
from bot.channels.wecom_bot_files import upload
from bot.channels.wecom_bot_link import Link
from bot.channels.wecom_cards import Laid, lay_out
from bot.channels.wecom_choices import Choices
from bot.channels.wecom_errors import GONE_MEDIA, CodeError
from bot.channels.wecom_files import File, load_files
from bot.channels.wecom_markdown import as_markdown, markdown_length
from bot.channels.wecom_room import Room
from bot.messages import Reply

TEXT_BYTES = 20_480
UNLIMITED = 10**9
FRAME_GAP = 1.0
"""Seconds between two frames of one bubble."""

SINGLE = 1
CARD_LASTS = timedelta(days=3)
MEDIA_LASTS = timedelta(days=2)
SPARE = 8
"""Room that a notice leaves to answers."""

MOST_REMEMBERED = 500
LOOK_BELOW = "整理好了，请看下面。"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ways:
    """What a sender works with."""

    link: Link
    shelf: Shelf
    room: Room
    answers: Answers
    gap: float = FRAME_GAP


class Sender:
    """Sends for one bot, over the connection of this process."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._choices = Choices(ways.shelf)
        self._arrived: dict[str, set[str]] = {}

    async def send(self, chat: str, reply: Reply, answers: str | None, key: str) -> str | None:
        """The id of the message with the buttons, else of the last one; None for a notice that
        stood back. Raises ChannelError."""
        opened = await self._ways.answers.find(chat, answers)
        if reply.passing:
            is_seen = self._ways.answers.is_settled(answers)
            return None if is_seen else await self._notify(chat, reply, opened, key)
        parcel = await self._packed(chat, reply, key)
        contents = [name for name, _ in parcel.pieces]
        if not contents:
            raise RefusedError("empty")
        await self._ways.room.book(chat, [f"{key}{name}" for name in contents], key)
        return await self._sent(parcel, opened)

    async def say(self, chat: str, text: str) -> None:
        """Say something of the moment by itself. Raises ChannelError."""
        await self._push(chat, _markdown(as_markdown(text)))

    async def answer(self, chat: str, message: str, text: str) -> None:
        """Say something of the moment in the bubble of a message, as all of its answer. Raises
        ChannelError."""
        opened = await self._ways.answers.find(chat, message)
        shown = as_markdown(text)
        if opened is None or not await self._finish(opened, _stream(opened, shown, finish=True)):
            await self._push(chat, _markdown(shown))

    async def reassure(self, chat: str, message: str, text: str) -> None:
        """Say in the bubble of a message that it is safe, and leave it at that should the answer
        not come in time. Raises ChannelError."""
        opened = await self._ways.answers.find(chat, message)
        if opened is not None:
            opened.parting = text
        await self._notify_in(chat, as_markdown(text), opened)

    async def put_aside(self, opened: Open) -> None:
        """Close a bubble before its answer is there."""
        async with opened.lock:
            if opened.done:
                return
            await self._rest(opened)
            await self._ways.answers.close(opened)
            text = as_markdown(opened.parting)
            with suppress(ChannelError):
                await self._ways.room.book(opened.chat, [opened.stream], opened.message)
            with suppress(ChannelError):
                await self._respond(opened, _stream(opened, text, finish=True))

    async def _packed(self, chat: str, reply: Reply, key: str) -> "_Parcel":
        files = await load_files(reply.attachments)
        cards, hint = await self._choices.manner(chat) if reply.buttons else (False, False)
        shown = replace(reply, text=storable(reply.text))
        laid = lay_out(shown, cards=cards, limit=UNLIMITED, hint=hint)
        texts = [
            as_markdown(part)
            for text in laid.texts
            for part in split_text(text, TEXT_BYTES, markdown_length)
        ]
        return _Parcel(chat, reply, key, texts, laid, files)

    async def _notify(self, chat: str, reply: Reply, opened: Open | None, key: str) -> str | None:
        """A notice needs room as well, but stands back for answers; that the database is away must
        not keep anybody from hearing it."""
        text = as_markdown(storable(reply.text))
        try:
            await self._ways.room.book(chat, [text], key, spare=SPARE)
        except SlowDownError:
            return None
        except ChannelDownError:
            log.info("wecom_bot_not_booked")
        await self._notify_in(chat, text, opened)
        return opened.stream if opened else None

    async def _notify_in(self, chat: str, text: str, opened: Open | None) -> None:
        if opened is not None:
            async with opened.lock:
                if opened.done:
                    return
                if await self._written(opened, text):
                    return
        await self._push(chat, _markdown(text))

    async def _written(self, opened: Open, text: str) -> bool:
        """Whether an open bubble shows this now."""
        await self._rest(opened)
        try:
            await self._respond(opened, _stream(opened, text, finish=False))
        except CodeError as error:
            await self._give_up(opened, error)
            return False
        await self._ways.answers.note_started(opened)
        return True

    async def _sent(self, parcel: "_Parcel", opened: Open | None) -> str:
        """The id of what carries the buttons, else of the last part."""
        medias = {file.digest: await self._media(file) for file in parcel.files}
        arrived = self._arrived.setdefault(parcel.key, set()) if parcel.key else set()
        last = ""
        for name, piece in parcel.pieces:
            if name not in arrived:
                await self._deliver(parcel, piece, opened, medias)
                arrived.add(name)
                opened = None
            last = name
        if parcel.laid.choices:
            on = _id_of(parcel.key, "n")
            await self._choices.offer(parcel.chat, parcel.laid.choices, on, numbered=True)
            last = on
        self._forget(parcel.key)
        return parcel.task if parcel.laid.card else _short(last)

    async def _deliver(
        self, parcel: "_Parcel", piece: "_Piece", opened: Open | None, medias: Mapping[str, str]
    ) -> None:
        match piece:
            case str():
                await self._send_text(parcel, piece, opened)
            case dict():
                await self._send_card(parcel, piece, opened)
            case File():
                await self._look_below(opened, parcel.key)
                await self._send_file(parcel.chat, piece, medias[piece.digest])

    async def _send_text(self, parcel: "_Parcel", text: str, opened: Open | None) -> None:
        if opened is not None:
            body = _stream(opened, text, finish=True)
            if await self._finish(opened, body, parcel.key):
                return
        await self._push(parcel.chat, _markdown(text))

    async def _send_card(
        self, parcel: "_Parcel", card: dict[str, Any], opened: Open | None
    ) -> None:
        """The card may be pressed as soon as it is there, so it is kept before. As an answer it
        goes under the message; in a bubble that has begun there is no place for it."""
        labels = {button.id: button.label for button in parcel.reply.buttons}
        kept = json.dumps({"card": card, "labels": labels})
        await self._ways.shelf.put(f"card:{parcel.task}", kept, CARD_LASTS)
        await self._choices.offer(parcel.chat, parcel.reply.buttons, parcel.task, numbered=False)
        body = {"msgtype": "template_card", "template_card": card}
        if opened is not None and not opened.started:
            if await self._finish(opened, body, parcel.key):
                return
        else:
            await self._look_below(opened, parcel.key)
        await self._push(parcel.chat, body)

    async def _look_below(self, opened: Open | None, key: str) -> None:
        """Close the bubble of an answer that is no text."""
        if opened is not None:
            await self._finish(opened, _stream(opened, LOOK_BELOW, finish=True), key)

    async def _finish(self, opened: Open, body: Mapping[str, Any], key: str = "") -> bool:
        """Whether a bubble shows this as its answer; when it takes nothing more, it must go by
        itself. Raises ChannelError when it is to be tried again."""
        async with opened.lock:
            if opened.done:
                return False
            await self._rest(opened)
            was_tried, opened.tried = bool(key) and opened.tried == key, key
            try:
                await self._respond(opened, body)
            except CodeError as error:
                await self._give_up(opened, error)
                return was_tried and error.code == RESPONDED
            await self._ways.answers.close(opened)
            return True

    async def _give_up(self, opened: Open, error: CodeError) -> None:
        """A bubble that WeCom does not let us write into. Raises ChannelError when it is too much
        or too busy at the moment, which would be no different without the bubble."""
        meant = translate(error)
        if not isinstance(meant, RefusedError):
            raise meant from None
        log.info("wecom_bot_bubble_refused", code=error.code)
        await self._ways.answers.close(opened)

    async def _respond(self, opened: Open, body: Mapping[str, Any]) -> None:
        await self._ways.link.ask("aibot_respond_msg", body, opened.req_id)
        opened.written = asyncio.get_running_loop().time()

    async def _rest(self, opened: Open) -> None:
        """Leave time between two frames of one bubble."""
        if opened.written:
            passed = asyncio.get_running_loop().time() - opened.written
            await asyncio.sleep(max(0.0, self._ways.gap - passed))

    async def _push(self, chat: str, message: Mapping[str, Any]) -> None:
        """Send one message that answers none. Raises ChannelError."""
        try:
            await self._pushed(chat, message)
        except CodeError as error:
            raise translate(error) from None

    async def _pushed(self, chat: str, message: Mapping[str, Any]) -> None:
        try:
            body = {"chatid": chat, "chat_type": SINGLE, **message}
            await self._ways.link.ask("aibot_send_msg", body)
        except CodeError as error:
            log.info("wecom_bot_refused_message", code=error.code, kind=message["msgtype"])
            if error.code != TASK_TAKEN:  # a card that is there has arrived before
                raise

    async def _media(self, file: File) -> str:
        """The id of a file that is laid there; what was laid there lately is not laid there
        again. Raises ChannelError."""
        key = f"media:{file.digest}"
        media = await self._ways.shelf.get(key)
        if media is None:
            media = await self._laid_there(file)
            await self._ways.shelf.put(key, media, MEDIA_LASTS)
        return media

    async def _laid_there(self, file: File) -> str:
        try:
            return await upload(self._ways.link, file)
        except CodeError as error:
            log.info("wecom_bot_refused_file", code=error.code)
            raise translate(error) from None

    async def _send_file(self, chat: str, file: File, media: str) -> None:
        """One that WeCom has dropped meanwhile is laid there again."""
        try:
            await self._pushed(chat, _file(file.kind, media))
        except CodeError as error:
            if error.code not in GONE_MEDIA:
                raise translate(error) from None
            media = await self._laid_there(file)
            await self._ways.shelf.put(f"media:{file.digest}", media, MEDIA_LASTS)
            await self._push(chat, _file(file.kind, media))

    def _forget(self, key: str) -> None:
        """What has arrived whole will not come again; of the rest the oldest is forgotten."""
        self._arrived.pop(key, None)
        while len(self._arrived) > MOST_REMEMBERED:
            del self._arrived[next(iter(self._arrived))]


_Piece = str | dict[str, Any] | File


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A reply on its way: texts as markdown, what else it was laid out to, and its files."""

    chat: str
    reply: Reply
    key: str
    texts: Sequence[str]
    laid: Laid
    files: Sequence[File]

    @property
    def task(self) -> str:
        """The task id of its card."""
        return _id_of(self.key, "c")

    @property
    def pieces(self) -> list[tuple[str, _Piece]]:
        """What is sent, in order, each with a name of its own."""
        pieces: list[tuple[str, _Piece]] = [
            (f"t{place}", text) for place, text in enumerate(self.texts)
        ]
        if self.laid.card is not None:
            pieces.append(("card", {**self.laid.card, "task_id": self.task}))
        return pieces + [(file.digest, file) for file in self.files]


def _stream(opened: Open, content: str, *, finish: bool) -> dict[str, Any]:
    """A frame of a bubble: always all that it shows."""
    return {
        "msgtype": "stream",
        "stream": {"id": opened.stream, "finish": finish, "content": content},
    }


def _markdown(content: str) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": content}}


def _file(kind: str, media: str) -> dict[str, Any]:
    return {"msgtype": kind, kind: {"media_id": media}}


def _id_of(key: str, kind: str) -> str:
    """The same for the same delivery, so that a card cannot be there twice."""
    made = hashlib.sha256(key.encode()).hexdigest()[:40] if key else uuid.uuid4().hex
    return f"{kind}{made}"


def _short(name: str) -> str:
    return f"p{name}"[:60]

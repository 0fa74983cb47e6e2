"""How a reply goes out through the AI bot: its first part into the bubble of the message that it
answers, while that takes anything, and the rest by itself."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from bot.channel import ChannelDownError, RefusedError, Shelf, SlowDownError
from bot.channels.splitting import split_text
from bot.channels.talk import storable
from bot.channels.wecom.cards import Laid, lay_out, needs_numbers
from bot.channels.wecom.choices import Choices
from bot.channels.wecom.errors import GONE_MEDIA, CodeError
from bot.channels.wecom.files import File, load_files
from bot.channels.wecom.room import Room
from bot.channels.wecom.screen import Offer, offer_of
from bot.channels.wecom_bot.answers import Answers, Open
from bot.channels.wecom_bot.bubbles import Bubbles, stream
from bot.channels.wecom_bot.errors import TASK_TAKEN, translate
from bot.channels.wecom_bot.files import upload
from bot.channels.wecom_bot.link import Link
from bot.channels.wecom_bot.markdown import as_markdown, markdown_length
from bot.messages import Reply

TEXT_BYTES = 20_480
UNLIMITED = 10**9
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
    bubbles: Bubbles
    choices: Choices


class Sender:
    """Sends for one bot, over the connection of this process."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._arrived: dict[str, set[str]] = {}

    async def send(self, chat: str, reply: Reply, answers: str | None, key: str) -> str | None:
        """The id of the message with the buttons, else of the last one; None for a notice that
        stood back. Raises ChannelError."""
        opened = await self._ways.answers.find(chat, answers)
        if reply.passing:
            if not self._ways.answers.is_settled(answers):
                await self._notify(chat, reply, opened, key)
            return None
        parcel = await self._packed(chat, reply, answers, key)
        if not parcel.pieces:
            raise RefusedError("empty")
        await self._ways.room.book(chat, self._contents(parcel, opened), key)
        sent = await self._sent(parcel, opened)
        if answers is not None and not reply.buttons:
            await self._ways.choices.end(chat, answers)
        return sent

    async def answer(self, chat: str, message: str, text: str) -> None:
        """Say something of the moment as all of the answer to a message. Raises ChannelError."""
        opened = await self._ways.answers.find(chat, message)
        await self._show_text(chat, as_markdown(text), opened, "")

    async def reassure(self, chat: str, message: str, text: str) -> None:
        """Say that a message is safe, and leave it at that should the answer not come in time.
        Raises ChannelError."""
        opened = await self._ways.answers.find(chat, message)
        if opened is not None:
            opened.parting = text
        await self._note(chat, as_markdown(text), opened)

    async def _notify(self, chat: str, reply: Reply, opened: Open | None, key: str) -> None:
        """A notice stands back for answers when there is little room; that the database is away
        must not keep anybody from hearing it."""
        text = as_markdown(storable(reply.text))
        try:
            await self._ways.room.book(chat, [text], key, spare=SPARE)
        except SlowDownError:
            return
        except ChannelDownError:
            log.info("wecom_bot_not_booked")
        try:
            await self._note(chat, text, opened)
        except SlowDownError:
            log.info("wecom_bot_notice_dropped")

    async def _note(self, chat: str, markdown: str, opened: Open | None) -> None:
        if opened is None or not await self._ways.bubbles.note(opened, markdown):
            await self._push(chat, _markdown(markdown))

    async def _packed(self, chat: str, reply: Reply, answers: str | None, key: str) -> "_Parcel":
        files = await load_files(reply.attachments)
        task = _id_of(key, "c")
        offer = offer_of(reply, Laid(), task, answers)
        laid = await self._laid(chat, replace(reply, text=storable(reply.text)), offer)
        texts = [
            as_markdown(part)
            for text in laid.texts
            for part in split_text(text, TEXT_BYTES, markdown_length)
        ]
        return _Parcel(chat, reply, answers, key, task, texts, laid, files)

    async def _laid(self, chat: str, reply: Reply, offer: Offer) -> Laid:
        """Every WeCom that shows a bot shows cards: nobody needs to be told how to do without."""
        if not reply.buttons:
            return lay_out(reply, cards=False, limit=UNLIMITED)
        choices = self._ways.choices
        cards, _ = await choices.manner(chat, offer.on)
        numbers = needs_numbers(reply, cards=cards)
        start = await choices.free_number(chat, offer) if numbers else 1
        return lay_out(reply, cards=cards, limit=UNLIMITED, start=start)

    def _contents(self, parcel: "_Parcel", opened: Open | None) -> list[str]:
        """What room is needed for: all that has not arrived."""
        arrived = self._arrived.get(parcel.key, set())
        names = [name for name, _ in parcel.pieces if name not in arrived]
        goes_under = parcel.texts or (parcel.laid.card and opened and not opened.started)
        closing = [] if opened is None or goes_under else [LOOK_BELOW]
        return [f"{parcel.key}/{name}" for name in (*closing, *names)]

    async def _sent(self, parcel: "_Parcel", opened: Open | None) -> str:
        """The id of what carries the buttons, else of the last part."""
        medias = {file.digest: await self._media(file) for file in parcel.files}
        arrived = self._arrived.setdefault(parcel.key, set()) if parcel.key else set()
        for name, piece in parcel.pieces:
            if name not in arrived:
                await self._deliver(parcel, piece, opened, medias)
                arrived.add(name)
                opened = None
        if parcel.laid.choices:
            await self._ways.choices.offer(parcel.chat, parcel.offer)
        self._forget(parcel.key)
        return parcel.task

    async def _deliver(
        self, parcel: "_Parcel", piece: "_Piece", opened: Open | None, medias: Mapping[str, str]
    ) -> None:
        match piece:
            case str():
                await self._show_text(parcel.chat, piece, opened, parcel.key)
            case dict():
                await self._show_card(parcel, piece, opened)
            case File():
                await self._look_below(opened, parcel.key)
                await self._show_file(parcel.chat, piece, medias[piece.digest])

    async def _show_text(self, chat: str, markdown: str, opened: Open | None, key: str) -> None:
        if opened is not None:
            body = stream(opened, markdown, finish=True)
            if await self._ways.bubbles.finish(opened, body, key):
                return
        await self._push(chat, _markdown(markdown))

    async def _show_card(
        self, parcel: "_Parcel", card: dict[str, Any], opened: Open | None
    ) -> None:
        """It may be pressed as soon as it is there, so it is kept before. Alone it goes under the
        message that it answers; in a bubble that has begun there is no place for it."""
        buttons = parcel.reply.buttons
        labels = {button.id: button.label for button in buttons}
        kept = json.dumps({"card": card, "labels": labels})
        await self._ways.shelf.put(card_key(parcel.task), kept, CARD_LASTS)
        await self._ways.choices.offer(parcel.chat, parcel.offer)
        body = {"msgtype": "template_card", "template_card": card}
        if opened is None or opened.started:
            await self._look_below(opened, parcel.key)
        elif await self._ways.bubbles.finish(opened, body, parcel.key):
            return
        await self._push(parcel.chat, body)

    async def _look_below(self, opened: Open | None, key: str) -> None:
        """End the bubble of an answer that is no text."""
        if opened is not None:
            body = stream(opened, LOOK_BELOW, finish=True)
            await self._ways.bubbles.finish(opened, body, key)

    async def _show_file(self, chat: str, file: File, media: str) -> None:
        """One that WeCom has dropped meanwhile is laid there again."""
        try:
            await self._pushed(chat, _file(file.kind, media))
        except CodeError as error:
            if error.code not in GONE_MEDIA:
                raise translate(error) from None
            await self._push(chat, _file(file.kind, await self._laid_there(file)))

    async def _push(self, chat: str, message: Mapping[str, Any]) -> None:
        """Send one message that answers none. Raises ChannelError."""
        try:
            await self._pushed(chat, message)
        except CodeError as error:
            raise translate(error) from None

    async def _pushed(self, chat: str, message: Mapping[str, Any]) -> None:
        body = {"chatid": chat, "chat_type": SINGLE, **message}
        try:
            await self._ways.link.ask("aibot_send_msg", body)
        except CodeError as error:
            if error.code == TASK_TAKEN:  # it had arrived, though we did not hear of it
                return
            log.info("wecom_bot_message_refused", code=error.code, kind=message["msgtype"])
            raise

    async def _media(self, file: File) -> str:
        """The id of a file that is laid there; what was laid there lately is not laid there
        again. Raises ChannelError."""
        media = await self._ways.shelf.get(_media_key(file))
        return await self._laid_there(file) if media is None else media

    async def _laid_there(self, file: File) -> str:
        try:
            media = await upload(self._ways.link, file)
        except CodeError as error:
            log.info("wecom_bot_file_refused", code=error.code)
            raise translate(error) from None
        await self._ways.shelf.put(_media_key(file), media, MEDIA_LASTS)
        return media

    def _forget(self, key: str) -> None:
        """What has arrived whole does not come again; of the rest the oldest is forgotten."""
        self._arrived.pop(key, None)
        while len(self._arrived) > MOST_REMEMBERED:
            del self._arrived[next(iter(self._arrived))]


_Piece = str | dict[str, Any] | File


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A reply on its way, with the task id of its card: texts as markdown, what else it was laid
    out to, and its files."""

    chat: str
    reply: Reply
    answers: str | None
    key: str
    task: str
    texts: Sequence[str]
    laid: Laid
    files: Sequence[File]

    @property
    def offer(self) -> Offer:
        """What it offers."""
        return offer_of(self.reply, self.laid, self.task, self.answers)

    @property
    def pieces(self) -> list[tuple[str, _Piece]]:
        """What is sent, in order, each with a name of its own."""
        pieces: list[tuple[str, _Piece]] = [(f"t{n}", text) for n, text in enumerate(self.texts)]
        if self.laid.card is not None:
            pieces.append(("card", {**self.laid.card, "task_id": self.task}))
        return pieces + [(file.digest, file) for file in self.files]


def card_key(task: str) -> str:
    """Where a card is kept."""
    return f"card:{task}"


def _media_key(file: File) -> str:
    return f"media:{file.digest}"


def _markdown(content: str) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": content}}


def _file(kind: str, media: str) -> dict[str, Any]:
    return {"msgtype": kind, kind: {"media_id": media}}


def _id_of(key: str, kind: str) -> str:
    """The same for the same delivery, so that a card cannot be there twice."""
    made = hashlib.sha256(key.encode()).hexdigest()[:40] if key else uuid.uuid4().hex
    return f"{kind}{made}"

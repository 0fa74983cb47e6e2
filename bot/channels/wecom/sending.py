"""How a reply goes out through WeCom's app: booked, sent in order, its older card marked."""

import asyncio
import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.channel import (
    ChannelDownError,
    ChannelError,
    MediaGoneError,
    RefusedError,
    Shelf,
    SlowDownError,
    UnreachableError,
)
from bot.channels.talk import storable
from bot.channels.wecom.api import WeComApi, WeComConfig
from bot.channels.wecom.cards import Laid, lay_out, needs_numbers, suit_card
from bot.channels.wecom.choices import Choices
from bot.channels.wecom.errors import REPEATED_CARD
from bot.channels.wecom.files import File, load_files
from bot.channels.wecom.room import REPEAT, Booking, Room
from bot.channels.wecom.screen import Offer, offer_of
from bot.messages import Reply

PART_SECONDS = 0.2
TEXT_BYTES = 2048
CARD_LASTS = timedelta(hours=72)
"""So long a card may be changed, once per code (page 94888)."""

MEDIA_LASTS = timedelta(days=2)
LONGEST_ID = 64
"""What a row keeps; WeCom does not say how long its ids may be."""

SPARE = 8
"""Room that a notice leaves to answers."""

log = structlog.get_logger(__name__)


class Sender:
    """Sends for one app. `pause` waits between the parts of a reply."""

    def __init__(
        self,
        config: WeComConfig,
        api: WeComApi,
        shelf: Shelf,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._config = config
        self._api = api
        self._shelf = shelf
        self._pause = pause
        self._room = Room(shelf, now, daily=config.daily)
        self._choices = Choices(shelf, now, cards=config.cards)

    async def send(self, chat: str, reply: Reply, way: "Way") -> str | None:
        """The id of the message with the buttons, else of the last one; None for a notice that
        stood back. Raises ChannelError."""
        key, over = way.key, way.over
        files = await load_files(reply.attachments)
        task = _task_of(key)
        laid = await self._laid(chat, reply, offer_of(reply, Laid(), _told_on(task), way.answers))
        contents = [*laid.texts, *([task] if laid.card else []), *(file.digest for file in files)]
        if not contents:
            raise RefusedError("empty")
        booking = await self._booked(chat, contents, key, passing=reply.passing)
        if booking is None:
            return None
        if over is not None:
            await self.wear(chat, over)
        sent = await self._sent(_Parcel(chat, reply, way.answers, laid, task, files, booking))
        if way.answers is not None and not reply.buttons and not reply.passing:
            await self._choices.end(chat, way.answers)
        return sent

    async def say(self, chat: str, text: str) -> None:
        """Say something of the moment. Raises ChannelError."""
        await self._post(chat, _text(text), check=False)

    async def pressed(self, card: str, button: str, code: str | None = None) -> None:
        """Keep which button of a card was pressed, and the new code by which it may be changed.
        Raises ChannelDownError."""

        def pressed(kept: str | None) -> tuple[str | None, None]:
            if kept is None and code is None:
                return None, None
            found = _card_in(kept)
            now = {**found, "pressed": button, "code": code or found["code"]}
            return json.dumps(now), None

        await self._shelf.change(_card_key(card), pressed, CARD_LASTS)

    async def wear(self, chat: str, card: str) -> None:
        """Have a card say what was pressed, or that it is over; what cannot be changed any more
        stays as it is. Raises ChannelDownError."""

        def used(kept: str | None) -> tuple[str | None, dict[str, Any]]:
            found = _card_in(kept)
            return json.dumps({**found, "code": None}) if kept else None, found

        found = await self._shelf.change(_card_key(card), used, CARD_LASTS)
        if not found["code"]:
            return
        said = found["labels"].get(found["pressed"])
        change = {
            "userids": [chat],
            "agentid": self._config.agent,
            "response_code": found["code"],
            "button": {"replace_name": f"已选：{said}" if said else "已过时"},
        }
        try:
            await self._api.post("message/update_template_card", change)
        except ChannelError as error:
            log.info("wecom_card_not_changed", reason=error.reason)

    async def _laid(self, chat: str, reply: Reply, offer: Offer) -> Laid:
        buttons = tuple(replace(button, label=_plain(button.label)) for button in reply.buttons)
        shown = replace(reply, text=_plain(reply.text), buttons=buttons)
        if not reply.buttons:
            return lay_out(shown, cards=False, limit=TEXT_BYTES)
        cards, hint = False, False
        if suit_card(shown.buttons):
            cards, hint = await self._choices.manner(chat, offer.on)
        numbers = needs_numbers(shown, cards=cards)
        start = await self._choices.free_number(chat, offer) if numbers else 1
        return lay_out(shown, cards=cards, limit=TEXT_BYTES, hint=hint, start=start)

    async def _booked(
        self, chat: str, contents: Sequence[str], key: str, *, passing: bool
    ) -> Booking | None:
        """Room for all, or None when a notice must stand back. Raises ChannelError."""
        try:
            return await self._room.book(chat, contents, key, spare=SPARE if passing else 0)
        except SlowDownError:
            if passing:
                return None
            raise
        except ChannelDownError:
            if passing:  # that the database is away must not keep anybody from hearing it
                return Booking(0.0, (False,) * len(contents))
            raise

    async def _sent(self, parcel: "_Parcel") -> str | None:
        """The id of the message with the buttons, else of the last one. What is offered is kept
        before: it may be chosen as soon as it is there."""
        if parcel.reply.buttons:
            on = parcel.task if parcel.laid.card else _told_on(parcel.task)
            await self._choices.offer(parcel.chat, parcel.offer(on))
        checks = iter(parcel.booking.checks)
        last = None
        for place, text in enumerate(parcel.laid.texts):
            await self._pause(PART_SECONDS if place else 0)
            last = await self._post(parcel.chat, _text(text), check=next(checks))
        if parcel.laid.card is not None:
            await self._pause(PART_SECONDS if last else 0)
            last = await self._send_card(parcel, check=next(checks))
        elif parcel.laid.choices:
            last = _told_on(parcel.task)
        for file in parcel.files:
            sent = await self._send_file(parcel.chat, file, check=next(checks))
            last = last if parcel.reply.buttons else sent
        return last

    async def _send_card(self, parcel: "_Parcel", *, check: bool) -> str:
        card = {**(parcel.laid.card or {}), "task_id": parcel.task}
        body = {"msgtype": "template_card", "template_card": card}
        try:
            code = (await self._answer(parcel.chat, body, check=check)).get("response_code")
        except RefusedError as refused:
            if refused.reason != REPEATED_CARD:
                raise
            code = None  # it had arrived before we heard of it, and may have been pressed
        buttons = parcel.reply.buttons
        labels = {button.id: button.label for button in buttons}

        def shown(kept: str | None) -> tuple[str | None, None]:
            found = _card_in(kept)
            return json.dumps({**found, "labels": labels, "code": found["code"] or code}), None

        await self._shelf.change(_card_key(parcel.task), shown, CARD_LASTS)
        return parcel.task

    async def _send_file(self, chat: str, file: File, *, check: bool) -> str:
        """Lay it there, then send it; what was laid there lately is not laid there again."""
        key = f"media:{file.digest}"
        media = await self._shelf.get(key)
        if media is not None:
            with suppress(MediaGoneError):
                return await self._post(chat, _file(file.kind, media), check=check)
        media = await self._api.upload(file.kind, file.name, file.content)
        await self._shelf.put(key, media, MEDIA_LASTS)
        return await self._post(chat, _file(file.kind, media), check=check)

    async def _post(self, chat: str, message: Mapping[str, Any], *, check: bool) -> str:
        return str((await self._answer(chat, message, check=check)).get("msgid", ""))[:LONGEST_ID]

    async def _answer(
        self, chat: str, message: Mapping[str, Any], *, check: bool
    ) -> dict[str, Any]:
        """Send one message; with `check`, WeCom leaves out what it sent a moment ago. Raises
        ChannelError."""
        answer = await self._api.post(
            "message/send",
            {
                "touser": chat,
                "agentid": self._config.agent,
                **message,
                "enable_duplicate_check": int(check),
                "duplicate_check_interval": int(REPEAT.total_seconds()),
            },
        )
        if answer.get("invaliduser"):
            raise UnreachableError("hidden")
        if answer.get("unlicenseduser"):
            raise UnreachableError("unlicensed")
        return answer


@dataclass(frozen=True, slots=True)
class Way:
    """What a reply goes over, what it answers, and the key that it has when sent again."""

    over: str | None = None
    answers: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A reply on its way, with room for all of it."""

    chat: str
    reply: Reply
    answers: str | None
    laid: Laid
    task: str
    files: Sequence[File]
    booking: Booking

    def offer(self, on: str) -> Offer:
        """What it offers, on the message of that id."""
        return offer_of(self.reply, self.laid, on, self.answers)


def _text(content: str) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": content}}


def _file(kind: str, media: str) -> dict[str, Any]:
    return {"msgtype": kind, kind: {"media_id": media}}


def _plain(text: str) -> str:
    """WeCom would make links of what looks like HTML."""
    return storable(text).replace("<a", "＜a").replace("<A", "＜A")


def _task_of(key: str) -> str:
    """The same for the same delivery, so that a card cannot be there twice."""
    made = hashlib.sha256(key.encode()).hexdigest()[:40] if key else uuid.uuid4().hex
    return f"c{made}"


def _told_on(task: str) -> str:
    """The id of the text that tells the choices instead of that card."""
    return f"n{task[1:]}"


def _card_key(card: str) -> str:
    return f"card:{card}"


def _card_in(kept: str | None) -> dict[str, Any]:
    """What is known of a card: the code that may change it, its labels by key, the key pressed."""
    return {"code": None, "labels": {}, "pressed": None, **(json.loads(kept) if kept else {})}

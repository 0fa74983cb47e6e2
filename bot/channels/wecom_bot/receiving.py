"""What the AI bot's connection brings, on its way to the inbox, and what must be said at once: that
a button was pressed, who we are, that a group is no place to talk of customers."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.channel import ChannelDownError, ChannelError, Inbox, InboxClosedError, Shelf
from bot.channels.sayings import INBOX_CLOSED
from bot.channels.wecom.cards import worn_card
from bot.channels.wecom.choices import Choices
from bot.channels.wecom.room import Room
from bot.channels.wecom_bot.answers import Answers
from bot.channels.wecom_bot.bubbles import Bubbles
from bot.channels.wecom_bot.files import Downloads
from bot.channels.wecom_bot.frames import Called, Clicked, Entered, Said, read_frame
from bot.channels.wecom_bot.lanes import MOST_WAITING, Lanes
from bot.channels.wecom_bot.link import Frame, Link
from bot.channels.wecom_bot.sending import Sender, card_key
from bot.channels.wecom_bot.times import Times
from bot.messages import Incoming, MediaKind

HELLO = "您好，我是拜访助手。拜访完直接说给我听，我来整理；还没绑定的话，把邀请码发给我。"
NOT_TAKEN = "现在等着存的太多，刚才这条没有收下。请过几分钟再发一次。"
NOT_KEPT = "对不起，刚才等着存的话没能留住，请过几分钟再发一次。"
IN_PRIVATE = "私下回您了，没看到就点我头像发一句话。群里不谈客户。"
NOT_IN_GROUPS = "请点我的头像私聊，我随时在。"

GREETED_FOR = timedelta(days=90)
NOTED_FOR = timedelta(days=400)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a receiver works with; `name` is the bot's."""

    name: str
    link: Link
    shelf: Shelf
    room: Room
    answers: Answers
    bubbles: Bubbles
    sender: Sender
    choices: Choices
    downloads: Downloads
    now: Callable[[], datetime]
    times: Times
    most_waiting: int = MOST_WAITING


class Receiver:
    """Takes what comes for one bot."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lanes: Lanes | None = None
        self._running: set[asyncio.Future[None]] = set()

    async def receive(self, inbox: Inbox) -> None:
        """Until cancelled; what waits then gets a moment to be kept."""

        async def hand_in(incoming: Incoming) -> None:
            meant = await self._meant(incoming)
            if meant is not None:
                await inbox.take(meant)

        parts = self._parts
        lanes = self._lanes = Lanes(
            hand_in, self._tell_kept, pause=parts.times.inbox_pause, most=parts.most_waiting
        )
        work = (parts.link.run(self.take, self._note), lanes.run(), self._close_stale())
        tasks = [asyncio.create_task(each) for each in work]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()
        finally:
            await self._end(lanes)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """Finish errands."""
        if self._running:
            await asyncio.wait(self._running, timeout=self._parts.times.ending)

    def take(self, frame: Frame) -> None:
        """A frame came; nothing here waits."""
        parts = self._parts
        match read_frame(frame, parts.name, parts.now()):
            case Said() as said:
                for opened in parts.answers.add(said):
                    self._run(parts.bubbles.put_aside(opened))
                self._put(said.incoming)
            case Clicked() as click:
                self._run(self._mark(click))
                self._put(click.incoming)
            case Called() as call:
                self._answer_group(call)
            case Entered() as entered:
                self._run(self._welcome(entered))
            case None:
                log.debug("wecom_bot_frame_ignored")

    def _note(self, state: str) -> None:
        """How the connection stands, for doctor."""
        kept = json.dumps({"state": state, "at": self._parts.now().isoformat()})
        self._run(self._parts.shelf.put("link", kept, NOTED_FOR))

    def _put(self, incoming: Incoming) -> None:
        if self._lanes is None or not self._lanes.put(incoming):
            log.error("wecom_bot_message_not_taken")
            self._run(self._parts.sender.answer(incoming.chat, incoming.id, NOT_TAKEN))

    def _tell_kept(self, incoming: Incoming) -> None:
        self._run(self._parts.sender.reassure(incoming.chat, incoming.id, INBOX_CLOSED))

    def _answer_group(self, call: Called) -> None:
        """What was said is answered to whoever said it, in private."""
        text = NOT_IN_GROUPS
        if call.incoming is not None:
            self._parts.answers.settle(call.incoming.id)
            self._put(call.incoming)
            text = IN_PRIVATE
        self._run(self._tell_group(call, text))

    async def _tell_group(self, call: Called, text: str) -> None:
        if call.group:
            await self._parts.room.book(call.group, [text], call.req_id)
        said = {"id": uuid.uuid4().hex, "finish": True, "content": text}
        body = {"msgtype": "stream", "stream": said}
        await self._parts.link.ask("aibot_respond_msg", body, call.req_id)

    async def _mark(self, click: Clicked) -> None:
        """Have a card show what was pressed on it, within the five seconds that WeCom leaves."""
        incoming = click.incoming
        kept = await self._parts.shelf.get(card_key(incoming.pressed_on or ""))
        if kept is None:
            return
        found = json.loads(kept)
        label = found["labels"].get(incoming.press, "")
        said = "已过时" if found.get("retired") else f"已选：{label}"
        body = {
            "response_type": "update_template_card",
            "template_card": worn_card(found["card"], said),
        }
        await self._parts.link.ask("aibot_respond_update_msg", body, click.req_id)
        self._parts.answers.settle(incoming.id)

    async def _welcome(self, entered: Entered) -> None:
        """Say who we are, to people whom we did not greet for long."""

        def greeted(kept: str | None) -> tuple[str | None, bool]:
            return "yes", kept is None

        key = f"greeted:{entered.account}"
        if await self._parts.shelf.change(key, greeted, GREETED_FOR):
            body = {"msgtype": "text", "text": {"content": HELLO}}
            await self._parts.link.ask("aibot_respond_welcome_msg", body, entered.req_id)

    async def _meant(self, incoming: Incoming) -> Incoming | None:
        """A number that was offered is a press; how somebody wants to choose is for us alone; a
        file gets its name. Raises InboxClosedError."""
        try:
            choices = self._parts.choices
            if incoming.pressed_on:
                await choices.spend(incoming.chat, incoming.pressed_on)
            if await choices.switch(incoming.chat, incoming.text.strip()):
                told = await choices.say_manner(incoming.chat)
                self._run(self._parts.sender.answer(incoming.chat, incoming.id, told))
                return None
            chosen = await choices.chosen(incoming)
        except ChannelDownError as error:
            raise InboxClosedError(error.reason) from None
        if chosen is None:
            return await self._named(incoming)
        press, on = chosen
        return replace(incoming, text="", media=None, press=press, pressed_on=on)

    async def _named(self, incoming: Incoming) -> Incoming:
        """What a file is called is known only where it lies."""
        media = incoming.media
        if media is None or media.kind is not MediaKind.FILE or media.name:
            return incoming
        with suppress(ChannelError):
            name, size = await self._parts.downloads.look(media.ref)
            return replace(incoming, media=replace(media, name=name, size=size))
        return incoming

    async def _close_stale(self) -> None:
        """End bubbles before WeCom does, with words."""
        while True:
            await asyncio.sleep(self._parts.times.look)
            for opened in self._parts.answers.stale():
                self._run(self._parts.bubbles.put_aside(opened))

    async def _end(self, lanes: Lanes) -> None:
        """The connection is still there: who said what could not be kept is told."""
        left = await lanes.finish(self._parts.times.ending)
        self._lanes = None
        told = {incoming.chat: incoming for incoming in left}.values()
        answers = [self._parts.sender.answer(one.chat, one.id, NOT_KEPT) for one in told]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._parts.times.ending):
                await asyncio.gather(*map(_quietly, answers))

    def _run(self, errand: Awaitable[Any]) -> None:
        """Something that nobody waits for and that may fail."""
        running = asyncio.ensure_future(_quietly(errand))
        self._running.add(running)
        running.add_done_callback(self._running.discard)


async def _quietly(errand: Awaitable[Any]) -> None:
    try:
        await errand
    except ChannelError as error:
        log.info("wecom_bot_errand_failed", reason=error.reason)

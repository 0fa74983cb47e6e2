"""Writes into the bubble under a message: notices first, then the answer in their place."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog

from bot.channel import ChannelError, RefusedError
from bot.channels.wecom.errors import CodeError
from bot.channels.wecom_bot.answers import Answers, Open
from bot.channels.wecom_bot.errors import RESPONDED, translate
from bot.channels.wecom_bot.link import Link
from bot.channels.wecom_bot.markdown import as_markdown

log = structlog.get_logger(__name__)


class Bubbles:
    """The bubbles of one bot's open messages."""

    def __init__(self, link: Link, answers: Answers, gap: float) -> None:
        self._link = link
        self._answers = answers
        self._gap = gap

    async def note(self, opened: Open, markdown: str) -> bool:
        """Whether somebody who waits sees this now, or the answer already. Raises ChannelError when
        it can be tried again."""
        async with opened.lock:
            if opened.done:
                return True
            await self._rest(opened)
            try:
                await self._respond(opened, stream(opened, markdown, finish=False))
            except CodeError as error:
                await self._give_up(opened, error)
                return False
            await self._answers.note_started(opened)
            return True

    async def finish(self, opened: Open, body: Mapping[str, Any], key: str = "") -> bool:
        """Whether a bubble shows this as its answer; one that takes nothing more does not. `key`
        is the same when it is tried again. Raises ChannelError when it can be tried again."""
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
            await self._answers.close(opened)
            return True

    async def put_aside(self, opened: Open) -> None:
        """End a bubble before its answer is there."""
        async with opened.lock:
            if opened.done:
                return
            await self._rest(opened)
            await self._answers.close(opened)
            with suppress(ChannelError):
                parting = as_markdown(opened.parting)
                await self._respond(opened, stream(opened, parting, finish=True))

    async def _give_up(self, opened: Open, error: CodeError) -> None:
        """WeCom does not let us write into this bubble. Raises ChannelError when it is too much or
        too busy at the moment, which would be no different without the bubble."""
        meant = translate(error)
        if not isinstance(meant, RefusedError):
            raise meant from None
        log.info("wecom_bot_bubble_refused", code=error.code)
        await self._answers.close(opened)

    async def _respond(self, opened: Open, body: Mapping[str, Any]) -> None:
        await self._link.ask("aibot_respond_msg", body, opened.req_id)
        opened.written = asyncio.get_running_loop().time()

    async def _rest(self, opened: Open) -> None:
        """Leave time between two frames of one bubble."""
        if opened.written:
            passed = asyncio.get_running_loop().time() - opened.written
            await asyncio.sleep(max(0.0, self._gap - passed))


def stream(opened: Open, markdown: str, *, finish: bool) -> dict[str, Any]:
    """A frame of a bubble: always all that it shows."""
    return {
        "msgtype": "stream",
        "stream": {"id": opened.stream, "finish": finish, "content": markdown},
    }

"""Conversations through Telegram, the queue and the database, all the way and back."""

import asyncio

from tests.office import VISIT
from tests.serving.conftest import OpenSettings
from tests.serving.stage import bind, on_stage


def test_a_dictation_becomes_a_card_and_the_card_a_record(installed: OpenSettings) -> None:
    async def scene() -> None:
        async with on_stage(installed()) as stage:
            bind(stage.app, tangning=501)
            rep = stage.person(501)
            await rep.says(VISIT)
            await rep.hears("使用须知")
            await rep.hears("沈怀安")
            await rep.presses("确认")
            assert "已存" in await rep.hears("已存")
            last = stage.shown_to(501)[-1]
            assert last.method == "editMessageText"

    asyncio.run(scene())

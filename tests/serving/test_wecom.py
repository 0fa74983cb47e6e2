"""Conversations through WeCom's app, the queue and the database, all the way and back."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from tests.office import VISIT
from tests.serving.wecom_stage import OpenWith, on_wecom, wecom_settings


@pytest.fixture
def installed(planted: str, tmp_path: Path) -> OpenWith:
    """An installation with WeCom's app on a planted database."""
    return partial(wecom_settings, planted, tmp_path / "data")


def test_a_dictation_becomes_a_card_and_the_card_a_record(installed: OpenWith) -> None:
    async def scene() -> None:
        async with on_wecom(installed) as stage:
            rep = stage.member("tangning")
            assert (await rep.says(VISIT)).status == 200
            await rep.hears("使用须知")
            await rep.hears("沈怀安")
            await rep.presses("确认")
            await rep.hears("已存")

    asyncio.run(scene())

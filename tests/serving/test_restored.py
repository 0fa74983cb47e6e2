"""After an older backup was put back and the queue was left as it is: numbers are used anew."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.serving.conftest import OpenSettings, on_sqlite
from tests.serving.stage import bind, on_stage


def copied(source: Path, target: Path) -> None:
    """As `sqlite3 source ".backup target"` does."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


@on_sqlite
def test_what_is_said_after_a_restore_is_answered(
    installed: OpenSettings, planted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.schedule.LEFT_SECONDS", 0.2)
    monkeypatch.setattr("bot.schedule.LEFT_AFTER", timedelta(0))
    database, backup = Path(make_url(planted).database or ""), tmp_path / "backup.db"

    async def talk(said: str, answer: str) -> None:
        async with on_stage(installed()) as stage:
            rep = stage.person(501)
            await rep.says(said)
            await rep.hears(answer)

    async def join() -> None:
        async with on_stage(installed()) as stage:
            bind(stage.app, tangning=501)

    asyncio.run(join())
    copied(database, backup)
    asyncio.run(talk("帮助", "记拜访"))
    copied(backup, database)
    asyncio.run(talk("我的待办", "待办"))

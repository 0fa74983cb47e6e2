"""The world of the dialogues in a database of either kind, for the service to run on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.channel import Pace
from bot.channels.telegram.channel import TelegramChannel
from bot.config import Settings
from tests.office import plant_world
from tests.serving.stage import settings_for

OpenSettings = Callable[..., Callable[[str], Settings]]

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("database", ["postgres"], indirect=True)
"""For what does not depend on the database: a scene takes a second, half of them on either."""


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram's pace is kept elsewhere; here nobody waits a second between two messages, or two
    for the clock."""
    monkeypatch.setattr(TelegramChannel, "pace", Pace(1000, 0.001, 100))
    monkeypatch.setattr("bot.schedule.DELIVERIES_SECONDS", 0.2)


@pytest.fixture
def planted(database: Engine) -> str:
    """The address of a database with that world in it."""
    plant_world(database)
    return database.url.render_as_string(hide_password=False)


@pytest.fixture
def installed(planted: str, tmp_path: Path) -> OpenSettings:
    """Settings on that database, with more of them if a test wants; they take the address of the
    played Telegram last."""

    def more(**options: object) -> Callable[[str], Settings]:
        return lambda telegram: settings_for(planted, tmp_path / "data", telegram, **options)

    return more

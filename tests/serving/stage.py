"""The whole service on a stage: Telegram played on loopback, people who write and press there."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from bot.app import App, open_app
from bot.config import Settings
from bot.serving import Part, Serving
from storage.locks import locks_of
from tests import office
from tests.channels.telegram_server import TOKEN, Call, PlayedTelegram, played_telegram
from tests.serving.people import Crowd

LATEST_SECONDS = 20.0
SHOWN = ("sendMessage", "editMessageText", "sendDocument", "sendPhoto")


def settings_for(database_url: str, data: Path, telegram: str, **more: Any) -> Settings:
    """An installation that talks to the played Telegram."""
    return Settings(
        _env_file=None,
        database_url=database_url,
        data_dir=data,
        telegram_token=TOKEN,
        telegram_api_url=telegram,
        allow_cross_border=True,
        cross_border_basis="测试",
        **{
            "web_port": 0,
            "stop_seconds": 0,
            "queue_seconds": 0.02,
            "push_seconds": 3600,
            **more,
        },
    )


@contextmanager
def opened_app(settings: Settings) -> Iterator[App]:
    """The program, closed at the end."""
    app = open_app(settings)
    try:
        yield app
    finally:
        app.close()


def bind(app: App, **accounts: int) -> None:
    """Give people their Telegram accounts: login and number."""
    with Session(app.engine) as session:
        for login, account in accounts.items():
            office.bind(session, login, str(account), datetime.now(UTC))
        session.commit()


@dataclass
class Stage:
    """The played Telegram and the service that runs on it."""

    telegram: PlayedTelegram
    app: App
    port: int = 0
    crowd: Crowd = field(init=False)

    def __post_init__(self) -> None:
        self.crowd = Crowd(self.telegram)

    def person(self, account: int) -> "Chatter":
        """Somebody with this Telegram account."""
        return Chatter(self, account)

    def shown_to(self, account: int) -> list[Call]:
        """What was sent to a chat, in order."""
        calls = [call for call in self.telegram.calls if call.method in SHOWN]
        return [call for call in calls if str(call.fields["chat_id"]) == str(account)]


@dataclass
class Chatter:
    """One person at Telegram."""

    stage: Stage
    account: int
    seen: int = 0

    async def says(self, text: str) -> int:
        """Write; the number of the message."""
        return await self.stage.crowd.says(self.account, text)

    async def sends(self, **content: Any) -> int:
        """Send something that is no text."""
        return await self.stage.crowd.sends(self.account, **content)

    async def edits(self, number: int, text: str) -> None:
        """Change what was written."""
        await self.stage.crowd.edits(self.account, number, text)

    async def presses(self, label: str) -> None:
        """Press a button of the newest card that has it."""
        for call in reversed(self.stage.shown_to(self.account)):
            for button in _buttons(call):
                if button["text"] == label:
                    await self.stage.crowd.presses(
                        self.account, button["callback_data"], call.result_id
                    )
                    return
        raise AssertionError(f"no button {label} in {self.texts}")

    async def hears(self, words: str) -> str:
        """Wait for something not heard before that holds the words."""
        end = time.monotonic() + LATEST_SECONDS
        while time.monotonic() < end:
            texts = self.texts
            for number in range(self.seen, len(texts)):
                if words in texts[number]:
                    self.seen = number + 1
                    return texts[number]
            await asyncio.sleep(0.01)
        raise AssertionError(f"not heard: {words}\nbut: {self.texts[self.seen :]}")

    async def hears_nothing(self, seconds: float = 0.3) -> None:
        """Nothing new comes for a while."""
        await asyncio.sleep(seconds)
        assert self.texts[self.seen :] == []

    @property
    def texts(self) -> list[str]:
        """All texts that were sent to this chat."""
        return [
            call.fields.get("text") or f"〔{_file_name(call)}〕"
            for call in self.stage.shown_to(self.account)
        ]


def _buttons(call: Call) -> list[dict[str, str]]:
    markup = call.fields.get("reply_markup") or "{}"
    keyboard = json.loads(markup) if isinstance(markup, str) else markup
    return [button for row in keyboard.get("inline_keyboard", []) for button in row]


def _file_name(call: Call) -> str:
    uploads = [upload.get("filename", "") for upload in call.uploads.values()]
    return uploads[0] if uploads else call.method


@asynccontextmanager
async def on_stage(
    open_settings: Callable[[str], Settings], part: Part = Part.ALL
) -> AsyncIterator[Stage]:
    """Everything running; `open_settings` gets the address of the played Telegram."""
    async with played_telegram() as telegram:
        with opened_app(open_settings(telegram.url)) as app:
            async with served(app, part) as port:
                yield Stage(telegram, app, port)


@asynccontextmanager
async def served(app: App, part: Part = Part.ALL) -> AsyncIterator[int]:
    """The service running on an open program; the port of its web server."""
    with locks_of(app.engine) as locks:
        started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        serving = Serving(app, locks, part, started=started.set_result)
        running = asyncio.create_task(serving.run())
        either: set[asyncio.Future[Any]] = {started, running}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        try:
            yield started.result()
        finally:
            serving.stop()
            await running

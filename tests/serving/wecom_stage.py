"""The service with WeCom played on loopback: members who write, press and see what is shown."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from bot.app import App
from bot.config import Settings
from bot.serving import Part
from storage.accounts import bind, with_login
from tests.channels.wecom_callbacks import AES_KEY, CALLBACK_TOKEN, Delivery
from tests.channels.wecom_plain_caller import PlainCaller, plain_caller
from tests.channels.wecom_server import AGENT, CORP, SECRET, PlayedWeCom, Shown, played_wecom
from tests.serving.stage import LATEST_SECONDS, opened_app, served

OpenWith = Callable[[str], Settings]


def wecom_options(api_url: str) -> dict[str, Any]:
    """The settings of an app at the played WeCom."""
    return {
        "wecom_corp_id": CORP,
        "wecom_agent_id": AGENT,
        "wecom_secret": SECRET,
        "wecom_token": CALLBACK_TOKEN,
        "wecom_aes_key": AES_KEY,
        "wecom_api_url": api_url,
    }


def wecom_settings(database_url: str, data: Path, api_url: str, **more: Any) -> Settings:
    """An installation with nothing but that app."""
    quick = {"web_port": 0, "stop_seconds": 3, "queue_seconds": 0.02, "push_seconds": 3600}
    return Settings(
        _env_file=None,
        database_url=database_url,
        data_dir=data,
        **{**wecom_options(api_url), **quick, **more},
    )


def wecom_variables(api_url: str) -> dict[str, str]:
    """The same as variables of a process."""
    return {name.upper(): str(value) for name, value in wecom_options(api_url).items()}


def join(database: Engine, *logins: str, channel: str = "wecom") -> None:
    """Bind people to members of the corp who have their login as UserID."""
    now = datetime.now(UTC)
    with Session(database) as session:
        for login in logins:
            person = with_login(session, login)
            assert person is not None, login
            bind(session, person, channel, login, chat=login, now=now)
        session.commit()


@dataclass
class WeComStage:
    """The played WeCom, the service on it, and WeCom's calls to it."""

    wecom: PlayedWeCom
    app: App
    caller: PlainCaller

    def member(self, account: str) -> "Member":
        """Somebody in the corp."""
        return Member(self, account)


@dataclass
class Member:
    """One person at the app."""

    stage: WeComStage
    account: str
    seen: int = 0

    async def says(self, text: str, **how: Any) -> Delivery:
        """Write."""
        return await self.stage.caller.says(self.account, text, **how)

    async def presses(self, label: str) -> Delivery:
        """Press a button of the newest card that has it, as soon as there is one."""
        end = time.monotonic() + LATEST_SECONDS
        while (found := self._button(label)) is None:
            assert time.monotonic() < end, f"no button {label} in {self.texts}"
            await asyncio.sleep(0.01)
        card, key = found
        code = self.stage.wecom.new_code(self.account, card)
        return await self.stage.caller.presses(self.account, card, key, response_code=code)

    def _button(self, label: str) -> tuple[str, str] | None:
        """The card and the key of a button that can be pressed."""
        for shown in reversed(self.shown):
            for key, name in shown.buttons.items():
                if name == label and shown.clickable:
                    return shown.task_id, key
        return None

    async def hears(self, words: str, kind: str | None = None) -> Shown:
        """Wait for something of that kind not seen before that holds the words, in its text or
        title."""
        end = time.monotonic() + LATEST_SECONDS
        while time.monotonic() < end:
            for place, shown in list(enumerate(self.shown))[self.seen :]:
                told = f"{shown.title}\n{shown.text}\n{shown.name}"
                if words in told and kind in {None, shown.kind}:
                    self.seen = place + 1
                    return shown
            await asyncio.sleep(0.01)
        raise AssertionError(f"not heard: {words}\nbut: {self.texts[self.seen :]}")

    async def hears_nothing(self, seconds: float = 0.3) -> None:
        """Nothing new comes for a while."""
        await asyncio.sleep(seconds)
        assert self.texts[self.seen :] == []

    @property
    def shown(self) -> list[Shown]:
        """What this person sees, in order."""
        return self.stage.wecom.shown_to(self.account)

    @property
    def texts(self) -> list[str]:
        """The same as words."""
        return [f"{shown.title} {shown.text} {shown.name}".strip() for shown in self.shown]


@asynccontextmanager
async def on_wecom(
    open_settings: OpenWith,
    *,
    part: Part = Part.ALL,
    bound: tuple[str, ...] = ("tangning",),
    others: tuple[str, ...] = (),
) -> AsyncIterator[WeComStage]:
    """Everything running; `open_settings` gets the address of the played WeCom. Who is bound has
    the login as UserID, too; `others` are in the corp and bound to nobody."""
    async with played_wecom(members=(*bound, *others)) as wecom:
        with opened_app(open_settings(wecom.url)) as app:
            join(app.engine, *bound)
            async with served(app, part) as port, called_at(port) as caller:
                yield WeComStage(wecom, app, caller)


@asynccontextmanager
async def called_at(port: int, **line: Any) -> AsyncIterator[PlainCaller]:
    """WeCom calls the service on this port."""
    address = f"http://127.0.0.1:{port}/wecom/callback"
    async with plain_caller(
        address,
        token=CALLBACK_TOKEN,
        aes_key=AES_KEY,
        **{"corp_id": CORP, "agent_id": AGENT, **line},
    ) as caller:
        yield caller

"""`menu`: every platform gets its command menu now, and says what came of it."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from bot.app import App, open_app
from bot.channel import MenuItem, UnreachableError
from bot.config import Settings
from bot.entry import main
from bot.menus import NO_MENU, Outcome, set_menu, set_menus
from bot.serving import NoChannelError
from storage.accounts import lose
from tests.channels.played import PlayedChannel
from tests.channels.telegram_server import TOKEN, Fault, PlayedTelegram, played_telegram
from tests.channels.wecom_callbacks import AES_KEY, CALLBACK_TOKEN
from tests.channels.wecom_server import AGENT, CORP, SECRET, PlayedWeCom, Trouble, played_wecom
from tests.office import plant_world
from tests.serving.outages import NOW
from tests.serving.stage import bind

DONE = "菜单已更新，手机上几分钟后可见"


@dataclass
class Platforms:
    """Both platforms, played, and the settings to reach them."""

    telegram: PlayedTelegram
    wecom: PlayedWeCom

    @property
    def options(self) -> dict[str, Any]:
        """Of an app and a bot."""
        return {
            "wecom_corp_id": CORP,
            "wecom_agent_id": AGENT,
            "wecom_secret": SECRET,
            "wecom_token": CALLBACK_TOKEN,
            "wecom_aes_key": AES_KEY,
            "wecom_api_url": self.wecom.url,
            "telegram_token": TOKEN,
            "telegram_api_url": self.telegram.url,
            "allow_cross_border": True,
            "cross_border_basis": "测试",
        }


@pytest.fixture
def planted(sqlite: Engine) -> str:
    """The address of a database with the world of the dialogues."""
    plant_world(sqlite)
    return sqlite.url.render_as_string(hide_password=False)


def command(
    database: str,
    folder: Path,
    prepare: Callable[[Platforms, App], object] = lambda *_: None,
    **more: Any,
) -> tuple[list[Outcome], Platforms]:
    """What the command says, run in another thread as if from another process."""

    async def play() -> tuple[list[Outcome], Platforms]:
        async with AsyncExitStack() as stack:
            telegram = await stack.enter_async_context(played_telegram())
            wecom = await stack.enter_async_context(played_wecom())
            platforms = Platforms(telegram, wecom)
            options = {**platforms.options, **more}
            app = open_app(
                Settings(_env_file=None, database_url=database, data_dir=folder, **options)
            )
            stack.callback(app.close)
            prepare(platforms, app)
            return await asyncio.to_thread(set_menus, app), platforms

    return asyncio.run(play())


def menus(telegram: PlayedTelegram) -> dict[str, set[str]]:
    """The commands that were set at Telegram, for everybody (the chat is empty) and by chat."""
    set_by = {}
    for call in telegram.sent("setMyCommands"):
        scope, commands = json.loads(call["scope"]), json.loads(call["commands"])
        set_by[str(scope.get("chat_id", ""))] = {each["command"] for each in commands}
    return set_by


def test_each_platform_gets_its_menu(planted: str, tmp_path: Path) -> None:
    outcomes, platforms = command(
        planted, tmp_path, lambda _, app: bind(app, tangning=501, admin=900)
    )
    assert outcomes == [Outcome(True, f"Telegram：{DONE}"), Outcome(True, f"企业微信：{DONE}")]
    assert platforms.wecom.menu is not None
    assert {each["name"] for each in platforms.wecom.menu} == {"拜访", "待办", "更多"}
    shown = menus(platforms.telegram)
    assert list(shown) == ["", "501", "900"]
    assert shown[""] == shown["501"] >= {"next", "brief"}
    assert "next" not in shown["900"]


class LeftBy(PlayedChannel):
    """A platform where nothing reaches 503 any more, as nobody knows yet."""

    async def offer_menu(self, chat: str | None, items: Sequence[MenuItem]) -> None:
        """Everybody else gets it."""
        if chat == "503":
            raise UnreachableError("gone")
        await super().offer_menu(chat, items)


def test_who_is_out_of_reach_needs_no_menu(planted: str, tmp_path: Path) -> None:
    channel = LeftBy()
    app = open_app(Settings(_env_file=None, database_url=planted, data_dir=tmp_path))
    try:
        bind(app, tangning=501, luowei=503, admin=900)
        with Session(app.engine) as session:
            lose(session, "telegram", "501", now=NOW)
            session.commit()
        assert asyncio.run(set_menu(app, channel)).ok
    finally:
        app.close()
    assert list(channel.menus) == [None, "900"]


def test_a_platform_that_asks_to_wait_is_asked_again(planted: str, tmp_path: Path) -> None:
    def slow(platforms: Platforms, _: App) -> None:
        late = {"retry_after": 1}
        busy = Fault("setMyCommands", 429, "Too Many Requests: retry after 1", parameters=late)
        platforms.telegram.faults.append(busy)

    outcomes, platforms = command(planted, tmp_path, slow)
    assert outcomes[0] == Outcome(True, f"Telegram：{DONE}")
    assert "" in menus(platforms.telegram)


def test_one_that_asks_to_wait_long_is_left_alone(planted: str, tmp_path: Path) -> None:
    outcomes, _ = command(planted, tmp_path, lambda at, _: at.wecom.refuse(45009, "menu/create"))
    assert outcomes[0].ok
    assert not outcomes[1].ok
    assert "对方说太频繁，请过几分钟再来" in outcomes[1].words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (60020, "服务器的 IP 不在「企业可信IP」里"),
        (48002, "没有权限"),
        (301002, "AgentId 不对，或和 Secret 不是同一个应用的"),
        (40018, "对方没收下"),
    ],
)
def test_one_that_refuses_says_what_to_do_and_the_others_get_theirs(
    code: int, words: str, planted: str, tmp_path: Path
) -> None:
    outcomes, platforms = command(
        planted, tmp_path, lambda at, _: at.wecom.refuse(code, "menu/create")
    )
    assert outcomes[0].ok
    told = f"企业微信：菜单没有更新，{words}。请运行 python -m bot doctor，它会说怎么改"
    assert outcomes[1] == Outcome(False, told)
    assert platforms.wecom.menu is None


def test_a_wrong_secret_is_told_and_not_shown(planted: str, tmp_path: Path) -> None:
    outcomes, _ = command(planted, tmp_path, wecom_secret="geheim")
    assert "Secret 不对" in outcomes[1].words
    assert "geheim" not in outcomes[1].words


def test_one_that_is_out_of_reach_does_not_keep_the_others(planted: str, tmp_path: Path) -> None:
    outcomes, _ = command(planted, tmp_path, lambda at, _: at.wecom.trouble(Trouble.DROP, times=9))
    assert [outcome.ok for outcome in outcomes] == [True, False]
    assert "连不上" in outcomes[1].words


def test_the_bot_has_no_menu_and_is_not_connected_to(planted: str, tmp_path: Path) -> None:
    bot: dict[str, Any] = {
        "wecom_bot_id": "b",
        "wecom_bot_secret": "s",
        "wecom_bot_url": "ws://127.0.0.1:1",
    }
    outcomes, _ = command(planted, tmp_path, **bot)
    assert Outcome(True, f"企业微信机器人：{NO_MENU}") in outcomes


def test_without_a_platform_it_says_how_to_get_one(planted: str, tmp_path: Path) -> None:
    app = open_app(Settings(_env_file=None, database_url=planted, data_dir=tmp_path))
    try:
        with pytest.raises(NoChannelError) as problem:
            set_menus(app)
    finally:
        app.close()
    assert "docs/wecom.md" in problem.value.sentence


def test_the_command_says_it_and_ends_with_1_when_one_failed(
    planted: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def play() -> tuple[int, int]:
        async with played_wecom() as wecom:
            options = Platforms(PlayedTelegram(), wecom).options
            for name in Settings.model_fields:
                monkeypatch.delenv(name.upper(), raising=False)
            monkeypatch.chdir(tmp_path)
            monkeypatch.setenv("DATABASE_URL", planted)
            for name, value in options.items():
                if name.startswith("wecom"):
                    monkeypatch.setenv(name.upper(), str(value))
            good = await asyncio.to_thread(main, ["menu"])
            wecom.trusted_ips = set()
            return good, await asyncio.to_thread(main, ["menu"])

    assert asyncio.run(play()) == (0, 1)
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"✓ 企业微信：{DONE}"
    assert out[1].startswith("✗ 企业微信：菜单没有更新，服务器的 IP 不在")

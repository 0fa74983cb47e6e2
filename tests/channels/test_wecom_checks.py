"""Doctor at WeCom's app: the secret, the id, the trusted address, who sees it, the menu, what lies
waiting."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.checks import check_channels
from bot.channels.wecom.checks import WAIT_SECONDS, lies_open, shown
from bot.channels.wecom.crypto import Seal
from bot.channels.wecom.errors import SETUP
from bot.channels.wecom.spool import Call, Spool
from bot.config import Settings
from bot.finding import Finding
from tests.channels.wecom_callbacks import AES_KEY, CALLBACK_TOKEN
from tests.channels.wecom_server import AGENT, CORP, SECRET, PlayedWeCom, Trouble, played_wecom

NOW = datetime(2026, 11, 3, 9, 40, tzinfo=UTC)
MENU: list[dict[str, Any]] = [
    {"name": "拜访", "sub_button": [{"type": "click", "name": "下一个", "key": "/next"}]},
    {"type": "click", "name": "待办", "key": "/todo"},
]
SECRETS = (SECRET, CALLBACK_TOKEN, AES_KEY)

Prepare = Callable[[PlayedWeCom], object]


def settings(folder: Path, **more: Any) -> Settings:
    """An installation with an app."""
    app = {
        "wecom_corp_id": CORP,
        "wecom_agent_id": AGENT,
        "wecom_secret": SECRET,
        "wecom_token": CALLBACK_TOKEN,
        "wecom_aes_key": AES_KEY,
        "data_dir": folder,
    }
    return Settings(_env_file=None, **{**app, **more})


def checked(folder: Path, *prepare: Prepare, **more: Any) -> dict[str, Finding]:
    """What is found at a played WeCom, from another thread, as the command does."""

    async def play() -> list[Finding]:
        async with played_wecom() as wecom:
            wecom.menu = list(MENU)
            for each in prepare:
                each(wecom)
            given = settings(folder, **{"wecom_api_url": wecom.url, **more})
            found = await asyncio.to_thread(check_channels, given, NOW)
            assert not any(token in str(found) for token in wecom.tokens)
            return found

    found = asyncio.run(play())
    assert not any(secret in str(found) for secret in SECRETS)
    return {one.about: one for one in found}


def wrong(found: dict[str, Finding]) -> dict[str, str]:
    return {one.about: one.words for one in found.values() if not one.ok}


def test_without_an_app_nothing_is_looked_at(tmp_path: Path) -> None:
    assert check_channels(Settings(_env_file=None, data_dir=tmp_path), NOW) == []


def test_an_app_that_is_set_up_right(tmp_path: Path) -> None:
    assert list(checked(tmp_path).values()) == [
        Finding(True, "企业微信", "应用「拜访助手」连得上，可见范围 2 人"),
        Finding(True, "企业微信 菜单", "已设好：拜访、待办"),
        Finding(True, "企业微信 积压", "没有等着存的消息"),
    ]


def test_looking_changes_nothing_and_costs_nobody_a_token(tmp_path: Path) -> None:
    async def play() -> None:
        async with played_wecom() as wecom:
            given = settings(tmp_path, wecom_api_url=wecom.url)
            for _ in range(2):
                await asyncio.to_thread(check_channels, given, NOW)
            assert [call.path for call in wecom.calls] == ["gettoken", "agent/get", "menu/get"] * 2
            assert len(wecom.tokens) == 1
            assert not list(tmp_path.iterdir())

    asyncio.run(play())


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"wecom_corp_id": "ww-other"},
            "「我的企业」最下面的「企业ID」，填到 WECOM_CORP_ID（40013）",
        ),
        ({"wecom_secret": "old-secret"}, "Secret「查看」，填到 WECOM_SECRET（40001）"),
        ({"wecom_agent_id": 1000009}, "名称下面就是 AgentId，填到 WECOM_AGENT_ID（40056）"),
    ],
)
def test_a_wrong_setting_says_where_the_right_one_stands(
    changed: dict[str, Any], words: str, tmp_path: Path
) -> None:
    found = wrong(checked(tmp_path, **changed))
    assert list(found) == ["企业微信"]
    assert words in found["企业微信"]
    assert "old-secret" not in found["企业微信"]


def test_the_id_of_another_app(tmp_path: Path) -> None:
    found = wrong(
        checked(tmp_path, lambda wecom: wecom.other_agents.add(1000009), wecom_agent_id=1000009)
    )
    assert "AgentId 和 Secret 不是同一个应用的" in found["企业微信"]


def test_an_address_that_is_not_trusted_is_named(tmp_path: Path) -> None:
    def distrust(wecom: PlayedWeCom) -> None:
        wecom.trusted_ips, wecom.seen_ip = {"1.1.1.1"}, "203.0.113.9"

    words = wrong(checked(tmp_path, distrust))["企业微信"]
    assert "「企业可信IP」→ 配置，加上 203.0.113.9" in words
    assert "60020" in words


@pytest.mark.parametrize("code", sorted(SETUP))
@pytest.mark.parametrize("path", ["gettoken", "agent/get"])
def test_every_code_of_the_table_is_told_with_what_to_click(
    code: int, path: str, tmp_path: Path
) -> None:
    words = wrong(checked(tmp_path, lambda wecom: wecom.refuse(code, path)))["企业微信"]
    assert words.endswith(f"（{code}）")
    assert SETUP[code].advice.split("{")[0] in words


@pytest.mark.parametrize(
    ("code", "words"),
    [(-1, "太忙或调用太频繁"), (45009, "太忙或调用太频繁"), (40999, "devtool/query?e=40999")],
)
def test_other_codes(code: int, words: str, tmp_path: Path) -> None:
    found = wrong(checked(tmp_path, lambda wecom: wecom.refuse(code, "gettoken")))
    assert words in found["企业微信"]


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (Trouble.ERROR, "现在有故障或太忙（500），请稍后再看"),
        (Trouble.GARBAGE, "不像企业微信的接口，请检查 WECOM_API_URL"),
        (Trouble.DROP, "连不上"),
    ],
)
@pytest.mark.parametrize("path", ["gettoken", "agent/get", "menu/get"])
def test_trouble_at_the_server(trouble: Trouble, words: str, path: str, tmp_path: Path) -> None:
    found = wrong(checked(tmp_path, lambda wecom: wecom.trouble(trouble, path)))
    assert list(found) == ["企业微信"]
    assert words in found["企业微信"]


def test_a_server_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert WAIT_SECONDS < 10
    monkeypatch.setattr("bot.channels.wecom.checks.WAIT_SECONDS", 0.2)
    found = wrong(checked(tmp_path, lambda wecom: wecom.trouble(Trouble.HANG)))
    assert "连不上" in found["企业微信"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:1", "http://127.0.0.1:1 连不上：检查网络"),
        ("https://127.0.0.1:99999/x", "连不上"),
        ("https://me:geheim@127.0.0.1:1", "https://127.0.0.1:1 连不上"),
        ("http://qyapi.weixin.qq.com", "会明文经过公网：请改成 https:// 开头的"),
    ],
)
def test_an_address_that_leads_nowhere(address: str, words: str, tmp_path: Path) -> None:
    found = check_channels(settings(tmp_path, wecom_api_url=address), NOW)
    assert words in found[0].words
    assert not any(secret in str(found) for secret in (*SECRETS, "geheim"))


@pytest.mark.parametrize(
    "address",
    [
        "https://qyapi.weixin.qq.com",
        "http://10.1.2.3:8080",
        "http://wecom",
        "http://wecom.corp.lan",
    ],
)
def test_an_address_that_keeps_the_secret(address: str) -> None:
    assert lies_open(address, "WECOM_API_URL") is None


def test_an_address_is_shown_without_its_password() -> None:
    assert shown("https://me:geheim@wecom.example.com:8443/api/") == (
        "https://wecom.example.com:8443/api"
    )


def test_an_app_that_nobody_sees(tmp_path: Path) -> None:
    words = wrong(checked(tmp_path, lambda wecom: wecom.members.clear()))["企业微信"]
    assert "可见范围是空的" in words
    assert "「可见范围」→ 编辑" in words


def test_an_app_without_a_menu(tmp_path: Path) -> None:
    def forget(wecom: PlayedWeCom) -> None:
        wecom.menu = None

    found = wrong(checked(tmp_path, forget))
    assert found == {"企业微信 菜单": "还没有，请运行 python -m bot menu"}


def test_a_menu_that_may_not_be_seen(tmp_path: Path) -> None:
    found = wrong(checked(tmp_path, lambda wecom: wecom.refuse(48002, "menu/get")))
    assert "应用没有这个接口的权限" in found["企业微信 菜单"]


def test_what_lies_waiting_is_counted(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool" / "wecom")
    for number in range(3):
        spool.put(Call(Seal("s", "1", str(number)), b"<xml/>"), float(number))
    first, _ = next(iter(spool.waiting()))
    spool.put_aside(first)
    words = wrong(checked(tmp_path))["企业微信 积压"]
    assert "有 2 条还没存进数据库" in words
    assert "有 1 条怎么也存不进去" in words
    assert str(tmp_path) in words

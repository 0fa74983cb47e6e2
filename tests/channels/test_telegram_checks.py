"""Doctor at Telegram: the token, the webhook, and what Telegram says about its last call."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.checks import check_channels
from bot.channels.telegram.checks import WHAT_TO_CHECK, wrong_address
from bot.config import Settings
from bot.finding import Finding
from tests.channels.telegram_server import (
    TOKEN,
    Fault,
    Fields,
    KeptInbox,
    channel_to,
    message,
    played_telegram,
    receiving,
    until,
)

NOW = datetime(2026, 11, 3, 9, 40, tzinfo=UTC)
WEBHOOK = "https://bot.example.com"
REGISTERED = f"{WEBHOOK}/telegram/updates"


def settings(**more: Any) -> Settings:
    """An installation with a bot."""
    basis = {"allow_cross_border": True, "cross_border_basis": "测试"}
    return Settings(_env_file=None, **{"telegram_token": TOKEN, **basis, **more})


def checked(*faults: Fault, said: bool = False, **more: Any) -> list[Finding]:
    """What is found at a played Telegram, from another thread, as the command does."""

    async def play() -> list[Finding]:
        async with played_telegram() as server:
            server.faults += faults
            if said:
                await server.says(message=message("您好"))
            options = {"telegram_api_url": server.url, **more}
            return await asyncio.to_thread(check_channels, settings(**options), NOW)

    return asyncio.run(play())


def told(info: Fields) -> Fault:
    """What the server says about the webhook."""
    body = {"ok": True, "result": {"url": "", "pending_update_count": 0, **info}}
    return Fault("getWebhookInfo", status=200, body=json.dumps(body))


def test_without_a_bot_nothing_is_looked_at() -> None:
    assert check_channels(Settings(_env_file=None), NOW) == []


def test_a_good_token_and_polling() -> None:
    assert checked() == [
        Finding(True, "Telegram", "机器人 @RepMateBot 连得上"),
        Finding(True, "Telegram 收消息", "轮询，没有消息在等"),
    ]


def test_messages_that_wait_are_counted() -> None:
    assert "有 1 条消息在等" in checked(said=True)[1].words


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("getMe", 401, "Unauthorized"), "不接受这个 token，请核对 TELEGRAM_TOKEN"),
        (Fault("getMe", 404, "Not Found"), "不接受这个 token"),
        (Fault("getMe", 502), "现在有故障或太忙（502）"),
        (Fault("getMe", 429, "Too Many Requests: retry after 9"), "现在有故障或太忙（429）"),
        (Fault("getMe", 200, body="<html>您好</html>"), "不像 Bot API 服务器"),
        (Fault("getMe", 404, body="nothing here"), "不像 Bot API 服务器"),
        (Fault("getMe", 200, body='{"ok": true, "result": null}'), "不接受这个 token"),
        (Fault("getWebhookInfo", 500), "现在有故障或太忙（500）"),
    ],
)
def test_what_is_wrong_at_the_server_is_told_without_the_token(fault: Fault, words: str) -> None:
    wrong = [found for found in checked(fault) if not found.ok]
    assert len(wrong) == 1
    assert words in wrong[0].words
    assert TOKEN not in wrong[0].words
    assert "AAH" not in wrong[0].words


@pytest.mark.parametrize("token", [TOKEN, "7:AAH secret\n of the bot", "7:AAH-秘密/../x?#"])
def test_a_server_that_is_not_there_is_told_without_the_token(token: str) -> None:
    given = settings(telegram_api_url="http://127.0.0.1:1", telegram_token=token)
    (found,) = check_channels(given, NOW)
    assert not found.ok
    assert "AAH" not in found.words


def test_polling_while_a_webhook_is_set_gets_nothing() -> None:
    found = checked(told({"url": "https://other.example.com/x"}))[1]
    assert not found.ok
    assert "设的是轮询" in found.words
    assert "另有一套程序" in found.words


@pytest.mark.parametrize(
    ("info", "words"),
    [
        ({}, f"还没有登记 webhook，收不到消息：启动 serve，它会登记 {REGISTERED}"),
        ({"url": "https://other.example.com/x"}, "登记的是 https://other.example.com/x"),
    ],
)
def test_a_webhook_that_is_not_ours(info: Fields, words: str) -> None:
    found = checked(told(info), telegram_webhook_url=WEBHOOK)[1]
    assert not found.ok
    assert words in found.words


def test_a_webhook_that_serve_has_set_is_fine() -> None:
    async def play() -> list[Finding]:
        async with (
            played_telegram() as server,
            channel_to(server, webhook_url=WEBHOOK) as channel,
            receiving(channel, KeptInbox()),
        ):
            await until(lambda: bool(server.sent("setWebhook")))
            given = settings(telegram_api_url=server.url, telegram_webhook_url=WEBHOOK)
            return await asyncio.to_thread(check_channels, given, NOW)

    assert asyncio.run(play())[1] == Finding(
        True, "Telegram 收消息", f"webhook 已登记：{REGISTERED}，没有消息在等"
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "SSL error {error:0A000086:SSL routines::certificate verify failed}",
            "公开机构签发的证书",
        ),
        ("SSL error {error:0A00042F:SSL routines::tlsv1 alert protocol version}", "TLS"),
        ("Failed to resolve host: Name or service not known", "检查域名和 DNS"),
        ("Bad webhook: IP address 10.0.0.4 is reserved", "指到了内网地址"),
        ("Connection refused", "端口没对外开放"),
        ("Connection timed out", "检查防火墙"),
        ("Read timeout expired", "检查防火墙"),
        ("Network is unreachable", "网络不通"),
        ("Wrong response from the webhook: 401 Unauthorized", "X-Telegram-Bot-Api-Secret-Token"),
        ("Wrong response from the webhook: 403 Forbidden", "403"),
        ("Wrong response from the webhook: 404 Not Found", "/telegram/updates"),
        ("Wrong response from the webhook: 413 Payload Too Large", "413"),
        ("Wrong response from the webhook: 502 Bad Gateway", "WEB_PORT"),
        ("Wrong response from the webhook: 503 Service Unavailable", "先看数据库"),
        ("Wrong response from the webhook: 504 Gateway Timeout", "504"),
        ("Something quite new", "Telegram 的说法：Something quite new"),
    ],
)
def test_the_last_call_that_failed_says_what_to_check(said: str, words: str) -> None:
    at = int(NOW.timestamp()) - 600
    info = {"url": REGISTERED, "pending_update_count": 3, "last_error_date": at}
    found = checked(told({**info, "last_error_message": said}), telegram_webhook_url=WEBHOOK)[1]
    assert not found.ok
    assert words in found.words
    assert "11月3日 09:30 没送进来，有 3 条消息在等" in found.words


def test_every_advice_is_for_words_in_lower_case() -> None:
    assert all(word == word.lower() for word in WHAT_TO_CHECK)


def test_a_failed_call_of_long_ago_is_over_when_nothing_waits() -> None:
    old = {
        "url": REGISTERED,
        "last_error_date": int(NOW.timestamp()) - 7200,
        "last_error_message": "Connection refused",
    }
    assert checked(told(old), telegram_webhook_url=WEBHOOK)[1].ok
    waiting = {**old, "pending_update_count": 2}
    assert not checked(told(waiting), telegram_webhook_url=WEBHOOK)[1].ok


@pytest.mark.parametrize("address", ["http://bot.example.com", "https://bot.example.com:8080"])
def test_an_address_that_telegram_itself_never_calls(address: str) -> None:
    problem = wrong_address(settings(telegram_webhook_url=address))
    assert problem is not None
    assert "443、80、88、8443" in problem

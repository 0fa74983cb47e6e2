"""Doctor at WeCom's AI bot: whether its address answers, without taking the bot from anybody."""

import asyncio
import socket
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from bot.channels.wecom_bot.checks import check_wecom_bot
from bot.config import Settings
from bot.finding import Finding
from tests.channels.wecom_bot_server import BOT, SECRET, played_bot_server

NOW = datetime(2026, 11, 3, 9, 40, tzinfo=UTC)


def checked(address: str) -> Finding:
    """What is found there."""
    given = Settings(
        _env_file=None, wecom_bot_id=BOT, wecom_bot_secret=SECRET, wecom_bot_url=address
    )
    (found,) = check_wecom_bot(given, NOW)
    assert SECRET not in found.words
    return found


def test_without_a_bot_nothing_is_looked_at() -> None:
    assert list(check_wecom_bot(Settings(_env_file=None), NOW)) == []


def test_an_address_that_answers_is_not_logged_in_to() -> None:
    async def play() -> Finding:
        async with played_bot_server() as server:
            found = await asyncio.to_thread(checked, server.url)
            assert server.connections == 1
            assert server.subscriptions == 0
            return found

    found = asyncio.run(play())
    assert found.ok
    assert "连得上" in found.words
    assert "没有登录" in found.words


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ws://127.0.0.1:1", "ws://127.0.0.1:1 连不上：检查网络"),
        ("wss://me:geheim@127.0.0.1:1", "wss://127.0.0.1:1 连不上"),
        ("ws://openws.work.weixin.qq.com", "会明文经过公网：请改成 wss:// 开头的"),
    ],
)
def test_an_address_that_leads_nowhere(address: str, words: str) -> None:
    found = checked(address)
    assert not found.ok
    assert words in found.words
    assert "geheim" not in found.words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (200, "不接长连接（200），请检查 WECOM_BOT_URL"),
        (404, "不接长连接（404）"),
        (502, "现在有故障或太忙（502），请稍后再看"),
    ],
)
def test_a_server_of_web_pages(status: int, words: str) -> None:
    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        found = checked(f"ws://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
    assert not found.ok
    assert words in found.words


def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.wecom_bot.checks.WAIT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = checked(f"ws://127.0.0.1:{silent.getsockname()[1]}")
    assert not found.ok
    assert "连不上" in found.words

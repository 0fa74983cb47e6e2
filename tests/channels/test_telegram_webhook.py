"""The webhook: only Telegram gets in, nothing breaks it, and what is not safe is repeated."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Any

import httpx
import pytest
import structlog
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope

from bot.channels.sayings import INBOX_CLOSED
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.library import TelegramConfig
from bot.channels.telegram.receiving import SECRET_HEADER, WEBHOOK_PATH
from tests.channels.telegram_server import (
    TOKEN,
    Fault,
    Fields,
    KeptInbox,
    Pauses,
    PlayedTelegram,
    channel_to,
    message,
    played_telegram,
    press,
    receiving,
    until,
)

SECRET = "s3cret-of-the-webhook"  # noqa: S105
JSON = "application/json"


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """The events that were logged."""
    with structlog.testing.capture_logs() as events:
        yield events


@asynccontextmanager
async def called(inbox: KeptInbox, **config: Any) -> AsyncIterator[tuple[ASGIApp, PlayedTelegram]]:
    """The web application of a channel in webhook mode, and the server behind it."""
    options = {"webhook_url": "https://bot.example.com/", "webhook_secret": SECRET, **config}
    async with played_telegram() as server, channel_to(server, **options) as channel:
        yield Starlette(routes=channel.routes(inbox)), server


async def call(
    app: ASGIApp, body: bytes | Fields, secret: str | None = SECRET, kind: str = JSON
) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": kind} | ({} if secret is None else {SECRET_HEADER: secret})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        return await client.post(WEBHOOK_PATH, content=content, headers=headers)


def answer_to(body: bytes | Fields, inbox: KeptInbox | None = None, **how: Any) -> httpx.Response:
    async def play() -> httpx.Response:
        async with called(inbox or KeptInbox()) as (app, _):
            return await call(app, body, **how)

    return asyncio.run(play())


def test_a_call_of_telegram_is_taken() -> None:
    inbox = KeptInbox()
    answered = answer_to({"update_id": 1, "message": message("好的")}, inbox)
    assert answered.status_code == 200
    assert inbox.texts == ["好的"]


@pytest.mark.parametrize(
    ("secret", "status"),
    [(SECRET, 200), (None, 401), ("", 401), (SECRET[:-1], 401), (SECRET + "x", 401)],
)
def test_strangers_are_turned_away(secret: str | None, status: int) -> None:
    inbox = KeptInbox()
    answered = answer_to({"update_id": 1, "message": message("好的")}, inbox, secret=secret)
    assert answered.status_code == status
    assert len(inbox.taken) == (status == 200)


def test_a_stranger_is_turned_away_before_the_body_is_read() -> None:
    async def never() -> Message:
        raise AssertionError

    assert asyncio.run(raw_call(never, "错")) == 401


def test_each_process_derives_the_same_secret_from_the_token_alone() -> None:
    one, other = TelegramConfig("7:a", "http://a", "https://x"), TelegramConfig("7:a", "http://b")
    assert one.secret == other.secret != TelegramConfig("7:b", "http://a").secret
    assert len(one.secret) == 64
    assert "7:a" not in repr(one)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", JSON, 400),
        (b"", JSON, 400),
        (b"[]", JSON, 400),
        (b'"x"', JSON, 400),
        (b'{"update_id": "1"}', JSON, 400),
        (b'{"update_id": true}', JSON, 400),
        (b'{"update_id": 1', JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"\xff\xfe", JSON, 400),
        (b'{"update_id": ' + b"9" * 9000 + b"}", JSON, 400),
        (b'{"update_id": 1}', "text/plain", 415),
        (b'{"update_id": 1}', "", 415),
        (b'{"update_id": 1}', "application/json; charset=utf-8", 200),
        (b'{"update_id": 1}', JSON, 200),
        (b'{"update_id": 1, "story": {"x": 1}}', JSON, 200),
        (b'{"update_id": 1, "message": {"text": "x"}}', JSON, 200),
        (b'{"update_id": 1, "x": "' + b" " * 1_048_576 + b'"}', JSON, 413),
    ],
)
def test_odd_calls(body: bytes, kind: str, status: int) -> None:
    assert answer_to(body, kind=kind).status_code == status


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@cache
def any_app() -> ASGIApp:
    """Made once: it takes time to build, and asks no server for anything."""
    config = TelegramConfig(TOKEN, "http://127.0.0.1:9", "https://bot.example.com", SECRET)
    return Starlette(routes=TelegramChannel(config).routes(KeptInbox()))


@given(st.binary() | VALUES.map(lambda value: json.dumps(value).encode()))
def test_no_call_breaks_it(body: bytes) -> None:
    assert asyncio.run(call(any_app(), body)).status_code in {200, 400}


@given(st.dictionaries(st.sampled_from(sorted(message("x"))), VALUES))
def test_no_update_breaks_it(broken: Fields) -> None:
    update = {"update_id": 1, "message": {**message("好"), **broken}}
    assert asyncio.run(call(any_app(), update)).status_code == 200


@pytest.mark.parametrize("failure", [None, ZeroDivisionError("x")])
def test_what_the_inbox_cannot_take_is_repeated_by_telegram(failure: Exception | None) -> None:
    async def play() -> None:
        inbox = KeptInbox.closed(3) if failure is None else KeptInbox(failure, failure, failure)
        async with called(inbox) as (app, server):
            for _ in range(3):
                answered = await call(app, {"update_id": 1, "message": message("好的")})
                assert answered.status_code == 503
                assert answered.headers["Retry-After"] == "15"
            assert (await call(app, {"update_id": 1, "message": message("好的")})).is_success
            await until(lambda: server.texts)
            assert server.texts == [INBOX_CLOSED]
        assert inbox.texts == ["好的"]

    asyncio.run(play())


def test_a_caller_who_hangs_up_breaks_nothing() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    assert asyncio.run(raw_call(gone, SECRET)) == 400


async def raw_call(receive: Receive, secret: str) -> int:
    """The status of the answer to a call whose body behaves so."""
    headers = [(SECRET_HEADER.lower().encode(), secret.encode()), (b"content-type", JSON.encode())]
    scope: Scope = {"type": "http", "method": "POST", "path": WEBHOOK_PATH, "headers": headers}
    sent: list[Message] = []

    async def keep(part: Message) -> None:
        sent.append(part)

    await any_app()({**scope, "query_string": b""}, receive, keep)
    status: int = sent[0]["status"]
    return status


def test_telegram_is_told_where_to_call_through_an_outage() -> None:
    async def play() -> None:
        inbox, pauses = KeptInbox(), Pauses()
        async with (
            played_telegram() as server,
            channel_to(
                server, pauses, webhook_url="https://bot.example.com/x/", webhook_secret=SECRET
            ) as channel,
        ):
            server.faults = [Fault("setWebhook", 502), Fault("setWebhook", 400)]
            async with receiving(channel, inbox):
                await until(lambda: server.sent("setWebhook"))
            assert not channel.receives_alone
        (told,) = server.sent("setWebhook")
        assert told["url"] == f"https://bot.example.com/x{WEBHOOK_PATH}"
        assert told["secret_token"] == SECRET
        assert told["drop_pending_updates"] == "false"
        assert json.loads(told["allowed_updates"]) == [
            "message",
            "edited_message",
            "callback_query",
            "my_chat_member",
        ]
        assert pauses.seconds == [1, 2]

    asyncio.run(play())


def test_telegram_calls_a_real_web_server() -> None:
    async def play() -> None:
        inbox = KeptInbox.closed(1)
        async with served(inbox) as (server, channel), receiving(channel, inbox):
            await until(lambda: server.sent("setWebhook"))
            await server.says(message=message("一"))
            assert (server.waiting(), inbox.texts) == (1, [])
            await server.says(callback_query=press("a.b", "5"))
            assert (server.waiting(), inbox.texts) == (0, ["一", ""])
            await until(lambda: server.sent("answerCallbackQuery"))

    asyncio.run(play())


@asynccontextmanager
async def served(inbox: KeptInbox) -> AsyncIterator[tuple[PlayedTelegram, TelegramChannel]]:
    """A channel in webhook mode behind a web server on loopback."""
    async with played_telegram() as server:
        listener = uvicorn.Config("", port=0).bind_socket()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with channel_to(server, webhook_url=address) as channel:
            app = Starlette(routes=channel.routes(inbox))
            web = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
            task = asyncio.create_task(web.serve(sockets=[listener]))
            await until(partial(getattr, web, "started"))
            yield server, channel
            web.should_exit = True
            await task

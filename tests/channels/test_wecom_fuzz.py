"""Whatever comes to the callback address, there is a clean answer, nothing in the log and no more
memory in use."""

import asyncio
import base64
import gc
import random
import secrets
import struct
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, MutableMapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
import structlog
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.types import Message, Scope

from bot.channels.wecom.channel import WeComChannel
from bot.channels.wecom.receiving import CALLBACK_BYTES, CALLBACK_PATH
from tests.channels.memory_shelf import MemoryShelf
from tests.channels.telegram_server import KeptInbox
from tests.channels.wecom_app_stage import NO_SPOOL, config_at
from tests.channels.wecom_callbacks import AES_KEY, CALLBACK_TOKEN, envelope, xml
from tests.channels.wecom_corp import AGENT, CORP, MEMBER
from tests.channels.wecom_plain_caller import encrypt, sign

START = "not-random-here!"
CLEAN = {200, 400, 403, 413}
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(9))
BOMBS = {
    "billion laughs": f"<!DOCTYPE xml [{LAUGHS}]><xml><Encrypt>&l8;</Encrypt></xml>",
    "a long entity": '<!DOCTYPE xml [<!ENTITY a "{}">]><xml>{}</xml>'.format(
        "a" * 50_000, "&a;" * 50_000
    ),
    "a file": '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    "<xml><Encrypt>&f;</Encrypt></xml>",
    "an address": '<!DOCTYPE xml [<!ENTITY f SYSTEM "http://127.0.0.1:9/">]>'
    "<xml><Encrypt>&f;</Encrypt></xml>",
    "a document type elsewhere": '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/"><xml/>',
    "parameter entities": '<!DOCTYPE xml [<!ENTITY % a "b"> %a;]><xml/>',
    # Each element would get an attribute of 100 kB: gigabytes
    "attributes by declaration": '<!DOCTYPE xml [<!ATTLIST a b CDATA "{}">]><xml>{}</xml>'.format(
        "A" * 100_000, "<a/>" * 30_000
    ),
    "deep": "<xml>" + "<a>" * 15_000,
    "deep and closed": "<xml>" + "<a>" * 15_000 + "</a>" * 15_000 + "</xml>",
    "many": "<xml>" + "<a/>" * 15_000 + "</xml>",
    "many attributes": "<xml {}/>".format(" ".join(f'a{n}="1"' for n in range(20_000))),
}


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """The events that were logged; none tells of an exception."""
    with structlog.testing.capture_logs() as events:
        yield events
    assert not [each for each in events if "exc_info" in each or each["log_level"] == "error"]


@cache
def app() -> Starlette:
    """Made once; its inbox keeps nothing."""
    channel = WeComChannel(config_at("http://127.0.0.1:9"), MemoryShelf(), NO_SPOOL)
    inbox = KeptInbox()
    inbox.offered = inbox.taken = _Nothing()
    return Starlette(routes=channel.routes(inbox))


class _Nothing(list[Any]):
    def append(self, _: Any) -> None:
        """Forget."""


async def chunks(body: bytes, size: int = 65536) -> AsyncIterator[bytes]:
    for start in range(0, max(1, len(body)), size):
        yield body[start : start + size]


async def call(query: str, body: bytes, method: str = "POST") -> tuple[int, int]:
    """The status of the answer, and how many bytes of the body were read."""
    read, sent = 0, list[Message]()
    rest = chunks(body)

    async def receive() -> Message:
        nonlocal read
        try:
            chunk = await anext(rest)
        except StopAsyncIteration:
            return {"type": "http.request", "body": b"", "more_body": False}
        read += len(chunk)
        return {"type": "http.request", "body": chunk, "more_body": True}

    async def send(part: Message) -> None:
        sent.append(part)

    scope: Scope = {
        "type": "http",
        "method": method,
        "path": CALLBACK_PATH,
        "headers": [],
        "query_string": query.encode("latin-1", "replace"),
    }
    await app()(scope, receive, send)
    return sent[0]["status"], read


def status_of(body: bytes, query: str = "") -> int:
    return asyncio.run(call(query, body))[0]


def signed(sealed: str, *, token: str = CALLBACK_TOKEN) -> tuple[str, bytes]:
    """The address and the body of a call with something that claims to be encrypted."""
    signature = sign(token, "1", "2", sealed)
    query = urlencode({"msg_signature": signature, "timestamp": "1", "nonce": "2"})
    return query, envelope(CORP, AGENT, sealed).encode()


def seal(inner: bytes, corp: str = CORP) -> str:
    """Any bytes, encrypted as WeCom does."""
    key = base64.b64decode(AES_KEY + "=")
    plain = secrets.token_bytes(16) + struct.pack(">I", len(inner)) + inner + corp.encode()
    padding = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(
        encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    ).decode()


def inner_status(inner: bytes) -> int:
    query, body = signed(seal(inner))
    return status_of(body, query)


# From strangers


@pytest.mark.parametrize("name", list(BOMBS))
def test_no_bomb_goes_off_outside(name: str) -> None:
    tracemalloc.start()
    try:
        status, _ = asyncio.run(call("", BOMBS[name].encode()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert status == 403
    assert peak < 40_000_000


@pytest.mark.parametrize("name", list(BOMBS))
def test_no_bomb_goes_off_inside(name: str) -> None:
    inner = BOMBS[name].encode()[:180_000]
    tracemalloc.start()
    try:
        assert inner_status(inner) == 200
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"<xml>",
        b"<xml/>",
        b"<a/>",
        b"<xml>words</xml>",
        b"<xml><Encrypt/></xml>",
        b"<xml><Encrypt></Encrypt></xml>",
        b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>",
        b"<xml><Encrypt><b>c</b></Encrypt></xml>",
        b'<xml><Encrypt a="b">c</Encrypt></xml>',
        b"<xml>\xff\xfe</xml>",
        b'<?xml version="1.0" encoding="x-none"?><xml/>',
        b'<?xml version="1.0" encoding="utf-7"?><xml/>',
        b'<?xml version="1.0" encoding="utf-32"?><xml/>',
        "<xml><Encrypt>好</Encrypt></xml>".encode("utf-16"),
        "<xml><Encrypt>好</Encrypt></xml>".encode("gbk"),
        b"\0" * 1000,
        b'{"encrypt": "x"}',
        b"<xml><Encrypt>a</Encrypt></xml>junk",
    ],
)
def test_what_is_no_envelope_is_turned_away(body: bytes) -> None:
    assert status_of(body) == 403
    assert status_of(body, "msg_signature=%FF&timestamp=&nonce=%00") == 403


@pytest.mark.parametrize(
    "query",
    [
        "",
        "msg_signature=",
        "msg_signature=x&timestamp=1&nonce=2&echostr=x",
        "msg_signature=%E5%A5%BD&timestamp=%FF&nonce=%00&echostr=%E5",
        "msg_signature=a&msg_signature=b&echostr=a&echostr=b",
        "&&&===%%%",
        "echostr=" + "A" * 60_000,
    ],
)
def test_no_address_is_verified_for_strangers(query: str) -> None:
    assert asyncio.run(call(query, b"", "GET"))[0] == 403
    assert status_of(b"<xml><Encrypt>a</Encrypt></xml>", query) == 403


@pytest.mark.parametrize(
    ("sealed", "status"),
    [
        ("", 403),
        ("x", 403),
        ("AAAA", 403),
        (encrypt("123", AES_KEY, "wwother", START), 403),
        (encrypt("123", AES_KEY, CORP, START), 200),
    ],
)
def test_an_address_is_verified_by_what_can_be_decrypted(sealed: str, status: int) -> None:
    query, _ = signed(sealed)
    address = f"{query}&{urlencode({'echostr': sealed})}"
    assert asyncio.run(call(address, b"", "GET"))[0] == status


def test_of_a_giant_only_the_beginning_is_read() -> None:
    status, read = asyncio.run(call("", b"<xml>" + b"a" * 10_000_000))
    assert status == 413
    assert read <= CALLBACK_BYTES + 65536


def test_a_caller_who_hangs_up_breaks_nothing() -> None:
    sent: list[Message] = []

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(part: Message) -> None:
        sent.append(part)

    scope = {"type": "http", "method": "POST", "path": CALLBACK_PATH, "headers": []}
    asyncio.run(app()({**scope, "query_string": b""}, gone, send))
    assert sent[0]["status"] == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods(method: str) -> None:
    assert asyncio.run(call("", b"", method))[0] == 405


# With a right signature


@pytest.mark.parametrize(
    "sealed",
    [
        "",
        "x",
        "====",
        "好",
        "A" * 43,
        base64.b64encode(b"x" * 15).decode(),
        base64.b64encode(b"x" * 16).decode(),
        base64.b64encode(b"x" * 64).decode(),
        encrypt("<xml/>", AES_KEY, "", START),
        encrypt("<xml/>", AES_KEY, "wwother", START),
        encrypt("<xml/>", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", CORP, START),
    ],
)
def test_what_cannot_be_opened_is_turned_away(sealed: str) -> None:
    query, body = signed(sealed)
    assert status_of(body, query) == 403


@pytest.mark.parametrize(
    "inner",
    [
        b"",
        b"not xml",
        b"<xml>",
        b"<xml/>",
        b"<xml></xml>",
        b"<other><MsgType>text</MsgType></other>",
        b"\xff\xfe",
        "<xml><FromUserName>好</FromUserName></xml>".encode("utf-16"),
        b"<xml><FromUserName>a</FromUserName><FromUserName>b</FromUserName></xml>",
        b"<xml><FromUserName><b/></FromUserName><MsgType>text</MsgType></xml>",
        xml(FromUserName=MEMBER, MsgType="poem", AgentID=AGENT).encode(),
        xml(FromUserName=MEMBER, MsgType="text", AgentID="x", Content="好").encode(),
        xml(FromUserName=MEMBER, MsgType="event", Event="poem", AgentID=AGENT).encode(),
    ],
)
def test_odd_messages_are_acknowledged(inner: bytes) -> None:
    assert inner_status(inner) in {200, 403}


def test_words_may_look_like_anything() -> None:
    for words in ("<!DOCTYPE html>", "<!ENTITY a 'b'>", "&lol;", "]]>", "<?xml?>"):
        inbox = KeptInbox()
        channel = WeComChannel(config_at("http://127.0.0.1:9"), MemoryShelf(), NO_SPOOL)
        own = Starlette(routes=channel.routes(inbox))
        inner = xml(FromUserName=MEMBER, MsgType="text", Content=words, MsgId=1, AgentID=AGENT)
        query, body = signed(seal(inner.encode()))
        asyncio.run(_posted(own, query, body))
        assert inbox.texts == [words]


async def _posted(own: Starlette, query: str, body: bytes) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(_: Message) -> None: ...

    scope = {"type": "http", "method": "POST", "path": CALLBACK_PATH, "headers": []}
    await own({**scope, "query_string": query.encode()}, receive, send)


@given(st.binary(max_size=400))
def test_no_body_breaks_it(body: bytes) -> None:
    assert status_of(body) == 403


@given(st.binary(max_size=400), st.sampled_from([CORP, "", "wwother"]))
def test_no_message_breaks_it(inner: bytes, corp: str) -> None:
    query, body = signed(seal(inner, corp))
    assert status_of(body, query) in {200, 403}


@given(st.binary(min_size=16, max_size=320))
def test_no_bytes_with_a_right_signature_break_it(data: bytes) -> None:
    query, body = signed(base64.b64encode(data).decode())
    assert status_of(body, query) == 403


# Thousands of them


def every_kind(number: int) -> Iterable[tuple[str, bytes]]:
    """Calls of all kinds, different each time."""
    junk = random.randbytes(200)  # noqa: S311
    text = xml(FromUserName=MEMBER, MsgType="text", Content=f"{number}", MsgId=number)
    yield "", junk
    yield "", b"<xml><Encrypt>" + base64.b64encode(junk) + b"</Encrypt></xml>"
    yield signed(base64.b64encode(junk[:192]).decode())
    yield signed(seal(junk))
    yield signed(seal(text.encode()))
    yield signed(seal(text.encode()), token="of-a-stranger")
    yield "", BOMBS["a file"].encode()
    yield signed(seal(BOMBS["billion laughs"].encode()))


async def _storm(rounds: int) -> Counter[int]:
    statuses: Counter[int] = Counter()
    for number in range(rounds):
        for query, body in every_kind(number):
            status, _ = await call(query, body)
            statuses[status] += 1
    return statuses


def test_thousands_of_calls_leave_nothing_behind(
    logged: list[MutableMapping[str, Any]],
) -> None:
    asyncio.run(_storm(20))
    logged.clear()
    gc.collect()
    tracemalloc.start()
    try:
        asyncio.run(_storm(20))
        logged.clear()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        statuses = asyncio.run(_storm(130))
        assert logged
        logged.clear()
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert set(statuses) <= CLEAN
    assert grown < 300_000

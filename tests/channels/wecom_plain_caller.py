"""WeCom's callbacks made in Python alone, for tests and benchmarks that must be quick or have no
node."""

import asyncio
import base64
import hashlib
import secrets
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Unpack

import httpx2 as httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.channels.wecom_callbacks import (
    AES_KEY,
    CALLBACK_TOKEN,
    CallbackCaller,
    Delivery,
    Line,
    Manner,
    envelope,
)

BLOCK = 32
# Waiting for a free connection must not count as a slow answer
NO_LIMITS = httpx.Limits(max_connections=None)


def encrypt(text: str, aes_key: str, receive_id: str, start: str = "") -> str:
    """A text as WeCom encrypts it: AES-256-CBC, the iv is the key's start, padded to 32 bytes.
    `start` are the 16 bytes that are random otherwise."""
    key = base64.b64decode(aes_key + "=")
    data = text.encode()
    first = start.encode() or secrets.token_bytes(16)
    plain = first + struct.pack(">I", len(data)) + data + receive_id.encode()
    padding = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def sign(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """The msg_signature."""
    joined = "".join(sorted((token, timestamp, nonce, encrypted)))
    return hashlib.sha1(joined.encode()).hexdigest()  # noqa: S324


@dataclass(frozen=True)
class Request:
    """An encrypted request, ready to go."""

    params: dict[str, str]
    encrypted: str


@dataclass
class PlainCaller(CallbackCaller):
    """The caller that needs nothing but Python. Each try is encrypted anew, with a nonce of its
    own; only replays are the same to the letter."""

    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(trust_env=False))

    async def verify(self, **manner: Unpack[Manner]) -> Delivery:
        """GET with an echostr; the answer must be its text."""
        await asyncio.sleep(manner.get("delay", 0))
        echo = str(secrets.randbelow(9 * 10**18) + 10**18)
        request = self._sealed(echo, manner)
        params = {**request.params, "echostr": request.encrypted}
        began = time.monotonic()
        status, body = await self._call("GET", params, None, self.line.verify_seconds)
        spent = (time.monotonic() - began) * 1000
        return Delivery((status,), spent, body, right=status == 200 and body == echo)

    async def raw(self, text: str, **manner: Unpack[Manner]) -> Delivery:
        """POST; any answer but 200 in time is repeated."""
        await asyncio.sleep(manner.get("delay", 0))
        statuses: list[int | None] = []
        body, began, request = "", 0.0, self._sealed(text, manner)
        while len(statuses) < self.line.tries and 200 not in statuses:
            if statuses:
                await asyncio.sleep(self.line.pause)
                request = self._sealed(text, manner)
            began = time.monotonic()
            status, body = await self._post(request)
            statuses.append(status)
        spent = (time.monotonic() - began) * 1000
        again = [(await self._post(request))[0] for _ in range(manner.get("replays", 0))]
        return Delivery(tuple(statuses), spent, body, 200 in statuses, tuple(again))

    def _sealed(self, text: str, manner: Manner) -> Request:
        line = self.line
        receive_id = manner.get("receive_id", line.corp_id)
        encrypted = encrypt(text, manner.get("aes_key", line.aes_key), receive_id)
        timestamp = str(int(time.time()) - manner.get("age", 0))
        nonce = str(secrets.randbelow(10**10))
        token = "not-" + line.token if manner.get("forged") else line.token
        signature = sign(token, timestamp, nonce, encrypted)
        params = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}
        return Request(params, encrypted)

    async def _post(self, request: Request) -> tuple[int | None, str]:
        body = envelope(self.line.corp_id, self.line.agent_id, request.encrypted)
        return await self._call("POST", request.params, body, self.line.seconds)

    async def _call(
        self, method: str, params: dict[str, str], body: str | None, seconds: float
    ) -> tuple[int | None, str]:
        content = body.encode() if body is not None else None
        headers = {"Content-Type": "text/xml"} if content else {}
        try:
            async with asyncio.timeout(seconds):
                answer = await self.client.request(
                    method, self.line.url, params=params, content=content, headers=headers
                )
        except (httpx.TransportError, TimeoutError):
            return None, ""
        return answer.status_code, answer.text


@asynccontextmanager
async def plain_caller(
    callback_url: str, token: str = CALLBACK_TOKEN, aes_key: str = AES_KEY, **more: Any
) -> AsyncIterator[PlainCaller]:
    """A caller for a URL; `more` are the other fields of Line."""
    line = Line(callback_url, token, aes_key, **more)
    async with httpx.AsyncClient(trust_env=False, timeout=None, limits=NO_LIMITS) as client:
        yield PlainCaller(line, client=client)

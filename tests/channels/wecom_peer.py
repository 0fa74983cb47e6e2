"""The smallest app that takes WeCom's callbacks, made with wechatpy, to see what a caller sends."""

import asyncio
import struct
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.enterprise.exceptions import InvalidCorpIdException
from wechatpy.exceptions import InvalidSignatureException

from tests.channels.wecom_callbacks import AES_KEY, CALLBACK_TOKEN
from tests.channels.wecom_corp import CORP

# With another key wechatpy stumbles over whatever comes out
UNREADABLE = (
    InvalidSignatureException,
    InvalidCorpIdException,
    struct.error,
    IndexError,
    ValueError,
)


@dataclass
class Peer:
    """Keeps what it could read. `answers` are the statuses of the next answers and how many seconds
    each takes; `echo_more` is said after the text of a verification."""

    answers: list[tuple[int, float]] = field(default_factory=list)
    echo_more: str = ""
    read: list[str] = field(default_factory=list)
    nonces: list[str] = field(default_factory=list)
    timestamps: list[int] = field(default_factory=list)
    refused: int = 0

    def app(self) -> Starlette:
        """The HTTP application."""
        routes = [
            Route("/wecom", self._verify, methods=["GET"]),
            Route("/wecom", self._take, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def _verify(self, request: Request) -> Response:
        status, seconds = self._next()
        await asyncio.sleep(seconds)
        query = request.query_params
        text = self._crypto().check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"]
        )
        return PlainTextResponse(text + self.echo_more, status)

    async def _take(self, request: Request) -> Response:
        query, body = request.query_params, (await request.body()).decode()
        self.nonces.append(query["nonce"])
        self.timestamps.append(int(query["timestamp"]))
        status, seconds = self._next()
        signed = query["msg_signature"], query["timestamp"], query["nonce"]
        try:
            self.read.append(self._crypto().decrypt_message(body, *signed))
        except UNREADABLE:
            self.refused += 1
            return PlainTextResponse("who are you?", 403)
        await asyncio.sleep(seconds)
        return PlainTextResponse("", status)

    def _next(self) -> tuple[int, float]:
        return self.answers.pop(0) if self.answers else (200, 0.0)

    def _crypto(self) -> WeChatCrypto:
        return WeChatCrypto(CALLBACK_TOKEN, AES_KEY, CORP)

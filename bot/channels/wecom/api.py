"""The calls to WeCom's server: with a good token, within time, and no secret in any error."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import structlog

from bot.channel import ChannelDownError, MediaGoneError, Shelf, SlowDownError
from bot.channels.wecom.errors import STALE_TOKEN, CodeError, code_of, not_fetched, translate
from bot.channels.wecom.token import TokenKeeper

log = structlog.get_logger(__name__)
T = TypeVar("T")

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0
MEDIA_SECONDS = 60.0
CONNECTIONS = 64
DOWNLOAD_BYTES = 20 * 1024 * 1024
JSON_TYPES = ("application/json", "text/plain")
"""What an error is told in where a file was expected."""


@dataclass(frozen=True, slots=True)
class WeComConfig:
    """One self-built app: the corp, the app, its secret, what its callbacks are signed and
    encrypted with, and where WeCom's server is."""

    corp: str
    agent: int
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    api_url: str = "https://qyapi.weixin.qq.com"
    daily: int | None = None
    cards: bool = True
    answer_seconds: float = ANSWER_SECONDS


class WeComApi:
    """One app's way to WeCom. Every call raises ChannelError, or CodeError where it says so."""

    def __init__(self, config: WeComConfig, shelf: Shelf, now: Callable[[], datetime]) -> None:
        _quiet_library()
        self._config = config
        app = f"{config.corp}:{config.agent}"
        self._keeper = TokenKeeper(shelf, app, config.secret, self._ask_token, now)
        self._server = httpx2.AsyncClient(
            base_url=f"{config.api_url.rstrip('/')}/cgi-bin/",
            timeout=httpx2.Timeout(config.answer_seconds, connect=CONNECT_SECONDS),
            limits=httpx2.Limits(max_connections=CONNECTIONS),
            trust_env=False,
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._server.aclose()

    async def prepare(self) -> None:
        """Have a token. Raises ChannelError."""
        await self._keeper.token()

    async def post(self, path: str, body: Mapping[str, Any], **query: str) -> dict[str, Any]:
        """The answer to a call; with `errcode` 0. Raises ChannelError."""
        try:
            return await self.ask("POST", path, query, content=_json(body))
        except CodeError as error:
            raise translate(error) from None

    async def ask(
        self, method: str, path: str, query: Mapping[str, str], **sent: Any
    ) -> dict[str, Any]:
        """The same, for a caller who looks at the code itself. Raises CodeError, too."""
        return await self._with_token(
            lambda token: self._answer(method, path, {**query, "access_token": token}, sent)
        )

    async def upload(self, kind: str, name: str, content: bytes) -> str:
        """Lay a file there for three days; the id by which it is sent. Raises ChannelError."""
        sent = {"files": {"media": (name, content)}, "timeout": MEDIA_SECONDS}
        try:
            answer = await self.ask("POST", "media/upload", {"type": kind}, **sent)
        except CodeError as error:
            raise translate(error) from None
        return str(answer.get("media_id", ""))

    async def download(self, media: str, to: Path) -> None:
        """Fetch what somebody sent, into a file that is there whole or not at all.

        Raises:
            MediaGoneError: it is too old or too large.
            ChannelDownError: it may work later.
        """
        try:
            await self._with_token(lambda token: self._downloaded(media, token, to))
        except CodeError as error:
            raise not_fetched(error) from None
        except SlowDownError as slow:
            raise ChannelDownError(slow.reason) from None

    async def _ask_token(self) -> tuple[str, float]:
        query = {"corpid": self._config.corp, "corpsecret": self._config.secret}
        try:
            answer = await self._answer("GET", "gettoken", query, {})
        except CodeError as error:
            raise translate(error) from None
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise ChannelDownError("token")
        return token, float(answer.get("expires_in", 7200))

    async def _with_token(self, call: Callable[[str], Awaitable[T]]) -> T:
        """The call, once more with a new token when WeCom does not take the one that we have.
        Raises CodeError, too."""
        token = await self._keeper.token()
        try:
            return await call(token)
        except CodeError as error:
            if error.code not in STALE_TOKEN:
                raise
        try:
            return await call(await self._keeper.token(instead_of=token))
        except CodeError as error:
            if error.code in STALE_TOKEN:
                self._keeper.distrust()
            raise

    async def _answer(
        self, method: str, path: str, query: Mapping[str, str], sent: Mapping[str, Any]
    ) -> dict[str, Any]:
        try:
            answer = await self._server.request(method, path, params=query, **sent)
        except httpx2.TimeoutException:
            raise ChannelDownError("timeout") from None
        except httpx2.HTTPError:
            raise ChannelDownError("network") from None
        return _read(path, answer.status_code, answer.content)

    async def _downloaded(self, media: str, token: str, to: Path) -> None:
        part = to.with_name(f"{to.name}.part")
        query = {"access_token": token, "media_id": media}
        try:
            async with self._server.stream(
                "GET", "media/get", params=query, timeout=MEDIA_SECONDS
            ) as answer:
                await _keep_file(answer, part)
            part.replace(to)
        except httpx2.HTTPError:
            raise ChannelDownError("network") from None
        except OSError:
            raise ChannelDownError("disk") from None
        finally:
            part.unlink(missing_ok=True)


async def _keep_file(answer: httpx2.Response, part: Path) -> None:
    """Write what comes, unless it is an error or too much. Raises CodeError and MediaGoneError."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    is_file = "Content-Disposition" in answer.headers or kind not in JSON_TYPES
    if answer.status_code >= 400 or not is_file:
        _read("media/get", answer.status_code, await answer.aread())
        raise ChannelDownError("answer")
    size = 0
    with part.open("wb") as file:
        async for chunk in answer.aiter_bytes():
            size += len(chunk)
            if size > DOWNLOAD_BYTES:
                raise MediaGoneError("too_large")
            file.write(chunk)


def _read(path: str, status: int, content: bytes) -> dict[str, Any]:
    """What the server said. Raises CodeError, and ChannelDownError for what is no answer."""
    if status == 429 or status >= 500:
        raise ChannelDownError("busy")
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise ChannelDownError("answer") from None
    if not isinstance(answer, dict):
        raise ChannelDownError("answer")
    code = code_of(answer)
    if code:
        log.info("wecom_refused", path=path, code=code)
        raise CodeError(code, str(answer.get("errmsg", "")))
    return answer


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def _quiet_library() -> None:
    """Its log lines carry addresses, and with them the secret or the token."""
    for name in ("httpx2", "httpcore2", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)

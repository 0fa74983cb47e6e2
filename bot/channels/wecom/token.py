"""One access token for all processes: kept encrypted on the shelf, renewed by one at a time."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from cryptography.fernet import Fernet, InvalidToken

from bot.channel import ChannelDownError, ChannelError, Shelf

log = structlog.get_logger(__name__)

EARLY_SECONDS = 300.0
"""A token is renewed so long before its end."""

TURN_SECONDS = 15.0
"""So long one process may take to renew it before another one tries."""

LOOK_SECONDS = 0.2
FAILED_SECONDS = 5.0
"""After a failure nobody asks again for so long: wrong secrets must not hammer WeCom."""

Renew = Callable[[], Awaitable[tuple[str, float]]]
"""Asks WeCom: the token and how many seconds it lasts. Raises ChannelError."""


class TokenKeeper:
    """Hands out the token of one app. What lies on the shelf is encrypted with the app's secret, so
    that a copy of the database opens nothing."""

    def __init__(
        self, shelf: Shelf, app: str, secret: str, renew: Renew, now: Callable[[], datetime]
    ) -> None:
        self._shelf = shelf
        self._now = now
        self._renew = renew
        self._key = f"token:{app}"
        digest = hashlib.sha256(f"{app}:{secret}".encode()).digest()
        self._box = Fernet(base64.urlsafe_b64encode(digest))
        self._alone = asyncio.Lock()
        self._token: str | None = None
        self._until = 0.0
        self._failed_at = 0.0
        self._failure = "token"

    async def token(self, *, instead_of: str | None = None) -> str:
        """The token, another one than `instead_of`, which WeCom did not take. Raises
        ChannelError."""
        if self._is_good(self._token, instead_of):
            return self._token or ""
        async with self._alone:
            if self._is_good(self._token, instead_of):
                return self._token or ""
            return await self._found(instead_of)

    def distrust(self) -> None:
        """The new token was not taken either: another one would not help now."""
        self._failed_at, self._failure = self._clock(), "token"

    def _is_good(self, token: str | None, instead_of: str | None) -> bool:
        return token is not None and token != instead_of and self._clock() < self._until

    async def _found(self, instead_of: str | None) -> str:
        """From the shelf, else by renewing when it is our turn, else when somebody else has."""
        for _ in range(int(2 * TURN_SECONDS / LOOK_SECONDS)):
            self._read(await self._shelf.get(self._key))
            if self._is_good(self._token, instead_of):
                return self._token or ""
            if await self._is_our_turn():
                return await self._renewed(instead_of)
            await asyncio.sleep(LOOK_SECONDS)
        raise ChannelDownError("token")

    async def _is_our_turn(self) -> bool:
        now = self._clock()

        def claim(kept: str | None) -> tuple[str | None, bool]:
            if kept is not None and abs(now - float(kept)) < TURN_SECONDS:
                return kept, False
            return str(now), True

        if 0 <= now - self._failed_at < FAILED_SECONDS:
            raise ChannelDownError(self._failure)
        return await self._shelf.change(f"{self._key}:turn", claim, timedelta(minutes=1))

    async def _renewed(self, instead_of: str | None) -> str:
        try:
            self._read(await self._shelf.get(self._key))  # somebody may just have been quicker
            if not self._is_good(self._token, instead_of):
                await self._renew_now(instead_of)
        except ChannelError as error:
            self._failed_at, self._failure = self._clock(), error.reason
            raise
        finally:
            await self._end_turn()
        return self._token or ""

    async def _renew_now(self, instead_of: str | None) -> None:
        token, seconds = await self._renew()
        if token == instead_of:  # WeCom repeats the one that it thinks is good
            raise ChannelDownError("token")
        await self._keep(token, max(60.0, seconds - EARLY_SECONDS))
        log.info("wecom_token_renewed", seconds=int(seconds))

    async def _keep(self, token: str, seconds: float) -> None:
        self._token, self._until = token, self._clock() + seconds
        kept = json.dumps({"token": token, "until": self._until}).encode()
        await self._shelf.put(
            self._key, self._box.encrypt(kept).decode(), timedelta(seconds=seconds)
        )

    async def _end_turn(self) -> None:
        await self._shelf.change(f"{self._key}:turn", lambda _: (None, None), timedelta(0))

    def _clock(self) -> float:
        return self._now().timestamp()

    def _read(self, kept: str | None) -> None:
        if kept is None:
            return
        try:
            found = json.loads(self._box.decrypt(kept.encode()))
        except (InvalidToken, ValueError):
            return  # of another secret, from before it was changed
        self._token, self._until = found["token"], found["until"]

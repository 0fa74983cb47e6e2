"""Reads what a platform calls in with: no more than it may be, and nothing from a stranger."""

import hmac
import json
from typing import Any

from starlette.requests import ClientDisconnect, Request


class BadCallError(Exception):
    """A call that the platform would not make; `status` is the answer to it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def check_secret(shown: str, secret: str) -> None:
    """Raises BadCallError when the caller does not know the secret."""
    if not hmac.compare_digest(shown.encode(), secret.encode()):
        raise BadCallError(401)


async def read_body(request: Request, most: int) -> bytes:
    """At most so many bytes, and no more read than that. Raises BadCallError."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise BadCallError(413)
    except ClientDisconnect:
        raise BadCallError(400) from None
    return bytes(body)


async def read_object(request: Request, most: int) -> dict[str, Any]:
    """A JSON object of at most so many bytes. Raises BadCallError."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        raise BadCallError(415)
    body = await read_body(request, most)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadCallError(400) from None
    if not isinstance(found, dict):
        raise BadCallError(400)
    return found

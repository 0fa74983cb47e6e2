"""One request to an OpenAI-compatible service and what came back, before anybody judges it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import httpx2  # what the openai package reads a body with: its errors come through as they are
import openai
from openai import OpenAI

from bot.llm.calls import ModelUnavailableError

Body = dict[str, Any]
T = TypeVar("T")

_LONGEST_BODY = 2_000_000
"""Bytes; a note is a thousandth of it."""


@dataclass(frozen=True, slots=True)
class Response:
    """What the service sent: the HTTP status, the JSON body (None when it is not a JSON object) and
    the seconds that it asks us to wait."""

    status: int
    body: Body | None
    retry_after: float | None = None


Exchange = Callable[[Body, float], Response]
"""Sends the body of a chat completion and waits at most so many seconds.
Raises ModelUnavailableError when nothing comes back."""


def open_exchange(base_url: str, api_key: str | None) -> Exchange:
    """The live service. Retries are the caller's: the deadline is counted in one place."""
    client = OpenAI(base_url=base_url, api_key=api_key or "none", max_retries=0)

    def exchange(request: Body, seconds: float) -> Response:
        return within(seconds, lambda: _post(client, request, seconds))

    return exchange


def _post(client: OpenAI, request: Body, seconds: float) -> Response:
    end = time.monotonic() + seconds
    create = client.chat.completions.with_streaming_response.create
    extra = {key: value for key, value in request.items() if key not in {"model", "messages"}}
    try:
        with create(
            model=request["model"], messages=request["messages"], extra_body=extra, timeout=seconds
        ) as raw:
            return Response(raw.status_code, _json(_read(raw.iter_bytes(), end)))
    except openai.APIStatusError as error:
        answer = error.response
        return Response(answer.status_code, _json(answer.content), _seconds(answer.headers))
    except (openai.APITimeoutError, httpx2.TimeoutException):
        raise ModelUnavailableError("timeout") from None
    except (openai.APIConnectionError, httpx2.RequestError):
        raise ModelUnavailableError("unreachable") from None


def _read(chunks: Iterator[bytes], end: float) -> bytes:
    """The whole body, as long as it comes in time and is no flood."""
    body = b""
    for chunk in chunks:
        body += chunk
        if time.monotonic() > end:
            raise ModelUnavailableError("timeout")
        if len(body) > _LONGEST_BODY:
            raise ModelUnavailableError("too_long", passing=False)
    return body


def _json(text: bytes) -> Body | None:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _seconds(headers: Any) -> float | None:
    """`Retry-After` in seconds; its date form is as good as no answer within our deadline."""
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None


def within(seconds: float, call: Callable[[], T]) -> T:
    """Run `call`, but wait no longer than `seconds`.

    A name look-up and a service that drips keep-alive bytes outlast every socket timeout, so the
    call runs in a thread of its own, which is left behind at the deadline.

    Raises:
        ModelUnavailableError: the time is over; or whatever `call` raises.
    """
    done: SimpleQueue[Callable[[], T]] = SimpleQueue()

    def run() -> None:
        try:
            value = call()
        except Exception as error:  # noqa: BLE001 - carried over to the waiting thread, not swallowed
            done.put(_raiser(error))
        else:
            done.put(lambda: value)

    threading.Thread(target=run, daemon=True, name="model-call").start()
    try:
        result = done.get(timeout=max(seconds, 0.001))
    except Empty:
        raise ModelUnavailableError("timeout") from None
    return result()


def _raiser(error: Exception) -> Callable[[], Any]:
    def again() -> Any:
        raise error

    return again

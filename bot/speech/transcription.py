"""Voice to text by a service that speaks OpenAI's protocol, within a deadline."""

import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from bot.llm.calls import ModelUnavailableError
from bot.llm.exchange import within
from bot.speech.audio import Sound, opus_of, wav_of
from bot.speech.errors import NotUnderstoodError, SpeechUnavailableError
from bot.speech.hints import Hint

Transcriber = Callable[[Sound, Hint], str]
"""Words of a sound, as the model spells them. Raises SpeechUnavailableError and
NotUnderstoodError."""

_PAUSES_SECONDS = (0.3, 1.5, 4.0)
"""Between the tries, unless the service says how long to wait."""

_LONGEST_BODY = 1_000_000
"""Bytes; three minutes of speech are three thousand."""

_FINE, _TOO_LARGE = 200, 413
_OVERLOADED = {408, 409, 425, 429}
_ABOUT_THE_REQUEST = {400, 415, 422}
_ABOUT_SOUND = re.compile(
    r"audio|decod|corrupt|too short|duration|file format|media type|音频|语音|时长|格式",
    re.IGNORECASE,
)


class _TooLargeError(Exception):
    """The service, or a gateway before it, takes smaller files only."""


@dataclass(frozen=True, slots=True)
class Service:
    """Which model to ask, where; `seconds` is the longest wait, all tries together."""

    base_url: str
    key: str | None
    model: str
    seconds: float
    client: httpx2.Client = field(default_factory=httpx2.Client)

    def transcribe(self, sound: Sound, hint: Hint) -> str:
        """The service's words for a sound.

        Raises:
            SpeechUnavailableError: no usable answer in time.
            NotUnderstoodError: the service cannot read what was recorded.
        """
        end = time.monotonic() + self.seconds
        try:
            return within(self.seconds, lambda: self._send(sound, hint, end))
        except ModelUnavailableError as error:
            raise SpeechUnavailableError(error.reason) from None

    def _send(self, sound: Sound, hint: Hint, end: float) -> str:
        """As WAV, which everybody reads; smaller when that is too large for them."""
        try:
            return self._persist(("voice.wav", wav_of(sound), "audio/wav"), hint, end)
        except _TooLargeError:
            pass
        try:
            return self._persist(("voice.ogg", opus_of(sound), "audio/ogg"), hint, end)
        except _TooLargeError:
            raise NotUnderstoodError from None

    def _persist(self, file: tuple[str, bytes, str], hint: Hint, end: float) -> str:
        for pause in (*_PAUSES_SECONDS, None):
            try:
                return self._post(file, hint, end)
            except SpeechUnavailableError as error:
                wait = _wait(error, pause)
                if wait is None or time.monotonic() + wait >= end:
                    raise
                time.sleep(wait)
        raise AssertionError("the last try answers or raises")

    def _post(self, file: tuple[str, bytes, str], hint: Hint, end: float) -> str:
        request = self.client.build_request(
            "POST",
            f"{self.base_url.rstrip('/')}/audio/transcriptions",
            headers={"Authorization": f"Bearer {self.key}"} if self.key else {},
            data=_fields(self.model, hint),
            files={"file": file},
            timeout=max(end - time.monotonic(), 0.01),
        )
        try:
            return _words_of(self.client.send(request, stream=True))
        except httpx2.TimeoutException:
            raise SpeechUnavailableError("timeout") from None
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise SpeechUnavailableError("unreachable") from None


def _fields(model: str, hint: Hint) -> dict[str, str]:
    fields = {"model": model, "language": "zh", "response_format": "json", "temperature": "0"}
    return fields | ({"prompt": hint.text} if hint.text else {})


def _wait(error: SpeechUnavailableError, pause: float | None) -> float | None:
    """Seconds until the next try; None when there is none."""
    if pause is None or not error.passing:
        return None
    if error.retry_after is not None:
        return error.retry_after
    return pause * random.uniform(0.5, 1.5)  # noqa: S311 - spreads the load, hides nothing


def _words_of(response: httpx2.Response) -> str:
    body = _json(_read(response))
    if response.status_code != _FINE:
        raise _refusal(response.status_code, body, response.headers)
    words = body.get("text") if isinstance(body, dict) else None
    if not isinstance(words, str):
        raise SpeechUnavailableError("bad_answer")
    return words


def _read(response: httpx2.Response) -> bytes:
    body = b""
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > _LONGEST_BODY:
                raise SpeechUnavailableError("bad_answer")
    finally:
        response.close()
    return body


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _refusal(status: int, body: Any, headers: httpx2.Headers) -> Exception:
    """What an error status means for whoever holds the audio."""
    if status == _TOO_LARGE:
        return _TooLargeError()
    told = json.dumps(body, ensure_ascii=False) if body else ""
    if status in _ABOUT_THE_REQUEST and _ABOUT_SOUND.search(told):
        return NotUnderstoodError()
    if status in {401, 403}:
        return SpeechUnavailableError("key_refused", passing=False)
    passing = status >= 500 or (status in _OVERLOADED and "insufficient_quota" not in told)
    return SpeechUnavailableError(
        f"http_{status}", passing=passing, retry_after=_seconds(headers.get("retry-after", ""))
    )


def _seconds(retry_after: str) -> float | None:
    """The seconds of `Retry-After`; its date form is as good as no answer within our deadline."""
    return float(retry_after) if retry_after.strip().isdecimal() else None

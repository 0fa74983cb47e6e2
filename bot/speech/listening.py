"""The one way in: from a voice message to the words of the rep, or why there are none."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import structlog

from bot.config import Settings
from bot.domain.errors import UserError
from bot.domain.roster import Roster
from bot.speech.audio import Sound, check_length, decode
from bot.speech.checks import cleaned, is_echo, is_live, is_live_caption, is_loop, is_too_fast
from bot.speech.errors import (
    LiveRecordingError,
    NothingSaidError,
    NotUnderstoodError,
    SpeechUnavailableError,
    UnreadableAudioError,
)
from bot.speech.hints import Hint, hint_of
from bot.speech.local import LocalModel
from bot.speech.transcription import Service, Transcriber
from bot.speech.voice import is_spoken

log = structlog.get_logger(__name__)
T = TypeVar("T")

_WHOLE = 0.75
"""Less than this share of what the platform says was recorded means that a part is missing."""


def open_listener(settings: Settings) -> "Listener | None":
    """The configured service or model, or None when there is none. Nothing is sent or read yet."""
    if settings.speech_local_model is not None:
        model = LocalModel(settings.speech_local_model, settings.speech_timeout_seconds)
        return Listener(model.transcribe)
    if settings.speech_model is None or settings.speech_base_url is None:
        return None
    key = settings.speech_api_key
    service = Service(
        settings.speech_base_url,
        key.get_secret_value() if key else None,
        settings.speech_model,
        settings.speech_timeout_seconds,
    )
    return Listener(service.transcribe)


class Listener:
    """Writes voice messages down. Safe to share between threads; deleting the audio is the
    caller's, and so is masking the words."""

    def __init__(self, transcribe: Transcriber) -> None:
        self._transcribe = transcribe

    def listen(
        self, audio: Path, roster: Roster, *, caption: str = "", seconds: float | None = None
    ) -> str:
        """The words of a voice message, as the model spelt them.

        `caption` is what was written along with it, `seconds` how long the platform says it is.

        Raises:
            NothingSaidError, NotUnderstoodError, TooLongError, LiveRecordingError,
            UnreadableAudioError: what the person is told; the audio is of no more use.
            SpeechUnavailableError: keep the audio; try again when it is `passing`.
        """
        watch = _Watch()
        try:
            words = self._listen(watch, audio, roster, caption, seconds)
        except UserError as error:
            watch.tell(type(error).__name__)
            raise
        except SpeechUnavailableError as error:
            watch.tell(error.reason)
            raise
        watch.tell("ok")
        return words

    def _listen(
        self, watch: "_Watch", audio: Path, roster: Roster, caption: str, seconds: float | None
    ) -> str:
        """What costs least is asked first; the network comes last."""
        if is_live_caption(caption):
            raise LiveRecordingError
        check_length(seconds)
        sound = watch.time("decode_ms", lambda: decode(audio))
        watch.seconds = sound.seconds
        if seconds is not None and sound.seconds < _WHOLE * seconds - 1:
            raise UnreadableAudioError
        if not watch.time("voice_ms", lambda: is_spoken(sound)):
            raise NothingSaidError
        hint = hint_of(roster)
        text = watch.time("transcribe_ms", lambda: self._transcribe(sound, hint))
        return said_in(text, sound, hint)


def said_in(text: str, sound: Sound, hint: Hint) -> str:
    """What of a transcript was really said.

    Raises:
        NothingSaidError: it was made up, or is an echo of the hint.
        NotUnderstoodError: the model got stuck.
        LiveRecordingError: it is a conversation with a customer.
    """
    words = cleaned(text)
    if not words or is_echo(words, hint):
        raise NothingSaidError
    if is_loop(words) or is_too_fast(words, sound.seconds):
        raise NotUnderstoodError
    if is_live(words):
        raise LiveRecordingError
    return words


class _Watch:
    """What one voice message took, for the log: milliseconds, seconds and the outcome, no words."""

    def __init__(self) -> None:
        self.seconds: float | None = None
        self._taken: dict[str, int] = {}

    def time(self, name: str, step: Callable[[], T]) -> T:
        started = time.monotonic()
        try:
            return step()
        finally:
            self._taken[name] = round((time.monotonic() - started) * 1000)

    def tell(self, outcome: str) -> None:
        seconds = None if self.seconds is None else round(self.seconds, 1)
        log.info("voice_heard", outcome=outcome, seconds=seconds, **self._taken)

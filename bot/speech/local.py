"""Voice to text on this machine, by faster-whisper, which is an extra: `pip install
faster-whisper`."""

import io
import threading
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bot.llm.calls import ModelUnavailableError
from bot.llm.exchange import within
from bot.speech.audio import Sound, wav_of
from bot.speech.errors import SpeechUnavailableError
from bot.speech.hints import Hint

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_WEIGHTS = "model.bin"


def is_installed() -> bool:
    """Whether faster-whisper is there."""
    return find_spec("faster_whisper") is not None


def has_weights(folder: Path) -> bool:
    """Whether the folder holds a model that faster-whisper can read."""
    return (folder / _WEIGHTS).is_file()


@dataclass(slots=True)
class LocalModel:
    """A Whisper model in a folder; read at the first voice, then kept. One voice at a time, on the
    processor; `seconds` is the longest wait, the queue before it included."""

    folder: Path
    seconds: float
    _model: "WhisperModel | None" = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def transcribe(self, sound: Sound, hint: Hint) -> str:
        """The model's words for a sound. Raises SpeechUnavailableError."""
        _check(self.folder)
        end = time.monotonic() + self.seconds
        try:
            return within(self.seconds, lambda: self._in_turn(sound, hint, end))
        except ModelUnavailableError as error:
            raise SpeechUnavailableError(error.reason) from None

    def _in_turn(self, sound: Sound, hint: Hint, end: float) -> str:
        if not self._turn.acquire(timeout=max(end - time.monotonic(), 0)):
            raise SpeechUnavailableError("busy")
        try:
            return self._words(sound, hint)
        finally:
            self._turn.release()

    def _words(self, sound: Sound, hint: Hint) -> str:
        model = self._model = self._model or _read(self.folder)
        parts, _ = model.transcribe(
            io.BytesIO(wav_of(sound)),
            language="zh",
            initial_prompt=hint.text or None,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        return "".join(part.text for part in parts)


def _check(folder: Path) -> None:
    if not is_installed():
        raise SpeechUnavailableError("not_installed", passing=False)
    if not has_weights(folder):
        raise SpeechUnavailableError("no_model", passing=False)


def _read(folder: Path) -> "WhisperModel":
    from faster_whisper import WhisperModel  # noqa: PLC0415 - an extra, and slow to import

    return WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)

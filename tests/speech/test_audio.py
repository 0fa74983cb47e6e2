"""Decoding what phones send, and never more of it than may be said at once."""

import io
import struct
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import av
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.speech.audio import MOST_BYTES, Sound, check_length, decode, opus_of, wav_of
from bot.speech.errors import TooLongError, UnreadableAudioError
from tests.speech.sounds import (
    CODECS,
    HERE,
    SPOKEN,
    SPOKEN_SECONDS,
    encoded,
    joined,
    silence,
    spoken,
    tone,
)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "voice"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("km0.ogg", 6.01), ("km0.amr", 6.02), ("km1.amr", 6.36), ("km4.ogg", 5.45)],
)
def test_recorded_voices_keep_their_length(name: str, seconds: float) -> None:
    assert decode(HERE / name).seconds == pytest.approx(seconds, abs=0.01)


@pytest.mark.parametrize("extension", CODECS)
def test_what_phones_and_platforms_send_is_read(extension: str, tmp_path: Path) -> None:
    sound = decode(written(tmp_path, encoded(spoken(), extension)))
    assert sound.seconds == pytest.approx(SPOKEN_SECONDS, abs=0.05)


def test_the_pauses_that_an_amr_file_leaves_out_are_there(tmp_path: Path) -> None:
    whole = joined(spoken(), silence(5), spoken())
    path = written(tmp_path, encoded(whole, "amr", dtx="1"))
    assert decode(path).seconds == pytest.approx(whole.seconds, abs=0.05)
    with av.open(path) as container, pytest.raises(av.PatchWelcomeError):
        list(container.decode(audio=0))  # why FFmpeg's own decoder is not used


@pytest.mark.parametrize(("extension", "dtx"), [("ogg", {}), ("amr", {"dtx": "1"})])
def test_four_minutes_are_too_long(extension: str, dtx: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(TooLongError) as told:
        decode(written(tmp_path, encoded(silence(240), extension, **dtx)))
    assert told.value.sentence == "一次最多三分钟，这段有 4 分 0 秒。请分成几段再发。"


def test_what_a_file_says_of_its_length_is_not_believed(tmp_path: Path) -> None:
    path = written(tmp_path, encoded(joined(spoken(), silence(60)), "amr", dtx="1"))
    with av.open(path) as container:
        assert (container.duration or 0) / av.time_base < 20
    assert decode(path).seconds == pytest.approx(66, abs=0.1)


def test_a_small_file_of_many_hours_is_not_unpacked(tmp_path: Path) -> None:
    hours = written(tmp_path, b"#!AMR\n" + b"\x7c" * 200_000)
    tracemalloc.start()
    try:
        with pytest.raises(TooLongError, match="不止十分钟"):
            decode(hours)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_file_of_one_sample_a_second_does_not_become_gigabytes(tmp_path: Path) -> None:
    slow = bytearray(wav_of(silence(10)))
    slow[24:28] = struct.pack("<I", 1)
    with pytest.raises(UnreadableAudioError):
        decode(written(tmp_path, bytes(slow)))


def test_an_encoding_that_nobody_knows_is_unreadable(tmp_path: Path) -> None:
    strange = bytearray(wav_of(silence(1)))
    strange[20:22] = struct.pack("<H", 0x7777)
    with pytest.raises(UnreadableAudioError):
        decode(written(tmp_path, bytes(strange)))


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(UnreadableAudioError):
        decode(path)


def test_a_playlist_does_not_lead_to_other_files(tmp_path: Path) -> None:
    named = f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{SPOKEN}\n#EXT-X-ENDLIST\n"
    for content in (named.encode(), f"ffconcat version 1.0\nfile {SPOKEN}\n".encode()):
        with pytest.raises(UnreadableAudioError):
            decode(written(tmp_path, content))


def test_a_film_without_sound_and_one_with(tmp_path: Path) -> None:
    for with_sound in (True, False):
        path = written(tmp_path, _film(with_sound=with_sound))
        if with_sound:
            assert decode(path).seconds == pytest.approx(1, abs=0.1)
        else:
            with pytest.raises(UnreadableAudioError):
                decode(path)


def _film(*, with_sound: bool) -> bytes:
    target = io.BytesIO()
    with av.open(target, mode="w", format="mp4") as container:
        film = container.add_stream("mpeg4", rate=10)
        film.width, film.height, film.pix_fmt = 32, 32, "yuv420p"
        track = container.add_stream("aac", rate=16_000) if with_sound else None
        for _ in range(10):
            container.mux(film.encode(av.VideoFrame(32, 32, "yuv420p")))
        container.mux(film.encode(None))
        if track is not None:
            frame = av.AudioFrame(format="s16", layout="mono", samples=16_000)
            frame.sample_rate = 16_000
            frame.planes[0].update(tone(1).pcm)
            container.mux(track.encode(frame))
            container.mux(track.encode(None))
    return target.getvalue()


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
@pytest.mark.parametrize("name", ["km0.ogg", "km0.amr"])
def test_of_a_truncated_file_what_is_there_is_read(name: str, share: float, tmp_path: Path) -> None:
    content = (HERE / name).read_bytes()
    path = written(tmp_path, content[: int(len(content) * share)])
    try:
        assert 0 < decode(path).seconds < SPOKEN_SECONDS
    except UnreadableAudioError:
        assert share < 0.1


KNOWN_STARTS = (b"", b"OggS", b"#!AMR\n", b"#!AMR-WB\n", b"#!SILK_V3", b"ID3", b"RIFF", b"fLaC")


@given(start=st.sampled_from(KNOWN_STARTS), rest=st.binary(max_size=2_000))
@example(start=b"", rest=b"")
def test_rubbish_is_unreadable_and_nothing_else(
    start: bytes, rest: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = written(tmp_path_factory.getbasetemp(), start + rest)
    _decodes_or_is_unreadable(path)


@given(
    name=st.sampled_from(["km0.ogg", "km0.amr", "film"]),
    at=st.floats(0, 1, exclude_max=True),
    patch=st.binary(min_size=1, max_size=60),
)
def test_a_damaged_voice_is_read_or_unreadable(
    name: str, at: float, patch: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(FILM if name == "film" else (HERE / name).read_bytes())
    start = int(at * len(content))
    content[start : start + len(patch)] = patch
    _decodes_or_is_unreadable(written(tmp_path_factory.getbasetemp(), bytes(content)))


FILM = _film(with_sound=True)


def _decodes_or_is_unreadable(path: Path) -> None:
    with suppress(UnreadableAudioError):
        assert isinstance(decode(path), Sound)


@pytest.mark.parametrize("seconds", [None, 0, 12.5, 180, 180.9])
def test_a_length_that_the_platform_tells_may_pass(seconds: float | None) -> None:
    check_length(seconds)


def test_a_length_that_the_platform_tells_is_too_long() -> None:
    with pytest.raises(TooLongError, match="这段有 3 分 12 秒"):
        check_length(192)


@pytest.mark.parametrize("encode", [wav_of, opus_of])
def test_what_is_sent_is_as_long_as_what_was_said(
    encode: Callable[[Sound], bytes], tmp_path: Path
) -> None:
    assert decode(written(tmp_path, encode(spoken()))).seconds == pytest.approx(
        SPOKEN_SECONDS, abs=0.02
    )


def test_the_small_form_is_small() -> None:
    assert len(opus_of(spoken())) * 8 < len(wav_of(spoken()))

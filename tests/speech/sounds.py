"""Sounds made for the tests, and the recorded ones beside this file."""

import array
import io
import json
import math
import random
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import av
from av.audio.frame import AudioFrame

from bot.domain.roster import (
    Roster,
    RosterCustomer,
    RosterHospital,
    RosterProduct,
)
from bot.speech.audio import RATE, Sound, decode

HERE = Path(__file__).parent
TEXTS: list[str] = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
SPOKEN = HERE / "km0.ogg"
SPOKEN_SECONDS = 6.01

CODECS = {
    "ogg": ("ogg", "libopus", 16_000),
    "mp3": ("mp3", "libmp3lame", 16_000),
    "m4a": ("mp4", "aac", 16_000),
    "wav": ("wav", "pcm_s16le", 44_100),
    "webm": ("webm", "libopus", 48_000),
    "amr": ("amr", "libopencore_amrnb", 8_000),
}
"""Container, encoder and rate by file extension."""


def spoken() -> Sound:
    """Six seconds of somebody dictating."""
    return decode(SPOKEN)


def silence(seconds: float) -> Sound:
    """Nothing at all."""
    return Sound(bytes(2 * int(seconds * RATE)))


def noise(seconds: float, loudness: int = 3_000) -> Sound:
    """White noise, the same each time."""
    numbers = random.Random(7)  # noqa: S311 - a sound, not a secret
    return _made(seconds, lambda _: numbers.randint(-loudness, loudness))


def tone(seconds: float, pitch: float = 440.0) -> Sound:
    """A beep."""
    return _made(seconds, lambda at: int(8_000 * math.sin(2 * math.pi * pitch * at / RATE)))


def joined(*sounds: Sound) -> Sound:
    """One after the other."""
    return Sound(b"".join(sound.pcm for sound in sounds))


def _made(seconds: float, sample: Callable[[int], int]) -> Sound:
    return Sound(array.array("h", map(sample, range(int(seconds * RATE)))).tobytes())


def encoded(sound: Sound, extension: str, **options: str) -> bytes:
    """The sound as a phone or a platform would send it."""
    form, codec, rate = CODECS[extension]
    target = io.BytesIO()
    with av.open(target, mode="w", format=form) as container:
        stream = container.add_stream(codec, rate=rate, options=options)
        assert isinstance(stream, av.AudioStream)
        stream.codec_context.layout = "mono"
        for frame in chain(_frames(sound), (None,)):
            container.mux(stream.encode(frame))
    return target.getvalue()


def _frames(sound: Sound) -> Iterator[AudioFrame]:
    for start in range(0, len(sound.pcm), RATE):
        part = sound.pcm[start : start + RATE]
        frame = AudioFrame(format="s16", layout="mono", samples=len(part) // 2)
        frame.sample_rate, frame.pts = RATE, start // 2
        frame.planes[0].update(part)
        yield frame


def roster() -> Roster:
    """The territory that the recorded dictations speak of."""
    people = (
        ("李建国", "市第一人民医院", "心内科", "主任"),
        ("王敏", "市第一人民医院", "心内科", "副主任"),
        ("陈晓燕", "省人民医院", "内分泌科", None),
        ("闫瑢", "省人民医院", "呼吸科", None),
    )
    customers = tuple(
        RosterCustomer(number, name, hospital, department, post, None, "医生")
        for number, (name, hospital, department, post) in enumerate(people, 1)
    )
    hospitals = (
        RosterHospital("市第一人民医院", ("市一医院",), ("心内科",)),
        RosterHospital("省人民医院", (), ("内分泌科", "呼吸科")),
    )
    products = (RosterProduct("安畅药物涂层球囊", ("安畅",), "支架内再狭窄", ("通路安",)),)
    return Roster(customers, hospitals, products, ())

"""Whether anybody speaks."""

import array

import pytest

from bot.speech.audio import Sound, decode
from bot.speech.voice import ENOUGH_SECONDS, is_spoken, speech_seconds
from tests.speech.sounds import HERE, joined, noise, silence, spoken, tone


@pytest.mark.parametrize("name", ["km0.ogg", "km0.amr", "km1.amr", "km4.ogg"])
def test_voices_are_heard(name: str) -> None:
    assert is_spoken(decode(HERE / name))


def test_a_voice_after_a_long_pause_is_heard() -> None:
    assert is_spoken(joined(silence(20), noise(2, 40), spoken()))


def test_a_quiet_voice_is_heard() -> None:
    samples = array.array("h", spoken().pcm)
    assert is_spoken(Sound(array.array("h", (one // 100 for one in samples)).tobytes()))


@pytest.mark.parametrize(
    "sound",
    [silence(3), noise(3), noise(3, 30_000), noise(3, 20), tone(3), tone(3, 50), Sound(b"")],
)
def test_silence_noise_and_beeps_are_not(sound: Sound) -> None:
    assert not is_spoken(sound)


def test_a_click_of_a_tenth_of_a_second_is_not_enough() -> None:
    start = 16_000 * 2
    assert not is_spoken(Sound(spoken().pcm[start : start + 3_200]))


def test_looking_stops_as_soon_as_there_is_enough() -> None:
    assert speech_seconds(spoken(), ENOUGH_SECONDS) < ENOUGH_SECONDS + 0.04
    assert speech_seconds(spoken()) == pytest.approx(5.2, abs=0.2)

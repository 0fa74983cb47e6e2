"""A model on this machine; really run only where faster-whisper and a model are."""

import os
from pathlib import Path

import pytest

from bot.speech.audio import decode
from bot.speech.errors import SpeechUnavailableError
from bot.speech.hints import hint_of
from bot.speech.local import LocalModel, has_weights, is_installed
from tests.speech.sounds import HERE, roster, silence

MODEL = Path(os.environ.get("SPEECH_TEST_MODEL", "none"))


def reason_of(folder: Path) -> str:
    with pytest.raises(SpeechUnavailableError) as raised:
        LocalModel(folder, 5).transcribe(silence(1), hint_of(roster()))
    assert not raised.value.passing
    return raised.value.reason


@pytest.mark.skipif(is_installed(), reason="faster-whisper is installed")
def test_without_the_package_it_is_told(tmp_path: Path) -> None:
    assert reason_of(tmp_path) == "not_installed"


@pytest.mark.skipif(not is_installed(), reason="faster-whisper is not installed")
def test_without_a_model_it_is_told(tmp_path: Path) -> None:
    assert not has_weights(tmp_path)
    assert reason_of(tmp_path) == "no_model"


@pytest.mark.skipif(
    not (is_installed() and has_weights(MODEL)),
    reason="needs faster-whisper and a model in SPEECH_TEST_MODEL",
)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["km0.ogg", "km0.amr"])
def test_a_real_model_writes_down_the_names_of_the_hint(name: str) -> None:
    text = LocalModel(MODEL, 60).transcribe(decode(HERE / name), hint_of(roster()))
    assert "李建国主任" in text
    assert "分钟" in text

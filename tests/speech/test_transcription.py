"""A transcription service in its good and bad hours."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.speech.audio import Sound, decode
from bot.speech.errors import NotUnderstoodError, SpeechUnavailableError
from bot.speech.hints import Hint
from bot.speech.transcription import Service
from tests.speech.server import Answer, ScriptedService, fails, says, scripted
from tests.speech.sounds import TEXTS, silence, spoken

Asked = Callable[[ScriptedService], str]


def ask(service: ScriptedService, *, seconds: float = 5, sound: Sound | None = None) -> str:
    voice = Service(service.base_url, "secret", "whisper-1", seconds)
    return voice.transcribe(sound or silence(1), Hint("市一医院。", ("市一医院",)))


def unavailable(service: ScriptedService, *, seconds: float = 5) -> SpeechUnavailableError:
    with pytest.raises(SpeechUnavailableError) as raised:
        ask(service, seconds=seconds)
    return raised.value


def test_the_service_gets_the_sound_the_model_and_the_hint(tmp_path: Path) -> None:
    with scripted(says(TEXTS[0])) as service:
        assert ask(service, sound=spoken()) == TEXTS[0]
    (heard,) = service.heard
    assert heard.fields == {
        "model": "whisper-1",
        "language": "zh",
        "prompt": "市一医院。",
        "response_format": "json",
        "temperature": "0",
    }
    assert (heard.name, heard.type, heard.key) == ("voice.wav", "audio/wav", "Bearer secret")
    (tmp_path / heard.name).write_bytes(heard.audio)
    assert decode(tmp_path / heard.name).seconds == pytest.approx(6.01, abs=0.01)


def test_without_a_key_and_a_hint_none_is_sent() -> None:
    with scripted(says("好")) as service:
        Service(service.base_url + "/", None, "m", 5).transcribe(silence(1), Hint())
    assert service.heard[0].key == ""
    assert "prompt" not in service.heard[0].fields


@pytest.mark.parametrize(
    "bad",
    [
        fails(429, Retry_After="0"),
        fails(500),
        fails(503, "overloaded"),
        Answer("<html>gateway</html>"),
        Answer({"error": {"message": "upstream"}}),
        Answer({"text": None}),
        Answer(["text"]),
        Answer({"text": "x"}, broken=True),
    ],
)
def test_what_passes_is_tried_again(bad: Answer) -> None:
    with scripted(bad, says("聊了二十分钟")) as service:
        assert ask(service) == "聊了二十分钟"
    assert len(service.heard) == 2


def test_the_service_is_left_alone_as_long_as_it_asks() -> None:
    with scripted(fails(429, Retry_After="1"), says("好")) as service:
        started = time.monotonic()
        assert ask(service) == "好"
    assert time.monotonic() - started >= 1


def test_longer_than_there_is_time_is_not_waited() -> None:
    started = time.monotonic()
    with scripted(fails(429, Retry_After="30")) as service:
        error = unavailable(service)
    assert time.monotonic() - started < 4
    assert (error.reason, error.passing, error.retry_after) == ("http_429", True, 30.0)


@pytest.mark.parametrize(
    "answer", [says("zu spät", wait=30), Answer(slow=True), fails(500, Retry_After="x")]
)
def test_nothing_takes_longer_than_the_deadline(answer: Answer) -> None:
    started = time.monotonic()
    with scripted(answer) as service:
        error = unavailable(service, seconds=0.5)
    assert time.monotonic() - started < 4
    assert error.passing


def test_the_number_of_tries_is_limited() -> None:
    with scripted(fails(503, Retry_After="0")) as service:
        assert unavailable(service).reason == "http_503"
    assert len(service.heard) == 4


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (fails(401), "key_refused"),
        (fails(403), "key_refused"),
        (fails(404, "no such model"), "http_404"),
        (fails(400, "model not found"), "http_400"),
        (fails(429, "You exceeded your quota: insufficient_quota"), "http_429"),
        (Answer("", 307, {"Location": "http://127.0.0.1:1/"}), "http_307"),
    ],
)
def test_what_somebody_must_mend_is_not_tried_again(answer: Answer, reason: str) -> None:
    with scripted(answer) as service:
        error = unavailable(service)
    assert (error.reason, error.passing) == (reason, False)
    assert len(service.heard) == 1


@pytest.mark.parametrize(
    "answer",
    [
        fails(400, "Audio file might be corrupted or unsupported"),
        fails(415, "unsupported media type"),
        fails(422, "音频时长过短"),
    ],
)
def test_what_is_wrong_with_the_sound_is_not_an_outage(answer: Answer) -> None:
    with scripted(answer) as service, pytest.raises(NotUnderstoodError):
        ask(service)
    assert len(service.heard) == 1


def test_a_service_for_small_files_gets_a_small_one(tmp_path: Path) -> None:
    with scripted(fails(413), says("好")) as service:
        assert ask(service, sound=spoken()) == "好"
    first, second = service.heard
    assert (second.name, second.type) == ("voice.ogg", "audio/ogg")
    assert len(second.audio) * 8 < len(first.audio)
    (tmp_path / second.name).write_bytes(second.audio)
    assert decode(tmp_path / second.name).seconds == pytest.approx(6.01, abs=0.02)


def test_one_for_which_even_that_is_too_large_does_not_understand() -> None:
    with scripted(fails(413)) as service, pytest.raises(NotUnderstoodError):
        ask(service)
    assert len(service.heard) == 2


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/v1", "http://no-such-host.invalid/v1"])
def test_a_service_that_is_not_there_may_come_back(address: str) -> None:
    with pytest.raises(SpeechUnavailableError) as raised:
        Service(address, None, "m", 1).transcribe(silence(1), Hint())
    assert raised.value.passing
    assert raised.value.reason in {"unreachable", "timeout"}

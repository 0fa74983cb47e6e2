"""From a voice message to words, or to the one sentence that the rep is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.config import Settings
from bot.domain.errors import UserError
from bot.speech import (
    Listener,
    LiveRecordingError,
    NothingSaidError,
    NotUnderstoodError,
    SpeechUnavailableError,
    TooLongError,
    UnreadableAudioError,
    open_listener,
)
from tests.speech.server import ECHOES, Answer, ScriptedService, fails, says, scripted
from tests.speech.sounds import (
    HERE,
    SPOKEN,
    TEXTS,
    encoded,
    joined,
    noise,
    roster,
    silence,
    spoken,
)

SETTINGS = Settings(_env_file=None)


@contextmanager
def listening(*answers: Answer) -> Iterator[tuple[Listener, ScriptedService]]:
    with scripted(*answers) as service:
        settings = SETTINGS.model_copy(
            update={
                "speech_base_url": service.base_url,
                "speech_model": "whisper-1",
                "speech_timeout_seconds": 5.0,
            }
        )
        listener = open_listener(settings)
        assert listener is not None
        yield listener, service


def test_without_a_service_nobody_listens() -> None:
    assert open_listener(SETTINGS) is None


def test_a_model_on_this_machine_is_opened_without_looking_at_it() -> None:
    assert open_listener(SETTINGS.model_copy(update={"speech_local_model": Path("none")}))


@pytest.mark.parametrize("name", ["km0.ogg", "km0.amr"])
def test_a_voice_becomes_words(name: str) -> None:
    with listening(says(TEXTS[0])) as (listener, service):
        assert listener.listen(HERE / name, roster(), seconds=6) == TEXTS[0]
    assert "闫瑢" in service.heard[0].fields["prompt"]


def test_subtitles_at_the_end_are_left_out() -> None:
    with listening(says(TEXTS[0] + "谢谢观看。")) as (listener, _):
        assert listener.listen(SPOKEN, roster()) == TEXTS[0]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says(""), NothingSaidError),
        (says("谢谢观看"), NothingSaidError),
        (ECHOES, NothingSaidError),
        (says("的" * 40), NotUnderstoodError),
        (says("今天上午在市一医院心内科拜访了李建国主任，聊了二十分钟。" * 4), NotUnderstoodError),
        (fails(400, "audio could not be decoded"), NotUnderstoodError),
        (says("主任您好，我是康源公司的。您看这个数据。谢谢主任。"), LiveRecordingError),
        (fails(401), SpeechUnavailableError),
        (fails(503, Retry_After="60"), SpeechUnavailableError),
    ],
)
def test_each_bad_end_has_its_own_error(answer: Answer, error: type[Exception]) -> None:
    with listening(answer) as (listener, service), pytest.raises(error):
        listener.listen(SPOKEN, roster())
    assert len(service.heard) == 1


def test_silence_and_noise_never_reach_the_service(tmp_path: Path) -> None:
    quiet = tmp_path / "quiet.ogg"
    quiet.write_bytes(encoded(joined(silence(2), noise(2)), "ogg"))
    with listening(says("谢谢观看")) as (listener, service), pytest.raises(NothingSaidError):
        listener.listen(quiet, roster())
    assert service.heard == []


def test_what_the_platform_tells_is_looked_at_before_the_file() -> None:
    missing = Path("no-such-file.ogg")
    with listening(says("")) as (listener, service):
        with pytest.raises(TooLongError, match="3 分 20 秒"):
            listener.listen(missing, roster(), seconds=200)
        with pytest.raises(LiveRecordingError, match="没有留下"):
            listener.listen(missing, roster(), caption="李主任现场录音")
    assert service.heard == []


def test_a_voice_that_lost_its_second_half_is_not_taken_for_the_whole() -> None:
    with listening(says(TEXTS[0])) as (listener, service), pytest.raises(UnreadableAudioError):
        listener.listen(SPOKEN, roster(), seconds=14)
    assert service.heard == []


@pytest.mark.parametrize("content", [b"", b"not a voice", b"OggS" + b"\0" * 500])
def test_what_is_no_audio_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "voice.ogg"
    path.write_bytes(content)
    with listening(says("")) as (listener, _), pytest.raises(UnreadableAudioError):
        listener.listen(path, roster())


def test_the_log_tells_the_outcome_and_no_words() -> None:
    with listening(says(TEXTS[0]), fails(401)) as (listener, _), capture_logs() as logs:
        listener.listen(SPOKEN, roster())
        with pytest.raises(SpeechUnavailableError):
            listener.listen(SPOKEN, roster())
    assert [line["outcome"] for line in logs] == ["ok", "key_refused"]
    assert logs[0]["seconds"] == 6.0
    assert {"decode_ms", "voice_ms", "transcribe_ms"} <= logs[0].keys()
    assert "李建国" not in str(logs)


@pytest.mark.parametrize(
    "error",
    [
        NothingSaidError(),
        NotUnderstoodError(),
        TooLongError(200),
        TooLongError(None),
        LiveRecordingError(),
        UnreadableAudioError(),
    ],
)
def test_what_the_rep_is_told_says_what_to_do(error: UserError) -> None:
    assert len(error.sentence) <= 80
    assert "请" in error.sentence
    assert error.sentence.endswith("。") or error.sentence.endswith("就行。")


def test_a_long_voice_is_heard_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.amr"
    path.write_bytes(encoded(joined(*[spoken()] * 10), "amr"))
    with listening(says("，".join(TEXTS))) as (listener, service):
        assert listener.listen(path, roster(), seconds=60) == "，".join(TEXTS)
    (tmp_path / "sent.wav").write_bytes(service.heard[0].audio)
    assert len(service.heard[0].audio) == pytest.approx(60.1 * 32_000, rel=0.01)

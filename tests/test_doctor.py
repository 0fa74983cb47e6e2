"""Doctor says what is wrong with a set-up, and what to do."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlmodel import Session, SQLModel

from bot.config import Settings
from bot.doctor import examine
from bot.speech.local import is_installed
from storage.database import open_engine
from storage.migrate import migrate


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def wrong() -> dict[str, str]:
    """What doctor finds wrong, by what it is about."""
    return {found.about: found.words for found in examine() if not found.ok}


def make_database() -> None:
    engine = open_engine("sqlite:///data/repmate.db")
    migrate(engine)
    engine.dispose()


def test_a_new_installation_is_told_to_migrate() -> None:
    assert wrong() == {"数据库": "还没有 data/repmate.db，请运行 python -m bot migrate"}
    assert not Path("data").exists()


def test_an_empty_database_is_told_to_import() -> None:
    make_database()
    assert "python -m bot import" in wrong()["辖区"]


def test_an_old_schema_is_told_to_migrate() -> None:
    engine = open_engine("sqlite:///data/repmate.db")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    assert "python -m bot migrate" in wrong()["表结构"]


def test_looking_leaves_no_trace_in_the_database() -> None:
    make_database()
    list(examine())
    engine = open_engine("sqlite:///data/repmate.db")
    with Session(engine) as session:
        tables = session.connection().exec_driver_sql("SELECT name FROM sqlite_master").all()
    engine.dispose()
    assert ("doctor_was_here",) not in tables


def test_a_wrong_setting_is_all_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_TIMEOUT_SECONDS", "600")
    assert list(wrong()) == ["设置"]
    assert "LLM_TIMEOUT_SECONDS" in wrong()["设置"]


def test_a_database_that_cannot_be_reached_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://rep:geheim@127.0.0.1:1/none")
    assert "连不上" in wrong()["数据库"]
    assert "geheim" not in wrong()["数据库"]


def test_a_file_that_is_no_database_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("data").mkdir()
    Path("data/repmate.db").write_text("not a database at all, really" * 100)
    assert "不是 SQLite 数据库" in wrong()["数据库"]


def test_an_address_of_no_database_that_we_know_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "magic://x")
    assert "DATABASE_URL" in wrong()["设置"]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A service in this machine, for the model and for speech; the list holds the status it answers
    with."""
    status = [200]

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status[0])
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("LLM_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
    monkeypatch.setenv("LLM_MODEL", "small")
    monkeypatch.setenv("SPEECH_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
    monkeypatch.setenv("SPEECH_MODEL", "whisper-1")
    yield status
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "told"), [(200, None), (404, None), (401, "不接受这个密钥"), (503, "有故障")]
)
def test_what_a_service_answers(status: int, told: str | None, model: list[int]) -> None:
    model[0] = status
    found = wrong()
    for about in ("大模型", "听写"):
        assert about not in found if told is None else told in found[about]


def test_a_model_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("LLM_MODEL", "small")
    assert "连不上" in wrong()["大模型"]


def test_without_speech_people_type() -> None:
    found = {one.about: one for one in examine()}["听写"]
    assert (found.ok, found.words) == (True, "没有配置，语音请打字")


def test_speech_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPEECH_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("SPEECH_MODEL", "whisper-1")
    assert "连不上，期间语音先留着" in wrong()["听写"]


def test_a_local_model_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPEECH_LOCAL_MODEL", "models/whisper")
    missing = "里没有模型" if is_installed() else 'pip install "faster-whisper>=1.2"'
    assert missing in wrong()["听写"]


def test_without_a_platform_people_use_the_terminal() -> None:
    found = {one.about: one for one in examine()}["聊天平台"]
    assert found.ok
    assert "docs/wecom.md" in found.words
    assert "docs/telegram.md" in found.words


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot is set, and its server is not there."""
    monkeypatch.setenv("TELEGRAM_TOKEN", "7:AAH-geheim")
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("ALLOW_CROSS_BORDER", "true")
    monkeypatch.setenv("CROSS_BORDER_BASIS", "测试")


def test_looking_makes_no_database(telegram: None) -> None:
    assert set(wrong()) == {"数据库", "Telegram"}
    assert not Path("data").exists()


def test_with_a_platform_the_service_is_looked_at(telegram: None) -> None:
    make_database()
    found = {one.about: one.words for one in examine()}
    assert "连不上" in found["Telegram"]
    assert "现在没有 serve 在运行" in found["服务"]
    assert "geheim" not in str(found)
    assert not list(Path("data").glob("*.engine*"))


@pytest.fixture
def wecom(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app and a bot are set, and nobody answers there."""
    monkeypatch.setenv("WECOM_CORP_ID", "ww1")
    monkeypatch.setenv("WECOM_AGENT_ID", "1000002")
    monkeypatch.setenv("WECOM_SECRET", "geheim-1")
    monkeypatch.setenv("WECOM_TOKEN", "geheim-2")
    monkeypatch.setenv("WECOM_AES_KEY", "k" * 43)
    monkeypatch.setenv("WECOM_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("WECOM_BOT_ID", "bot-1")
    monkeypatch.setenv("WECOM_BOT_SECRET", "geheim-3")
    monkeypatch.setenv("WECOM_BOT_URL", "ws://127.0.0.1:1")


def test_wecom_is_looked_at_without_and_with_a_database(wecom: None) -> None:
    assert set(wrong()) == {"数据库", "企业微信", "企业微信机器人"}
    make_database()
    found = wrong()
    assert "还没有来叫过" in found["企业微信 收消息"]
    assert "geheim" not in str(found)

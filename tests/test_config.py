"""Settings: safe without any, and a mistake is named."""

import re
from pathlib import Path

import pytest

from bot.config import ConfigError, Settings, load_settings
from bot.llm.hosts import Reach, reach_of

EXAMPLE = Path(__file__).parent.parent / ".env.example"
MAINLAND = {
    "LLM_BASE_URL": "https://api.deepseek.com/v1",
    "LLM_API_KEY": "sk-1",
    "LLM_MODEL": "chat",
}
ABROAD = MAINLAND | {"LLM_BASE_URL": "https://llm.example.com/v1"}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def _load(folder: Path, values: dict[str, str]) -> Settings:
    file = folder / ".env"
    file.write_text("".join(f"{k}={v}\n" for k, v in values.items()), encoding="utf-8")
    return load_settings(file)


def test_the_example_lists_every_setting_and_nothing_else() -> None:
    listed = re.findall(r"^#([A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_as_it_is_changes_nothing(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    (tmp_path / ".env").write_text(re.sub(r"^#([A-Z_]+=)", r"\1", text, flags=re.MULTILINE))
    changed = load_settings(tmp_path / ".env").model_dump(exclude={"policy_file"})
    assert changed == load_settings(None).model_dump(exclude={"policy_file"})


def test_without_a_file_there_is_no_model(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "missing.env")
    assert not settings.has_model
    assert settings.database_url.startswith("sqlite:")


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://root@localhost/repmate"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite+aiosqlite:///x.db"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql+psycopg2://localhost/x"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://localhost:port/x"}, "DATABASE_URL"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ({"LLM_TIMEOUT_SECONDS": "21"}, "LLM_TIMEOUT_SECONDS"),
        ({"LLM_TIMEOUT_SECONDS": "soon"}, "LLM_TIMEOUT_SECONDS"),
        ({"LLM_FORMAT": "xml"}, "LLM_FORMAT"),
        ({"LLM_BASE_URL": "api.deepseek.com"}, "LLM_BASE_URL"),
        ({"LLM_EXTRA": "{oops"}, "LLM_EXTRA"),
        ({"LLM_API_KEY": "sk-1"}, "LLM_MODEL"),
        ({"LLM_MODEL": "chat"}, "LLM_BASE_URL"),
        (MAINLAND | {"LLM_API_KEY": ""}, "LLM_API_KEY"),
        (MAINLAND | {"MODEL_RECORD": "a", "MODEL_REPLAY": "b"}, "MODEL_REPLAY"),
        (ABROAD, "ALLOW_CROSS_BORDER"),
        (ABROAD | {"ALLOW_CROSS_BORDER": "true"}, "CROSS_BORDER_BASIS"),
        ({"LLM_MODLE": "chat"}, "LLM_MODEL"),
        ({"COLOUR": "red"}, "COLOUR"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, values: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        _load(tmp_path, values)


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, ABROAD | {"LLM_API_KEY": "sk-hidden", "LLM_TIMEOUT_SECONDS": "x"})
    assert "sk-hidden" not in str(caught.value)
    assert "sk-hidden" not in repr(_load(tmp_path, MAINLAND | {"LLM_API_KEY": "sk-hidden"}))


def test_a_file_of_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("DEFAULT_LOGIN=兰".encode("gbk"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_settings(tmp_path / ".env")


def test_a_file_saved_by_notepad_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("DEFAULT_LOGIN=lan\r\n".encode("utf-8-sig"))
    assert load_settings(tmp_path / ".env").default_login == "lan"


def test_more_request_parameters_are_json(tmp_path: Path) -> None:
    settings = _load(tmp_path, MAINLAND | {"LLM_EXTRA": '{"enable_thinking": false}'})
    assert settings.llm_extra == {"enable_thinking": False}


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"(?s)LOG_LEVEL.*LLM_FORMAT"):
        _load(tmp_path, {"LOG_LEVEL": "LOUD", "LLM_FORMAT": "xml"})


def test_names_go_out_only_on_a_basis(tmp_path: Path) -> None:
    assert not _load(tmp_path, MAINLAND).sends_names
    assert _load(tmp_path, MAINLAND | {"LLM_NAMES_BASIS": "评估2026-03"}).sends_names
    own = {"LLM_BASE_URL": "http://10.0.0.7:8000/v1", "LLM_MODEL": "qwen"}
    assert _load(tmp_path, own).sends_names


TELEGRAM = {"TELEGRAM_TOKEN": "7:AAH-geheim"}
BASIS = {"ALLOW_CROSS_BORDER": "true", "CROSS_BORDER_BASIS": "标准合同备案 2026-0012"}


@pytest.mark.parametrize(
    "missing", [{}, {"ALLOW_CROSS_BORDER": "true"}, {"CROSS_BORDER_BASIS": "备案"}]
)
def test_telegram_needs_a_basis(tmp_path: Path, missing: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="TELEGRAM_TOKEN: 服务器在境外") as told:
        _load(tmp_path, TELEGRAM | missing)
    assert "geheim" not in str(told.value)
    assert _load(tmp_path, TELEGRAM | BASIS).telegram_token is not None


@pytest.mark.parametrize("secret", ["with a blank", "秘密", "a+b", "x" * 257])
def test_a_secret_that_telegram_does_not_take_is_refused(tmp_path: Path, secret: str) -> None:
    with pytest.raises(ConfigError, match="TELEGRAM_WEBHOOK_SECRET: 只能") as told:
        _load(tmp_path, TELEGRAM | BASIS | {"TELEGRAM_WEBHOOK_SECRET": secret})
    assert secret not in str(told.value)
    good = _load(tmp_path, TELEGRAM | BASIS | {"TELEGRAM_WEBHOOK_SECRET": "aZ_9-" * 51})
    assert good.telegram_webhook_secret is not None


@pytest.mark.parametrize("end", ["", "/", "/cgi-bin", "/cgi-bin/", "//", "//cgi-bin//"])
def test_the_address_of_wecom_ends_as_people_copy_it(tmp_path: Path, end: str) -> None:
    for address in ("https://wecom.example.com", "http://10.0.0.7:8081/relay"):
        settings = _load(tmp_path, {"WECOM_API_URL": f"{address}{end}"})
        assert settings.wecom_api_url == address


def test_an_address_of_wecom_that_is_none_is_named(tmp_path: Path) -> None:
    for wrong in ("wecom.example.com/cgi-bin", "https:///cgi-bin"):
        with pytest.raises(ConfigError, match="WECOM_API_URL"):
            _load(tmp_path, {"WECOM_API_URL": wrong})


def test_the_name_of_the_bot_keeps_its_blanks(tmp_path: Path) -> None:
    settings = _load(tmp_path, {"WECOM_BOT_NAME": "Rep Mate 助手"})
    assert settings.wecom_bot_name == "Rep Mate 助手"


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEFAULT_LOGIN", "lan")
    assert _load(tmp_path, {"DEFAULT_LOGIN": "ye"}).default_login == "lan"


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("http://localhost:11434/v1", Reach.INTERNAL),
        ("http://127.0.0.1/v1", Reach.INTERNAL),
        ("http://[::1]:8000/v1", Reach.INTERNAL),
        ("http://192.168.1.20:8000/v1", Reach.INTERNAL),
        ("http://vllm:8000/v1", Reach.INTERNAL),
        ("http://gpu.internal/v1", Reach.INTERNAL),
        ("https://api.deepseek.com/v1", Reach.MAINLAND),
        ("https://API.DeepSeek.com./v1", Reach.MAINLAND),
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", Reach.MAINLAND),
        ("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", Reach.ABROAD),
        ("https://api.deepseek.com.evil.example/v1", Reach.ABROAD),
        ("https://api.deepseek.com@llm.example/v1", Reach.ABROAD),
        ("https://notapi.deepseek.com/v1", Reach.ABROAD),
        ("https://8.8.8.8/v1", Reach.ABROAD),
        ("https://localhost.example/v1", Reach.ABROAD),
    ],
)
def test_where_an_address_is(address: str, reach: Reach) -> None:
    assert reach_of(address) is reach

"""What one installation sets in its environment or `.env`; errors name the variable to mend."""

import difflib
import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    JsonValue,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.llm.hosts import Reach, reach_of
from bot.policy import DEFAULT_POLICY
from storage.database import DRIVERS

LONGEST_WAIT_SECONDS = 20
"""Nobody waits longer than this for a model (product rule: no wait over 20 s)."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""What Telegram takes as the secret of a webhook."""

_WECOM_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
"""A key of 32 bytes in base64, without the sign that fills it up."""


class ConfigError(ValueError):
    """The settings cannot be used; the message names each variable, in Chinese and English."""


class AnswerFormat(StrEnum):
    """How a model is made to answer in JSON; `auto` finds out what the endpoint supports."""

    AUTO = "auto"
    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    TEXT = "text"


class LogLevel(StrEnum):
    """From which level on log lines are written."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


def _checked_database(url: str) -> str:
    try:
        driver = make_url(url).drivername
    except (ArgumentError, ValueError):
        raise _not_a_database() from None
    if driver not in DRIVERS:
        raise _not_a_database()
    return url


def _not_a_database() -> PydanticCustomError:
    return _missing(
        "database_url",
        "只能用 sqlite:///data/repmate.db 或 postgresql://… 这样的地址",
        "a SQLite or PostgreSQL address",
    )


def _checked_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("not an address, e.g. https://api.example.com/v1")
    return url


def _without_cgi_bin(url: str) -> str:
    """WeCom's documents write every address with it, and it is put behind anyway."""
    return url.rstrip("/").removesuffix("/cgi-bin").rstrip("/")


def _checked_socket(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"ws", "wss"} or not parts.hostname:
        raise ValueError("not an address, e.g. wss://openws.work.weixin.qq.com")
    return url


def _read_json(value: object) -> object:
    """What a variable holds as text; a default is a value already."""
    return json.loads(value) if isinstance(value, str) else value


class Settings(BaseSettings):
    """One field per variable, in upper case in the environment; `.env.example` explains each."""

    model_config = SettingsConfigDict(
        env_file_encoding="utf-8-sig",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        protected_namespaces=(),
    )

    database_url: Annotated[str, AfterValidator(_checked_database), Field(repr=False)] = (
        "sqlite:///data/repmate.db"
    )
    data_dir: Path = Path("data")
    policy_file: Path = DEFAULT_POLICY
    default_login: str | None = None
    log_level: LogLevel = LogLevel.INFO

    llm_base_url: Annotated[str, AfterValidator(_checked_address)] | None = None
    llm_api_key: SecretStr | None = None
    llm_model: str | None = None
    llm_fallback_model: str | None = None
    llm_timeout_seconds: Annotated[float, Field(gt=0, le=LONGEST_WAIT_SECONDS)] = 18.0
    llm_format: AnswerFormat = AnswerFormat.AUTO
    llm_extra: Annotated[dict[str, JsonValue], NoDecode, BeforeValidator(_read_json)] = {}
    llm_names_basis: str | None = None
    allow_cross_border: bool = False
    cross_border_basis: str | None = None
    model_record: Path | None = None
    model_replay: Path | None = None

    telegram_token: SecretStr | None = None
    telegram_api_url: Annotated[str, AfterValidator(_checked_address)] = "https://api.telegram.org"
    telegram_webhook_url: Annotated[str, AfterValidator(_checked_address)] | None = None
    telegram_webhook_secret: SecretStr | None = None

    wecom_corp_id: str | None = None
    wecom_agent_id: Annotated[int, Field(gt=0)] | None = None
    wecom_secret: SecretStr | None = None
    wecom_token: SecretStr | None = None
    wecom_aes_key: SecretStr | None = None
    wecom_api_url: Annotated[
        str, AfterValidator(_checked_address), AfterValidator(_without_cgi_bin)
    ] = "https://qyapi.weixin.qq.com"
    wecom_cards: bool = True
    wecom_daily_messages: Annotated[int, Field(gt=0)] = 20_000

    wecom_bot_id: str | None = None
    wecom_bot_secret: SecretStr | None = None
    wecom_bot_url: Annotated[str, AfterValidator(_checked_socket)] = (
        "wss://openws.work.weixin.qq.com"
    )
    wecom_bot_name: str | None = None

    speech_base_url: Annotated[str, AfterValidator(_checked_address)] | None = None
    speech_api_key: SecretStr | None = None
    speech_model: str | None = None
    speech_timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 60.0
    speech_basis: str | None = None
    speech_local_model: Path | None = None
    keep_audio_days: Annotated[int, Field(ge=0, le=365)] = 0

    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    queue_seconds: Annotated[float, Field(gt=0, le=5)] = 0.1
    push_seconds: Annotated[float, Field(gt=0, le=3600)] = 20.0
    stop_seconds: Annotated[float, Field(ge=0, le=600)] = 25.0

    @property
    def has_model(self) -> bool:
        """Whether a model is configured at all; without one the rules engine does everything."""
        return self.llm_model is not None

    @property
    def sends_names(self) -> bool:
        """Whether names of people go to the model: in our own network, or on a recorded basis."""
        return bool(self.llm_names_basis) or self._reach is Reach.INTERNAL

    @property
    def _reach(self) -> Reach:
        return Reach.ABROAD if self.llm_base_url is None else reach_of(self.llm_base_url)

    @property
    def has_speech(self) -> bool:
        """Whether voice messages can be written down: by a service, or by a model on this
        machine."""
        return self.speech_model is not None or self.speech_local_model is not None

    @property
    def _may_leave_china(self) -> bool:
        return self.allow_cross_border and bool(self.cross_border_basis)

    @model_validator(mode="after")
    def _telegram_is_allowed(self) -> "Settings":
        """Telegram's servers are outside of China (SY-11)."""
        if self.telegram_token is None or self._may_leave_china:
            return self
        raise _missing(
            "telegram_token",
            "服务器在境外，须设 ALLOW_CROSS_BORDER=true 并写 CROSS_BORDER_BASIS",
            "Telegram is abroad: set ALLOW_CROSS_BORDER and CROSS_BORDER_BASIS",
        )

    @model_validator(mode="after")
    def _secret_is_taken(self) -> "Settings":
        secret = self.telegram_webhook_secret
        if secret is None or _SECRET.fullmatch(secret.get_secret_value()):
            return self
        raise _missing(
            "telegram_webhook_secret",
            "只能用字母、数字、下划线和减号，最多 256 个",
            "letters, digits, _ and - only, at most 256",
        )

    @model_validator(mode="after")
    def _wecom_is_complete(self) -> "Settings":
        """An app needs all five; which are missing is named by the first of them."""
        wanted = ("wecom_corp_id", "wecom_agent_id", "wecom_secret", "wecom_token", "wecom_aes_key")
        missing = [name for name in wanted if getattr(self, name) is None]
        if missing and len(missing) < len(wanted):
            raise _missing(missing[0], "企业微信自建应用的五项要一起填", "all five go together")
        key = self.wecom_aes_key
        if key is not None and not _WECOM_AES_KEY.fullmatch(key.get_secret_value()):
            raise _missing("wecom_aes_key", "EncodingAESKey 是 43 个字母和数字", "43 characters")
        return self

    @model_validator(mode="after")
    def _wecom_bot_is_complete(self) -> "Settings":
        if (self.wecom_bot_id is None) != (self.wecom_bot_secret is None):
            missing = "wecom_bot_id" if self.wecom_bot_id is None else "wecom_bot_secret"
            raise _missing(missing, "智能机器人的 ID 和 Secret 要一起填", "both go together")
        return self

    @model_validator(mode="after")
    def _speech_is_complete(self) -> "Settings":
        if self.speech_model is None and (self.speech_base_url or self.speech_api_key):
            raise _missing("speech_model", "配置了听写服务就要写模型名", "name the speech model")
        if self.speech_model and not self.speech_base_url:
            raise _missing("speech_base_url", "请写听写服务的地址", "give its address")
        if self.speech_model and self.speech_local_model:
            raise _missing("speech_local_model", "听写服务和本机模型选一个", "choose one")
        return self

    @model_validator(mode="after")
    def _speech_is_allowed(self) -> "Settings":
        """A voice cannot be masked before it leaves the house, as text is."""
        reach = reach_of(self.speech_base_url) if self.speech_base_url else Reach.INTERNAL
        if reach is Reach.INTERNAL:
            return self
        if not self.speech_basis:
            raise _missing(
                "speech_basis",
                "语音里有人名，交给外部听写服务须写明依据",
                "record the basis for sending voices outside of your own network",
            )
        if reach is Reach.ABROAD and not self._may_leave_china:
            raise _missing(
                "allow_cross_border",
                "SPEECH_BASE_URL 不在已知的境内服务中，数据出境须先获准并写明依据",
                "not a known mainland service; see ALLOW_CROSS_BORDER and CROSS_BORDER_BASIS",
            )
        return self

    @model_validator(mode="after")
    def _model_is_complete(self) -> "Settings":
        wanted = self.llm_base_url or self.llm_api_key or self.llm_fallback_model
        if wanted and not self.llm_model:
            raise _missing("llm_model", "配置了大模型就要写模型名", "name the model to use")
        if self.llm_model and not (self.llm_base_url or self.model_replay):
            raise _missing("llm_base_url", "请写模型服务的地址", "give the address of the model")
        if self.model_record and self.model_replay:
            raise _missing("model_replay", "录制和回放只能选一个", "record or replay, not both")
        return self

    @model_validator(mode="after")
    def _model_is_allowed(self) -> "Settings":
        if not self.llm_base_url or self.model_replay or self._reach is Reach.INTERNAL:
            return self
        if not self.llm_api_key:
            raise _missing("llm_api_key", "外部模型服务需要密钥", "an external model needs a key")
        if self._reach is Reach.ABROAD and not self.allow_cross_border:
            raise _missing(
                "allow_cross_border",
                "LLM_BASE_URL 不在已知的境内服务中，数据出境须先获准",
                "not a known mainland service; data may leave China only when this is true",
            )
        if self._reach is Reach.ABROAD and not self.cross_border_basis:
            raise _missing(
                "cross_border_basis",
                "请写明数据出境的依据",
                "record the basis for cross-border data",
            )
        return self


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Read the environment and the file (the environment wins; a missing file is fine).

    Raises:
        ConfigError: a value is wrong, something needed is missing, or the file has an unknown name.
    """
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        raise ConfigError("\n".join(map(_explain, error.errors()))) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{env_file}: 请存成UTF-8编码 (must be UTF-8)") from None


def _missing(field: str, chinese: str, english: str) -> PydanticCustomError:
    return PydanticCustomError("setting", f"{field.upper()}: {chinese} ({english})")


def _explain(error: ErrorDetails) -> str:
    """One line per problem; never the value, which may be a secret."""
    if error["type"] == "setting":
        return error["msg"]
    name = str(error["loc"][0]).upper()
    if error["type"] != "extra_forbidden":
        return f"{name}: 设置有误 ({error['msg']})"
    known = [field.upper() for field in Settings.model_fields]
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"，是不是 {close[0]}？(did you mean {close[0]}?)" if close else " (unknown setting)"
    return f"{name}: 没有这个设置{hint}"

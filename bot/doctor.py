"""What is wrong with this set-up, in plain words: settings, policy, database, territory, model,
speech, chat platforms, and whether people are reached."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
from pydantic import SecretStr
from sqlalchemy import URL, Engine, func, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from bot.config import ConfigError, Settings, load_settings
from bot.domain.clock import to_local
from bot.domain.errors import UserError
from bot.finding import Finding
from bot.policy import PolicyError, load_policy
from bot.speech.local import has_weights, is_installed
from storage.customers import Customer
from storage.database import open_engine
from storage.migrate import is_current
from storage.people import Person

MODEL_WAIT_SECONDS = 4.0


def examine() -> Iterator[Finding]:
    """Look at everything in turn; what depends on a broken part is not looked at."""
    try:
        settings = load_settings()
    except ConfigError as error:
        yield Finding(False, "设置", f"请改 .env 或环境变量：\n{error}")
        return
    yield Finding(True, "设置", "都看得懂")
    yield _policy(settings)
    yield _data_dir(settings)
    yield from _database(settings)
    yield _model(settings)
    yield _speech(settings)
    yield from _channels(settings)


def _policy(settings: Settings) -> Finding:
    try:
        load_policy(settings.policy_file)
    except PolicyError as error:
        return Finding(False, "业务参数", f"{settings.policy_file} 要改：\n{error}")
    return Finding(True, "业务参数", f"{settings.policy_file.name} 可用")


def _data_dir(settings: Settings) -> Finding:
    nearest = settings.data_dir.absolute()
    while not nearest.exists():
        nearest = nearest.parent
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        return Finding(False, "文件目录", f"写不进 {settings.data_dir}，请检查权限或改 DATA_DIR")
    return Finding(True, "文件目录", f"{settings.data_dir} 可写")


def _database(settings: Settings) -> Iterator[Finding]:
    url = make_url(settings.database_url)
    if _is_missing(url):
        yield Finding(False, "数据库", f"还没有 {url.database}，请运行 python -m bot migrate")
        return
    shown = url.render_as_string(hide_password=True)
    try:
        with ExitStack() as stack:
            engine = open_engine(settings.database_url)
            stack.callback(engine.dispose)
            yield _writable(engine, shown)
            yield from _contents(engine)
    except UserError as told:
        yield Finding(False, "数据库", told.sentence)
    except SQLAlchemyError:
        yield Finding(False, "数据库", f"连不上 {shown}，请确认数据库已启动、地址和密码正确")


def _is_missing(url: URL) -> bool:
    """Whether opening it would make a new file."""
    is_file = url.get_backend_name() == "sqlite" and bool(url.database)
    return is_file and not Path(url.database or "").exists()


def _writable(engine: Engine, shown: str) -> Finding:
    """A table is made and taken back, which needs the same rights as a migration."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            connection.exec_driver_sql("CREATE TABLE doctor_was_here (id INTEGER)")
        except SQLAlchemyError:
            return Finding(False, "数据库", f"{shown} 连得上，但写不进去，请检查权限或磁盘空间")
        finally:
            connection.rollback()
    return Finding(True, "数据库", f"{shown} 可读写")


def _contents(engine: Engine) -> Iterator[Finding]:
    with engine.connect() as connection:
        current = is_current(connection)
        has_people = inspect(connection).has_table("person")
    if not current:
        yield Finding(False, "表结构", "不是最新的，请运行 python -m bot migrate")
    else:
        yield Finding(True, "表结构", "最新")
    if has_people:
        yield _territory(engine)


def _territory(engine: Engine) -> Finding:
    with Session(engine) as session:
        people = session.exec(select(func.count()).select_from(Person)).one()
        customers = session.exec(select(func.count()).select_from(Customer)).one()
    if not customers:
        return Finding(
            False,
            "辖区",
            "还没有客户，请运行 python -m bot import 文件.xlsx（试用：python -m bot sample）",
        )
    return Finding(True, "辖区", f"{people} 位同事，{customers} 位客户")


def _channels(settings: Settings) -> Iterator[Finding]:
    """The chat platforms, and what passes through them."""
    from bot.channels.checks import check_channels  # noqa: PLC0415 - a second to load
    from bot.operating import check_calls, check_serving  # noqa: PLC0415 - the same

    now = to_local(datetime.now(UTC))
    found = check_channels(settings, now)
    if not found:
        words = (
            "没有配置，只能在终端里用；接企业微信见 docs/wecom.md，接 Telegram 见 docs/telegram.md"
        )
        yield Finding(True, "聊天平台", words)
        return
    yield from found
    if _is_missing(make_url(settings.database_url)):
        return
    engine = open_engine(settings.database_url)
    try:
        yield from check_serving(engine, now)
        yield from check_calls(engine, settings, now)
    except (UserError, SQLAlchemyError):
        pass  # the database was told about above
    finally:
        engine.dispose()


def _model(settings: Settings) -> Finding:
    if not settings.has_model:
        return Finding(True, "大模型", "没有配置，由规则引擎整理（可以正常使用）")
    if settings.model_replay is not None:
        return Finding(True, "大模型", f"回放 {settings.model_replay} 里的录制")
    return _answering(
        _Service("大模型", settings.llm_model, settings.llm_base_url, settings.llm_api_key),
        "期间由规则引擎整理；",
        "LLM_API_KEY",
    )


def _speech(settings: Settings) -> Finding:
    if settings.speech_local_model is not None:
        return _local_speech(settings.speech_local_model)
    if settings.speech_model is None:
        return Finding(True, "听写", "没有配置，语音请打字")
    return _answering(
        _Service("听写", settings.speech_model, settings.speech_base_url, settings.speech_api_key),
        "期间语音先留着；",
        "SPEECH_API_KEY",
    )


def _local_speech(folder: Path) -> Finding:
    if not is_installed():
        how = f'{sys.executable} -m pip install "faster-whisper>=1.2"'
        return Finding(False, "听写", f"本机听写还缺一个软件包，请运行 {how}")
    if not has_weights(folder):
        return Finding(False, "听写", f"{folder} 里没有模型，请检查 SPEECH_LOCAL_MODEL")
    return Finding(True, "听写", f"本机模型 {folder.name} 可用")


@dataclass(frozen=True, slots=True)
class _Service:
    """A model service as the settings name it."""

    about: str
    model: str | None
    address: str | None
    key: SecretStr | None


def _answering(service: _Service, meanwhile: str, key_setting: str) -> Finding:
    """Whether a service is there and takes our key; `meanwhile` is what happens until then."""
    headers = {"Authorization": f"Bearer {service.key.get_secret_value()}"} if service.key else {}
    address = (service.address or "").rstrip("/")
    try:
        answer = httpx2.get(f"{address}/models", headers=headers, timeout=MODEL_WAIT_SECONDS)
    except (httpx2.HTTPError, httpx2.InvalidURL):
        return Finding(False, service.about, f"{address} 连不上，{meanwhile}请检查地址和网络")
    if answer.status_code in {401, 403}:
        return Finding(False, service.about, f"{address} 不接受这个密钥，请检查 {key_setting}")
    if answer.status_code >= 500:
        told = f"{address} 现在有故障（{answer.status_code}），请稍后再看"
        return Finding(False, service.about, told)
    return Finding(True, service.about, f"{service.model} @ {address} 连得上")

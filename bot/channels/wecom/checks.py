"""Whether WeCom's app is set up right: its secret and id, who sees it, its menu, what lies waiting.

Nothing here changes anything at WeCom, and neither the secret nor a token is ever told. When WeCom
called last is known to the database alone, and looked at in `bot/operating.py`.
"""

import ipaddress
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from bot.channels.wecom.api import WeComConfig
from bot.channels.wecom.channel import config_of
from bot.channels.wecom.errors import APP, CodeError, advice_on, code_of
from bot.channels.wecom.messages import CHANNEL
from bot.channels.wecom.spool import ASIDE, Spool
from bot.config import Settings
from bot.finding import Finding

ABOUT = "企业微信"
MENU = f"{ABOUT} 菜单"
SPOOL = f"{ABOUT} 积压"
WAIT_SECONDS = 8.0
NO_MENU = 46003
OWN_NETWORK = ("localhost", ".localhost", ".local", ".internal", ".lan")

RANGE = (
    ("allow_userinfos", "user", "人"),
    ("allow_partys", "partyid", "个部门"),
    ("allow_tags", "tagid", "个标签"),
)
"""Where an app's description lists who sees it (page 90227), and how that is counted."""


class _UnhealthyError(Exception):
    """Something that must be mended before more can be looked at."""


def check_wecom(settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    """Nothing when no app is configured."""
    config = config_of(settings)
    if config is None:
        return
    yield from _at_wecom(config)
    yield _waiting(settings.data_dir / "spool" / CHANNEL)


def lies_open(address: str, setting: str) -> str | None:
    """What to tell when a secret would cross the public network in the clear."""
    parts = urlsplit(address)
    if parts.scheme in {"https", "wss"} or _is_near(parts.hostname or ""):
        return None
    safe = {"http": "https://", "ws": "wss://"}[parts.scheme]
    return f"{setting} 用的是 {parts.scheme}://，密钥会明文经过公网：请改成 {safe} 开头的"


def shown(address: str) -> str:
    """An address without any password in it."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"


def _is_near(host: str) -> bool:
    """Whether a host is in one's own network."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(OWN_NETWORK)
    return address.is_private or address.is_loopback


def _at_wecom(config: WeComConfig) -> Iterator[Finding]:
    open_line = lies_open(config.api_url, "WECOM_API_URL")
    if open_line is not None:
        yield Finding(False, ABOUT, open_line)
        return
    try:
        with _connected(config) as server:
            desk = _Desk(server, config)
            desk.log_in()
            yield _app(desk.ask("agent/get"))
            yield _menu(desk)
    except CodeError as error:
        yield Finding(False, ABOUT, _told(error))
    except _UnhealthyError as problem:
        yield Finding(False, ABOUT, str(problem))


def _connected(config: WeComConfig) -> httpx2.Client:
    logging.getLogger("httpx2").setLevel(logging.CRITICAL + 1)  # it would quote the secret
    base = f"{config.api_url.rstrip('/')}/cgi-bin/"
    try:
        return httpx2.Client(base_url=base, timeout=WAIT_SECONDS, trust_env=False)
    except httpx2.InvalidURL:
        raise _UnhealthyError(_not_there(config)) from None


@dataclass
class _Desk:
    """WeCom's server, asked in the name of one app. Every question raises CodeError and
    _UnhealthyError."""

    server: httpx2.Client
    config: WeComConfig
    _token: str = ""

    def log_in(self) -> None:
        """Get a token: while one is good WeCom gives the same again, so nobody loses theirs."""
        query = {"corpid": self.config.corp, "corpsecret": self.config.secret}
        self._token = str(self._asked("gettoken", query).get("access_token") or "")
        if not self._token:
            raise _UnhealthyError(_no_wecom(self.config))

    def ask(self, path: str) -> dict[str, Any]:
        """What WeCom says about the app."""
        query = {"access_token": self._token, "agentid": str(self.config.agent)}
        return self._asked(path, query)

    def _asked(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        try:
            answer = self.server.get(path, params=query)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise _UnhealthyError(_not_there(self.config)) from None
        if answer.status_code == 429 or answer.status_code >= 500:
            address = shown(self.config.api_url)
            told = f"{address} 现在有故障或太忙（{answer.status_code}），请稍后再看"
            raise _UnhealthyError(told)
        return self._read(answer)

    def _read(self, answer: httpx2.Response) -> dict[str, Any]:
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise _UnhealthyError(_no_wecom(self.config))
        if code_of(found):
            raise CodeError(code_of(found), str(found.get("errmsg", "")))
        return found


def _not_there(config: WeComConfig) -> str:
    return (
        f"{shown(config.api_url)} 连不上：检查网络、域名解析和防火墙（系统的代理设置这里不用），"
        "看 WECOM_API_URL 填得对不对；私有部署还要看证书是否受信任"
    )


def _no_wecom(config: WeComConfig) -> str:
    return f"{shown(config.api_url)} 不像企业微信的接口，请检查 WECOM_API_URL"


def _told(error: CodeError) -> str:
    return f"{advice_on(error.code, error.message)}（{error.code}）"


def _app(app: dict[str, Any]) -> Finding:
    """Whether it is switched on, and for whom."""
    if app.get("close") == 1:
        return Finding(False, ABOUT, f"应用停用了：{APP}，把它启用")
    counts = [(len(_list(app.get(where), what)), unit) for where, what, unit in RANGE]
    sees = "、".join(f"{count} {unit}" for count, unit in counts if count)
    if not sees:
        words = f"可见范围是空的，谁也看不到这个应用：{APP} →「可见范围」→ 编辑"
        return Finding(False, ABOUT, words)
    return Finding(True, ABOUT, f"应用「{app.get('name', '')}」连得上，可见范围 {sees}")


def _menu(desk: _Desk) -> Finding:
    try:
        headings = _list(desk.ask("menu/get"), "button")
    except CodeError as error:
        if error.code != NO_MENU:
            return Finding(False, MENU, _told(error))
        headings = []
    if not headings:
        return Finding(False, MENU, "还没有，请运行 python -m bot menu")
    names = [str(each.get("name", "")) for each in headings if isinstance(each, dict)]
    return Finding(True, MENU, f"已设好：{'、'.join(names)}")


def _list(part: object, what: str) -> list[Any]:
    """A list in a part of an answer; nothing when there is none."""
    found = part.get(what) if isinstance(part, dict) else None
    return found if isinstance(found, list) else []


def _waiting(folder: Path) -> Finding:
    """What WeCom brought and the database has not taken, on this machine."""
    waiting, aside = Spool(folder).count()
    told = []
    if waiting:
        told.append(
            f"有 {waiting} 条还没存进数据库，加密着放在 {folder}，不会丢："
            "看数据库是否连得上、serve 是否在运行，好了会按顺序处理"
        )
    if aside:
        told.append(
            f"有 {aside} 条怎么也存不进去，放在 {folder} 里以 {ASIDE} 结尾的文件："
            "先别删，看日志里 wecom_call_put_aside，交给开发的人"
        )
    if told:
        return Finding(False, SPOOL, "。".join(told))
    return Finding(True, SPOOL, "没有等着存的消息")

"""Whether the Telegram bot is set up right: its token, and how messages come from there to us.

Nothing here changes anything at Telegram, and neither the token nor its address is ever told.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
from pydantic import SecretStr

from bot.channels.telegram.receiving import WEBHOOK_PATH
from bot.config import Settings
from bot.finding import Finding

ABOUT = "Telegram"
WAIT_SECONDS = 8.0
FRESH = timedelta(hours=1)
"""A call that failed longer ago, with nothing left to deliver, is over."""

OFFICIAL = "api.telegram.org"
PORTS = {443, 80, 88, 8443}
"""Where Telegram calls a webhook; a Bot API server of one's own calls anywhere."""

LONGEST_QUOTE = 120
WHAT_TO_CHECK = {
    "webhook: 401": (
        "密码对不上（401）：反向代理要原样转发请求头 X-Telegram-Bot-Api-Secret-Token；"
        "改过 TELEGRAM_WEBHOOK_SECRET 或 TELEGRAM_TOKEN 就重启 serve"
    ),
    "webhook: 403": "反向代理拒绝了（403）：放行 Telegram 的地址",
    "webhook: 404": f"找不到（404）：反向代理要把 {WEBHOOK_PATH} 转给 serve",
    "webhook: 413": "反向代理嫌太大（413）：把请求上限调到 1 MB 以上",
    "webhook: 502": "反向代理连不上 serve（502）：看 serve 是否在运行，WEB_HOST、WEB_PORT 对不对",
    "webhook: 503": "serve 暂时存不进数据库，或没在运行（503）：先看数据库",
    "webhook: 504": "serve 太久没回应（504）：看数据库和机器是否太忙",
    "certificate": "证书不被信任：用公开机构签发的证书，反向代理要发完整的证书链",
    "ssl": "证书或 TLS 有问题：反向代理要发完整的证书链，域名要和证书一致",
    "resolve": "域名解析不到：检查域名和 DNS",
    "reserved": "域名指到了内网地址：要公网能访问的地址",
    "refused": "连接被拒：反向代理没在运行，或端口没对外开放",
    "unreachable": "网络不通：检查防火墙和路由",
    "timed out": "等不到回应：检查防火墙，看 serve 是否在运行、是否太忙",
    "timeout": "等不到回应：检查防火墙，看 serve 是否在运行、是否太忙",
}
"""What is to be checked, by a word of what Telegram says about its last call."""


class _UnhealthyError(Exception):
    """Something that must be mended before more can be looked at."""


def check_telegram(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Nothing when no bot is configured. Times are told in the zone of `now`."""
    if settings.telegram_token is None:
        return
    try:
        with _connected(settings, settings.telegram_token) as server:
            yield _named(_asked(server, settings, "getMe"))
            yield _way_in(settings, _asked(server, settings, "getWebhookInfo"), now)
    except _UnhealthyError as problem:
        yield Finding(False, ABOUT, str(problem))


def _connected(settings: Settings, token: SecretStr) -> httpx2.Client:
    """As the bot itself: whatever proxies the environment names are not used."""
    base = f"{settings.telegram_api_url.rstrip('/')}/bot{token.get_secret_value()}/"
    try:
        return httpx2.Client(base_url=base, timeout=WAIT_SECONDS, trust_env=False)
    except httpx2.InvalidURL:
        raise _UnhealthyError(_bad_token()) from None


def _asked(server: httpx2.Client, settings: Settings, method: str) -> dict[str, Any]:
    address = settings.telegram_api_url
    try:
        answer = server.post(method)
    except httpx2.InvalidURL:
        raise _UnhealthyError(_bad_token()) from None
    except httpx2.HTTPError:
        raise _UnhealthyError(
            f"{address} 连不上。境内直连不了 Telegram，系统的代理设置这里不用；"
            "请检查网络，或把 TELEGRAM_API_URL 指到能连上的 Bot API 服务器"
        ) from None
    if answer.status_code == 429 or answer.status_code >= 500:
        raise _UnhealthyError(f"{address} 现在有故障或太忙（{answer.status_code}），请稍后再看")
    return _result(answer, address)


def _result(answer: httpx2.Response, address: str) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict) or "ok" not in told:
        raise _UnhealthyError(f"{address} 不像 Bot API 服务器，请检查 TELEGRAM_API_URL")
    result = told.get("result")
    if answer.status_code in {401, 404} or not isinstance(result, dict):
        raise _UnhealthyError(_bad_token())
    return result


def _bad_token() -> str:
    return (
        "不接受这个 token，请核对 TELEGRAM_TOKEN："
        "在 Telegram 里给 @BotFather 发 /mybots，选机器人，点 API Token"
    )


def _named(me: dict[str, Any]) -> Finding:
    name = me.get("username")
    return Finding(True, ABOUT, f"机器人 {f'@{name} ' if name else ''}连得上")


def _way_in(settings: Settings, info: dict[str, Any], now: datetime) -> Finding:
    """How messages come to us: we ask for them, or Telegram calls."""
    url, waiting = str(info.get("url") or ""), int(info.get("pending_update_count") or 0)
    if settings.telegram_webhook_url is None:
        return _polling(url, waiting)
    expected = f"{settings.telegram_webhook_url.rstrip('/')}{WEBHOOK_PATH}"
    problem = (
        wrong_address(settings)
        or _wrong_registration(url, expected)
        or _failed_call(info, waiting, now)
    )
    if problem is not None:
        return Finding(False, f"{ABOUT} 收消息", problem)
    return Finding(True, f"{ABOUT} 收消息", f"webhook 已登记：{url}，{_waiting(waiting)}")


def _polling(url: str, waiting: int) -> Finding:
    about = f"{ABOUT} 收消息"
    if url:
        return Finding(
            False,
            about,
            f"设的是轮询，Telegram 那边却登记着 webhook（{url}），现在取不到消息。"
            "serve 启动时会取消它；要是又回来了，就是另有一套程序在用这个 token",
        )
    return Finding(True, about, f"轮询，{_waiting(waiting)}")


def _waiting(count: int) -> str:
    if not count:
        return "没有消息在等"
    return f"有 {count} 条消息在等（Telegram 只留 24 小时）"


def wrong_address(settings: Settings) -> str | None:
    """Why Telegram itself would never call the webhook's address."""
    parts = urlsplit(settings.telegram_webhook_url or "")
    if urlsplit(settings.telegram_api_url).hostname != OFFICIAL:
        return None
    if parts.scheme != "https" or (parts.port or 443) not in PORTS:
        return "TELEGRAM_WEBHOOK_URL 要用 https，端口只能是 443、80、88、8443"
    return None


def _wrong_registration(url: str, expected: str) -> str | None:
    if not url:
        return f"还没有登记 webhook，收不到消息：启动 serve，它会登记 {expected}"
    if url != expected:
        return (
            f"登记的是 {url}，这里设的是 {expected}：重启 serve 就会改过来；"
            "要是又变了，就是另有一套程序在用这个 token"
        )
    return None


def _failed_call(info: dict[str, Any], waiting: int, now: datetime) -> str | None:
    """What Telegram says about its last call, if that still matters."""
    said, at = str(info.get("last_error_message") or ""), info.get("last_error_date")
    if not said or not isinstance(at, int):
        return None
    when = datetime.fromtimestamp(at, UTC).astimezone(now.tzinfo)
    if not waiting and now - when > FRESH:
        return None
    return (
        f"Telegram {when.month}月{when.day}日 {when:%H:%M} 没送进来，{_waiting(waiting)}。"
        f"{_to_check(said)}"
    )


def _to_check(said: str) -> str:
    known = (advice for word, advice in WHAT_TO_CHECK.items() if word in said.lower())
    return next(known, f"Telegram 的说法：{said[:LONGEST_QUOTE]}")

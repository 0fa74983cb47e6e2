"""WeCom's error codes: what each means to whoever sends, and what to click to mend it."""

import re
from dataclasses import dataclass
from typing import Any

from bot.channel import (
    ChannelDownError,
    ChannelError,
    MediaGoneError,
    RefusedError,
    SlowDownError,
    UnreachableError,
)

BUSY_SECONDS = 60.0
"""WeCom blocks for a minute who called too often in a minute (page 90454)."""

STALE_TOKEN = frozenset({40001, 40014, 41001, 42001})
"""The token is of no use any more; a new one helps unless the secret is wrong, too."""

GONE_MEDIA = frozenset({40007, 41006})
TOO_LARGE = 830002
"""Of a file that WeCom hands out in pieces only, 20 MB (page 90254)."""

NOBODY = 81013
TAKEN_TASK = 42014
"""Of a card whose task id was there before; ours are made of what is sent, so it was that card."""

REPEATED_CARD = "repeated_card"

APP = "管理后台「应用管理」→ 点开这个应用"


@dataclass(frozen=True, slots=True)
class Situation:
    """What a code means: one word for the record, and in Chinese what to do about it. Until that is
    done, what waits stays safe."""

    reason: str
    advice: str


SETUP: dict[int, Situation] = {
    40001: Situation("secret", f"Secret 不对：{APP} → Secret「查看」，填到 WECOM_SECRET"),
    40013: Situation(
        "corp", "企业 ID 不对：管理后台「我的企业」最下面的「企业ID」，填到 WECOM_CORP_ID"
    ),
    40056: Situation("agent", f"AgentId 不对：{APP}，名称下面就是 AgentId，填到 WECOM_AGENT_ID"),
    40082: Situation("secret", f"Secret 不对：{APP} → Secret「查看」，填到 WECOM_SECRET"),
    40091: Situation("secret", f"Secret 是空的或不对：{APP} → Secret「查看」，填到 WECOM_SECRET"),
    42009: Situation("secret", f"Secret 已作废：{APP} → Secret「重新获取」，填到 WECOM_SECRET"),
    48002: Situation(
        "rights", f"应用没有这个接口的权限：{APP}，看是否已停用、Secret 是不是这个应用的"
    ),
    48004: Situation("rights", f"接口被封：{APP}，看有没有违规通知，按通知申诉"),
    50001: Situation("domain", f"可信域名没配：{APP} →「网页授权及JS-SDK」→ 设置可信域名"),
    60011: Situation("rights", f"应用的可见范围里没有要发的人：{APP} →「可见范围」→ 编辑"),
    60020: Situation(
        "ip",
        f"服务器的 IP 不在白名单：{APP} →「企业可信IP」→ 配置，加上 {{ip}}（要先设好「接收消息」"
        "的 URL 或可信域名才能配，约 1 分钟生效）",
    ),
    60028: Situation("rights", f"应用没有可见范围：{APP} →「可见范围」→ 编辑"),
    301002: Situation("agent", f"AgentId 和 Secret 不是同一个应用的：{APP}，两项都从这一页抄"),
    301025: Situation("rights", "企业的接口许可到期了：管理后台「我的企业」→「接口许可」续期"),
}
"""What somebody must set right in the console (pages 90313 and 90454; paths as of 2026)."""

_BUSY = {-1, 45009, 45033, 45047, 50002}
_MEDIA = {40004, 40006, 40009, 45001, 45007}
_UNLICENSED = {701001, 701002, 701003, 701008}

_FROM_IP = re.compile(r"from ip:\s*([0-9A-Fa-f.:]+)")


class CodeError(ChannelError):
    """A code that the caller wants to look at; `message` is WeCom's, for the log of a developer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"code_{code}")
        self.code = code
        self.message = message


def code_of(answer: dict[str, Any]) -> int:
    """The error code of an answer; 0 is success."""
    code = answer.get("errcode", 0)
    return code if isinstance(code, int) else -1


def translate(error: CodeError) -> ChannelError:
    """What a code means to whoever sends."""
    code = error.code
    if code == NOBODY:
        return UnreachableError("hidden")
    if code == TAKEN_TASK:
        return RefusedError(REPEATED_CARD)
    if code in _UNLICENSED:
        return UnreachableError("unlicensed")
    if code in _BUSY:
        return ChannelDownError("busy") if code == -1 else SlowDownError(BUSY_SECONDS)
    if code in SETUP or code in STALE_TOKEN:
        return ChannelDownError(SETUP[code].reason if code in SETUP else "token")
    return MediaGoneError("gone") if code in GONE_MEDIA else _refusal(code)


def not_fetched(error: CodeError) -> MediaGoneError | ChannelDownError:
    """What a code means to whoever fetches a file: that is worth another try, or in vain."""
    meant = translate(error)
    if isinstance(meant, MediaGoneError | ChannelDownError):
        return meant
    if isinstance(meant, SlowDownError):
        return ChannelDownError(meant.reason)
    return MediaGoneError("too_large" if error.code == TOO_LARGE else "refused")


def _refusal(code: int) -> RefusedError:
    return RefusedError("too_large" if code in _MEDIA else "refused")


def advice_on(code: int, message: str) -> str:
    """What to click, in Chinese; for a code that we do not know, where to look it up."""
    known = SETUP.get(code)
    if known is not None:
        return known.advice.format(ip=_ip_in(message))
    if code in _BUSY:
        return "企业微信说太忙或调用太频繁，会自动再试；一直这样就看是否另有程序用同一个应用"
    return f"查 https://developer.work.weixin.qq.com/devtool/query?e={code}"


def _ip_in(message: str) -> str:
    """The address that WeCom saw; only that is taken from its words."""
    found = _FROM_IP.search(message)
    return found[1] if found else "服务器出网的 IP"

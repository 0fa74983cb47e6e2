"""Whether the address of WeCom's AI bot answers.

To log in here would take the bot away from the `serve` that has it, so nobody logs in.
"""

import logging
from collections.abc import Iterator
from datetime import datetime

from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.sync.client import connect

from bot.channels.wecom.checks import WAIT_SECONDS, lies_open, shown
from bot.config import Settings
from bot.finding import Finding

ABOUT = "企业微信机器人"
CLOSE_SECONDS = 1.0


def check_wecom_bot(settings: Settings, now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    """Nothing when no bot is configured."""
    if settings.wecom_bot_id is None:
        return
    address = settings.wecom_bot_url
    problem = lies_open(address, "WECOM_BOT_URL") or _unanswered(address)
    if problem is not None:
        yield Finding(False, ABOUT, problem)
        return
    words = (
        f"{shown(address)} 连得上。这里没有登录，免得把正在运行的 serve 挤下来："
        "ID 和 Secret 对不对，看 serve 的日志，有 wecom_bot_connected 就是对的"
    )
    yield Finding(True, ABOUT, words)


def _unanswered(address: str) -> str | None:
    """What to tell when nobody answers there as a long connection is answered."""
    silent = logging.getLogger("wecom_bot.socket")
    silent.setLevel(logging.CRITICAL + 1)
    try:
        with connect(
            address,
            open_timeout=WAIT_SECONDS,
            close_timeout=CLOSE_SECONDS,
            compression=None,
            proxy=None,
            logger=silent,
        ):
            return None
    except InvalidStatus as refused:
        return _refused(shown(address), refused.response.status_code)
    except InvalidHandshake:
        return f"{shown(address)} 不像企业微信的长连接，请检查 WECOM_BOT_URL"
    except (OSError, EOFError, InvalidURI):
        return (
            f"{shown(address)} 连不上：检查网络、域名解析和防火墙（要能往外连 443 端口，"
            "系统的代理设置这里不用），看 WECOM_BOT_URL 填得对不对"
        )


def _refused(address: str, status: int) -> str:
    if status == 429 or status >= 500:
        return f"{address} 现在有故障或太忙（{status}），请稍后再看"
    return f"{address} 不接长连接（{status}），请检查 WECOM_BOT_URL"

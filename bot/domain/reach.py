"""Why a message did not reach somebody: one word in the record, and what people are told."""

from collections.abc import Sequence
from datetime import timedelta

LOOK_BACK = timedelta(days=7)
"""What did not arrive is told of for so long."""

NOWHERE = "no_account"
"""They have no chat account; they are told when they have one."""

REFUSED = "refused"
"""The platform will never take the message: it is not sent again."""

_TITLES = {"telegram": "Telegram", "wecom": "企业微信", "wecom_bot": "企业微信机器人"}
_ACCOUNT = {
    "blocked": "停用了机器人",
    "gone": "已经不在了",
    "hidden": "不在应用的可见范围里",
    "unlicensed": "没有企业微信的接口许可",
    "never_wrote": "还没给机器人发过消息",
    NOWHERE: "还没有绑定",
}
_MESSAGE = {REFUSED: "平台没收下", "expired": "一天都没送出去", "stale": "过了时候，没再发"}


def account_is(reason: str) -> str:
    """What is the matter with a person's chat account: 「唐宁 的聊天账号…」."""
    return _ACCOUNT.get(reason, "暂时联系不上")


def why_unsent(reason: str) -> str:
    """Why messages did not arrive: 「唐宁 3 条（停用了机器人）」."""
    return _MESSAGE.get(reason) or account_is(reason)


def name_first(names: Sequence[str], count: int, unit: str, *, first: int) -> str:
    """The first names, and how many there are when there are more: 「唐宁、骆薇 等 20 人」."""
    more = f" 等 {count} {unit}" if count > first else ""
    return f"{'、'.join(names[:first])}{more}"


def platform_title(channel: str) -> str:
    """What people call a chat platform."""
    return _TITLES.get(channel, channel)

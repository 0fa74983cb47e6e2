"""Why a message did not reach somebody: one word in the record, and what people are told."""

NOWHERE = "no_account"
"""They have no chat account; they are told when they have one."""

REFUSED = "refused"
"""The platform will never take the message: it is not sent again."""

_ACCOUNT = {"blocked": "停用了机器人", "gone": "已经不在了", NOWHERE: "还没有绑定"}
_MESSAGE = {REFUSED: "平台没收下", "expired": "一天都没送出去"}


def account_is(reason: str) -> str:
    """What is the matter with a person's chat account: 「唐宁 的聊天账号…」."""
    return _ACCOUNT.get(reason, "暂时联系不上")


def why_unsent(reason: str) -> str:
    """Why messages did not arrive: 「唐宁 3 条（停用了机器人）」."""
    return _MESSAGE.get(reason) or account_is(reason)

"""What the played WeCom server says when it refuses: the error codes of its list, in its words."""

import secrets
import time
from typing import Any

from starlette.responses import JSONResponse

Fields = dict[str, Any]

# The list is 全局错误码 (page 90455). The English words are those that servers were seen to send,
# or close to them: nobody should rely on them.
ERRORS = {
    -1: "system error",
    40001: "invalid credential",
    40004: "invalid media type",
    40005: "invalid type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40032: "invalid user list size",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    40063: "some parameters are empty",
    40123: "invalid image format",
    41001: "access_token missing",
    41002: "corpid missing",
    41004: "secret missing",
    41006: "media_id missing",
    41011: "agentid missing",
    41016: "title missing",
    42001: "access_token expired",
    42014: "taskid has existed or empty or exceed max len",
    42015: "agent not match",
    42018: "invalid button key",
    42019: "button key missing",
    42020: "button name missing",
    42022: "code has been used",
    43012: "require agent with callback url",
    44001: "empty media data",
    44004: "empty content",
    45001: "media size out of limit",
    45007: "playtime out of limit",
    45009: "api freq out of limit",
    46003: "menu no exist",
    60020: "not allow to access from your ip",
    81013: "user & party & tag all invalid",
    82001: "user & party & tag all empty",
    301002: "not allow operate another agent with this accesstoken",
    830002: "file too large, should use Range",
}

# Situations for which no code is documented; the number was picked from the list for its meaning.
TOO_MANY_BUTTONS = 40016  # documented for menus only
SAME_BUTTON_KEY = 42018  # 按钮key值不合法, of the older task cards
NO_BUTTON_KEY = 42019  # of the older task cards
NO_BUTTON_NAME = 42020  # of the older task cards
UNKNOWN_RESPONSE_CODE = 40058  # 不合法的参数
EXPIRED_RESPONSE_CODE = 40058
USED_RESPONSE_CODE = 42022  # "code已经被使用过。只能使用一次", but the page does not say which code
NOBODY_TO_UPDATE = 82001
BAD_INTERVAL = 40058
WRONG_METHOD = 40063  # the page on 40063 says: check that the method is right


class RefusalError(Exception):
    """The server refuses; `fields` go into the answer as well."""

    def __init__(self, errcode: int, errmsg: str = "", **fields: Any) -> None:
        super().__init__(errcode)
        self.errcode = errcode
        self.errmsg = errmsg or ERRORS.get(errcode, "error")
        self.fields = fields


def refusal(error: RefusalError, ip: str) -> JSONResponse:
    """The answer, with the tail that the real server puts on each error message."""
    hint = f"{int(time.time() * 1000)}{secrets.randbelow(10**11):011d}"
    help_page = f"https://open.work.weixin.qq.com/devtool/query?e={error.errcode}"
    words = f"{error.errmsg}, hint: [{hint}], from ip: {ip}, more info at {help_page}"
    return JSONResponse({"errcode": error.errcode, "errmsg": words, **error.fields})


def granted(**fields: Any) -> Fields:
    """An answer without an error."""
    return {"errcode": 0, "errmsg": "ok", **fields}

"""The AI bot's error codes: what each means to whoever sends.

No page lists them; these are what other programs saw in their logs.
"""

from bot.channel import (
    ChannelDownError,
    ChannelError,
    RefusedError,
    SlowDownError,
    UnreachableError,
)
from bot.channels.wecom.errors import GONE_MEDIA, CodeError

BAD_SECRET = 853000
RESPONDED = 846606
"""What was asked has its answer; it can have no other."""

NOT_SUBSCRIBED = 846609
"""WeCom has forgotten a connection that is still open."""

TASK_TAKEN = 42014
"""A card of this task id is there already."""

SLOW_DOWN_SECONDS = 60.0

_NEVER_WROTE = 93006
"""「invalid chatid」: there is no conversation with this person, or no such person."""

_TOO_FAST = frozenset({846607, 45009, 45033, 45047})
_BUSY = -1
_MEDIA = frozenset({40004, 40006, 40009, 45001, 45007})


def translate(error: CodeError) -> ChannelError:
    """What a code means to whoever sends."""
    code = error.code
    if code == _NEVER_WROTE:
        return UnreachableError("never_wrote")
    if code in _TOO_FAST:
        return SlowDownError(SLOW_DOWN_SECONDS)
    if code == _BUSY:
        return ChannelDownError("busy")
    if code in GONE_MEDIA:
        return ChannelDownError("media")
    return RefusedError("too_large" if code in _MEDIA else "refused")

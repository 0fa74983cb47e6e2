"""From worker threads to the event loop that the platforms live on."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as WaitTimeoutError
from typing import Any, TypeVar

import structlog

from bot.channel import ChannelDownError, ChannelError, RefusedError

log = structlog.get_logger(__name__)
T = TypeVar("T")

LONGEST_SECONDS = 60.0
"""For one message with its files; the platforms' own time-outs are shorter."""


class Bridge:
    """Waits in a thread for what happens on the loop; when the program stops, the platforms are
    down."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a call to a platform. Raises ChannelError."""
        try:
            waiting = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:  # the loop is closed
            work.close()
            raise ChannelDownError("stopping") from None
        try:
            return waiting.result(LONGEST_SECONDS)
        except CancelledError:
            raise ChannelDownError("stopping") from None
        except WaitTimeoutError:
            waiting.cancel()
            raise ChannelDownError("timeout") from None
        except ChannelError:
            raise
        except Exception:
            log.exception("channel_broken")
            raise RefusedError("broken") from None

"""What the played WeCom server is told to do wrong, what it was asked, the time it believes in."""

import time
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from tests.channels.wecom_answers import Fields, RefusalError

T = TypeVar("T")


class Trouble(Enum):
    """What happens to a call instead of an answer. LOST is carried out first."""

    HANG = "no answer at all"
    ERROR = "500"
    GARBAGE = "200, but no JSON"
    DROP = "the connection is cut before anything is done"
    LOST = "it is done, then the connection is cut"


@dataclass(frozen=True)
class Call:
    """A request: its path after /cgi-bin/, its query without the token, its body, the outcome
    (None when there was no JSON answer)."""

    path: str
    query: dict[str, str]
    body: Fields
    errcode: int | None


@dataclass
class Clock:
    """The server's time, in seconds, and how far it was moved."""

    ahead: float = 0

    def __call__(self) -> float:
        """Now."""
        return time.time() + self.ahead

    def advance(self, seconds: float) -> None:
        """Later."""
        self.ahead += seconds


@dataclass
class Orders:
    """Refusals and troubles to come, each for the next call of a path; the path "" is any."""

    refusals: list[tuple[str, RefusalError]] = field(default_factory=list)
    troubles: list[tuple[str, Trouble]] = field(default_factory=list)

    def refuse(self, path: str) -> None:
        """Raise what was ordered for this call."""
        error = _first(self.refusals, path)
        if error is not None:
            raise error

    def trouble(self, path: str) -> Trouble | None:
        """What was ordered for this call."""
        return _first(self.troubles, path)


def _first(orders: list[tuple[str, T]], path: str) -> T | None:
    for order in orders:
        if order[0] in {"", path}:
            orders.remove(order)
            return order[1]
    return None

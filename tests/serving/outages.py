"""A database that goes away for a moment, and a clock that stands still until it is moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

NOW = datetime(2026, 11, 3, 9, 40, tzinfo=UTC)


@dataclass
class StillClock:
    """The time that was set."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """It."""
        return self.now

    def passes(self, **time: float) -> None:
        """Later."""
        self.now += timedelta(**time)


@contextmanager
def away(database: Engine, *, times: int, where: str = "", after: int = 0) -> Iterator[list[str]]:
    """So many statements that hold the words fail, once so many of them have passed; the failed
    ones."""
    met: list[str] = []
    passed = 0

    def fail(_: Any, __: Any, statement: str, *more: Any) -> None:
        nonlocal passed
        if where not in statement or len(met) >= times:
            return
        if passed < after:
            passed += 1
            return
        met.append(statement)
        raise OperationalError(statement, {}, Exception("server closed the connection"))

    event.listen(database, "before_cursor_execute", fail)
    try:
        yield met
    finally:
        event.remove(database, "before_cursor_execute", fail)

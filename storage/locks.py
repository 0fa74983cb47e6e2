"""Who does what among several processes on one database: locks that vanish with their holder."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import DBAPIError

from bot.domain.errors import UserError

if sys.platform != "win32":
    import fcntl

SEATS = 32
"""So many processes can serve one database."""

_NOTICE_DEATH = {
    "tcp_keepalives_idle": 5,
    "tcp_keepalives_interval": 2,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 12_000,
}
"""Has the server notice within a quarter of a minute that a machine is gone without a word; the
units are seconds, but for the last one, which is in milliseconds."""

_TAKE = text("SELECT pg_try_advisory_lock(hashtext(current_schema() || :what), :number)")
_LEAVE = text("SELECT pg_advisory_unlock(hashtext(current_schema() || :what), :number)")
_HOLD = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND pid = pg_backend_pid()"
    " AND classid::bigint = (hashtext(current_schema() || :what)::bigint & 4294967295)"
    " AND objid = :number"
)
_COUNT = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid::bigint = (hashtext(current_schema() || 'seat')::bigint & 4294967295)"
)


class AlreadyServedError(UserError):
    """Another process serves this database, and there is room for one only."""


class Locks(Protocol):
    """The locks of one process. A seat is its number among the processes that serve."""

    def sit(self) -> int:
        """Take a seat. Raises AlreadyServedError when there is none."""
        ...

    def is_seated(self) -> bool:
        """Whether the seat is still ours; one that was lost with its connection is taken again if
        nobody else has it."""
        ...

    def empty_seats(self) -> Iterator[int]:
        """Seats that nobody sits on, each held while it is looked at."""
        ...

    def take(self, name: str) -> bool:
        """Whether this process may do what only one may do at a time; asked again and again, it is
        the one that keeps it."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


def open_locks(engine: Engine) -> Locks:
    """The locks of this process on a database."""
    if engine.dialect.name == "sqlite":
        return _OneProcess(engine.url.database or ":memory:")
    return _Postgres(engine)


class _OneProcess:
    """SQLite is served by one process; a lock on a file beside it keeps a second one out."""

    def __init__(self, database: str) -> None:
        self._path = Path(f"{database}.serving")
        self._file: IO[str] | None = None

    def sit(self) -> int:
        """The only seat."""
        if sys.platform == "win32":
            return 0
        file = self._path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise AlreadyServedError(
                "这个 SQLite 数据库已经有一个 serve 在运行，只能开一个。要开多个请换 PostgreSQL。"
            ) from None
        self._file = file
        return 0

    def is_seated(self) -> bool:
        return True

    def empty_seats(self) -> Iterator[int]:
        return iter(())

    def take(self, name: str) -> bool:
        return True

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class _Postgres:
    """Advisory locks of one connection that stays open: when the process dies, they are free."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: Connection | None = None
        self._seat: int | None = None
        self._alone = threading.Lock()

    def sit(self) -> int:
        """The first free seat."""
        for number in range(SEATS):
            if self._take("seat", number):
                self._seat = number
                return number
        raise AlreadyServedError(f"已有 {SEATS} 个 serve 在运行，不能再多了。")

    def is_seated(self) -> bool:
        if self._seat is None:
            return False
        try:
            return self._holds("seat", self._seat) or self._take("seat", self._seat)
        except DBAPIError:
            return True  # nobody can sit down while the database is away

    def empty_seats(self) -> Iterator[int]:
        for number in range(SEATS):
            if number != self._seat and self._take("seat", number):
                try:
                    yield number
                finally:
                    self._ask(_LEAVE, "seat", number)

    def take(self, name: str) -> bool:
        try:
            return self._holds(name, 0) or self._take(name, 0)
        except DBAPIError:
            return False

    def close(self) -> None:
        with self._alone:
            self._let_go()

    def _connection(self) -> Connection:
        if self._open is None:
            connection = self._engine.connect()
            self._open = connection.execution_options(isolation_level="AUTOCOMMIT")
            for setting, value in _NOTICE_DEATH.items():
                self._open.exec_driver_sql(f"SET {setting} = {value}")
        return self._open

    def _take(self, what: str, number: int) -> bool:
        return self._ask(_TAKE, what, number)

    def _holds(self, what: str, number: int) -> bool:
        return self._ask(_HOLD, what, number)

    def _ask(self, question: TextClause, what: str, number: int) -> bool:
        with self._alone:
            try:
                asked = self._connection().execute(question, {"what": what, "number": number})
                return bool(asked.scalar())
            except DBAPIError:
                self._let_go()
                raise

    def _let_go(self) -> None:
        """The connection ends, and with it its locks: in the pool it would keep them. The next
        question opens a new one."""
        ended, self._open = self._open, None
        if ended is not None:
            ended.invalidate()
            ended.close()


@contextmanager
def locks_of(engine: Engine) -> Iterator[Locks]:
    """The locks of this process, given back at the end."""
    locks = open_locks(engine)
    try:
        yield locks
    finally:
        locks.close()


def count_serving(engine: Engine) -> int:
    """How many processes serve a database now."""
    if engine.dialect.name == "sqlite":
        return int(_is_served(Path(f"{engine.url.database}.serving")))
    with engine.connect() as connection:
        return int(connection.execute(_COUNT).scalar_one())


def _is_served(lock: Path) -> bool:
    if sys.platform == "win32" or not lock.exists():
        return False
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False

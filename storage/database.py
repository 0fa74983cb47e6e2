"""Opening the database: SQLite as one file by default, PostgreSQL by its URL."""

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from bot.domain.errors import UserError

SQLITE_DRIVERS = frozenset({"sqlite", "sqlite+pysqlite"})
POSTGRESQL_DRIVERS = frozenset({"postgresql", "postgres", "postgresql+psycopg"})
DRIVERS = SQLITE_DRIVERS | POSTGRESQL_DRIVERS
"""What an address of a database that this program can open starts with."""

BUSY_SECONDS = 10
"""How long a write waits for another process that writes to the same SQLite file."""

KEPT = "repmate_kept"

MOST_CONNECTIONS = 25
"""Beyond the five that stay open; nobody holds one while waiting for a model or a platform."""


class DatabaseFileError(UserError):
    """The SQLite file cannot be made, read or written, or is none."""


class DatabaseBusyError(UserError):
    """Somebody else wrote to the SQLite file all the while that this write waited."""


DOWN: tuple[type[Exception], ...] = (
    DatabaseBusyError,
    DatabaseFileError,
    OperationalError,
    InterfaceError,
    PoolTimeoutError,
)
"""What work on a database that does not answer raises; the same work may succeed later."""

_MY_TURN = "writes"
_WRITES = re.compile(r"\s*(?:BEGIN IMMEDIATE|INSERT|UPDATE|DELETE|REPLACE)", re.IGNORECASE)

_BUSY = "数据库正忙：别的程序写了很久还没写完，这次没有存上。请过一会儿再试一次。"
_UNUSABLE = {
    sqlite3.SQLITE_NOTADB: "数据库文件「{file}」不是 SQLite 数据库，请检查 DATABASE_URL。",
    sqlite3.SQLITE_CORRUPT: "数据库文件「{file}」已损坏，请用备份恢复，或换一个 DATABASE_URL。",
    sqlite3.SQLITE_CANTOPEN: "数据库文件「{file}」打不开，请检查 DATABASE_URL 和目录权限。",
    sqlite3.SQLITE_READONLY: "数据库文件「{file}」写不进去，请检查文件和目录的权限。",
    sqlite3.SQLITE_FULL: "磁盘满了，数据库文件「{file}」写不进去，请先腾出空间。",
}


def open_engine(url: str) -> Engine:
    """An engine for `url`; the folder of a SQLite file is made when it is missing.

    `postgresql://` is read as psycopg 3, so that the address a provider gives works as it is.
    Parameters stay out of error texts: they are what people said. Work on a SQLite file raises
    DatabaseBusyError after BUSY_SECONDS of waiting, and DatabaseFileError for a file of no use.

    Raises:
        DatabaseFileError: the folder cannot be made.
    """
    parsed = make_url(url)
    if parsed.drivername in POSTGRESQL_DRIVERS:
        parsed = parsed.set(drivername="postgresql+psycopg")
        return _engine(parsed, pool_pre_ping=True)
    _make_folder(parsed)
    # A transaction takes the lock with its first write: one that had read before the lock was free
    # would fail at once instead of waiting (SQLITE_BUSY_SNAPSHOT).
    waiting = {"isolation_level": "IMMEDIATE", "timeout": BUSY_SECONDS}
    engine = _engine(parsed, connect_args=waiting)
    event.listen(engine, "connect", _prepare_sqlite)
    take_turns(engine)
    event.listen(engine, "handle_error", _name_trouble, retval=True)
    return engine


def _engine(url: URL, **options: Any) -> Engine:
    if url.database not in {None, "", ":memory:"}:
        options["max_overflow"] = MOST_CONNECTIONS  # memory has one connection for each thread
    return create_engine(url, hide_parameters=True, execution_options={KEPT: {}}, **options)


def kept_with(session: Session) -> dict[str, Any] | None:
    """Where a module keeps what it read of this database between sessions; None for a connection
    that was not opened here."""
    kept = session.get_bind().get_execution_options().get(KEPT)
    return kept if isinstance(kept, dict) else None


def take_turns(engine: Engine) -> None:
    """Have this process's writers to a SQLite file wait in line instead of for luck."""
    _Turns().watch(engine)


class _Turns:
    """Makes the writers of this process to a SQLite file take turns. SQLite itself has each look
    again and again with longer and longer pauses, so that one out of many can wait for seconds."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def watch(self, engine: Engine) -> None:
        """From the first write of a connection until it goes back to the pool."""
        event.listen(engine, "before_cursor_execute", self._take)
        for ending in ("checkin", "invalidate", "close"):
            event.listen(engine, ending, self._give)

    def _take(self, connection: Connection, _: object, statement: str, *__: object) -> None:
        if connection.info.get(_MY_TURN) or not _WRITES.match(statement):
            return
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise DatabaseBusyError(_BUSY)
        connection.info[_MY_TURN] = True

    def _give(self, _: DBAPIConnection | None, entry: ConnectionPoolEntry, *__: object) -> None:
        if entry.info.pop(_MY_TURN, False):
            self._turn.release()


def _make_folder(url: URL) -> None:
    if not url.database or url.database == ":memory:":
        return
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise _file_error(sqlite3.SQLITE_CANTOPEN, url.database) from None


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """WAL lets readers go on while one writes; foreign keys are off in SQLite unless asked for."""
    if not isinstance(connection, sqlite3.Connection):
        return
    try:
        for pragma in ("journal_mode=WAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()  # the pool never gets to know it
        raise


def _name_trouble(context: ExceptionContext) -> BaseException | None:
    """What a user can do something about, as an error with its own sentence."""
    code = getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return DatabaseBusyError(_BUSY)
    if code in _UNUSABLE:
        return _file_error(code, context.engine.url.database if context.engine else None)
    return None


def _file_error(code: int, file: str | None) -> DatabaseFileError:
    return DatabaseFileError(_UNUSABLE[code].format(file=file or "?"))


@contextmanager
def open_session(engine: Engine) -> Iterator[Session]:
    """A session that writes; its work is lost unless the caller commits, as the dispatcher does.

    On SQLite it is alone from the start, so that what it reads cannot change before it writes.

    Raises:
        DatabaseBusyError: others wrote for longer than BUSY_SECONDS.
    """
    with Session(engine, expire_on_commit=False) as session:
        if engine.dialect.name == "sqlite":
            session.connection().exec_driver_sql("BEGIN IMMEDIATE")
        yield session

"""One SQLite file, several programs: writers wait for each other, and a bad file has a sentence."""

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from bot.domain.errors import UserError
from storage import database
from storage.database import DatabaseBusyError, DatabaseFileError, open_engine, open_session
from storage.migrate import migrate

COUNT_UP = text("UPDATE audit_head SET count = count + 1")
COUNT = text("SELECT count FROM audit_head")


def _file_of(engine: Engine) -> str:
    assert engine.url.database is not None
    return engine.url.database


def _hold_lock(file: str, seconds: float) -> threading.Thread:
    """Another program that writes to the file for some time."""
    locked = threading.Event()

    def write() -> None:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        locked.set()
        time.sleep(seconds)
        other.execute("COMMIT")
        other.close()

    thread = threading.Thread(target=write)
    thread.start()
    locked.wait()
    return thread


def _read_then_write(engine: Engine) -> None:
    with Session(engine) as session:
        session.execute(COUNT).scalar_one()
        session.execute(COUNT_UP)
        session.commit()


def _alone(engine: Engine) -> None:
    with open_session(engine) as session:
        session.execute(COUNT).scalar_one()
        session.execute(COUNT_UP)
        session.commit()


@pytest.mark.parametrize("write", [_read_then_write, _alone])
def test_a_write_waits_for_the_other_program(
    sqlite: Engine, write: Callable[[Engine], None]
) -> None:
    other = _hold_lock(_file_of(sqlite), 0.2)
    write(sqlite)
    other.join()
    with Session(sqlite) as session:
        assert session.execute(COUNT).scalar_one() == 1


def test_a_read_before_the_other_program_writes_does_not_spoil_the_write(sqlite: Engine) -> None:
    with Session(sqlite) as session:
        session.execute(COUNT).scalar_one()
        _read_then_write(sqlite)
        session.execute(COUNT_UP)
        session.commit()
        assert session.execute(COUNT).scalar_one() == 2


def test_readers_go_on_while_another_program_writes(sqlite: Engine) -> None:
    other = _hold_lock(_file_of(sqlite), 0.3)
    started = time.perf_counter()
    with Session(sqlite) as session:
        assert session.execute(COUNT).scalar_one() == 0
    assert time.perf_counter() - started < 0.2
    other.join()


def test_a_session_that_writes_sees_what_nobody_changes_before_it_is_done(sqlite: Engine) -> None:
    """Two turns that read a number and write it plus one lose nothing."""

    def turn() -> None:
        for _ in range(20):
            with open_session(sqlite) as session:
                seen = session.execute(COUNT).scalar_one()
                session.execute(text("UPDATE audit_head SET count = :new"), {"new": seen + 1})
                session.commit()

    turns = [threading.Thread(target=turn) for _ in range(3)]
    for one in turns:
        one.start()
    for one in turns:
        one.join()
    with Session(sqlite) as session:
        assert session.execute(COUNT).scalar_one() == 60


def test_who_waited_too_long_is_told_kindly(
    sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    impatient = open_engine(str(sqlite.url))
    other = _hold_lock(_file_of(sqlite), 0.5)
    with pytest.raises(DatabaseBusyError, match="数据库正忙"):
        _read_then_write(impatient)
    other.join()
    _read_then_write(impatient)
    impatient.dispose()


def test_work_that_is_not_committed_is_lost(database: Engine) -> None:
    with open_session(database) as session:
        session.execute(COUNT_UP)
    with open_session(database) as session:
        assert session.execute(COUNT).scalar_one() == 0


def _a_text_file(folder: Path) -> Path:
    path = folder / "notes.db"
    path.write_text("今天拜访了李主任。" * 100, encoding="utf-8")
    return path


def _a_torn_file(folder: Path) -> Path:
    path = folder / "torn.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    return path


def _a_folder(folder: Path) -> Path:
    return folder


def _below_a_file(folder: Path) -> Path:
    (folder / "file").write_text("x")
    return folder / "file" / "deeper" / "repmate.db"


@pytest.mark.parametrize("make", [_a_text_file, _a_torn_file, _a_folder, _below_a_file])
def test_a_file_of_no_use_is_named_in_one_sentence(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    with pytest.raises(UserError) as told:
        migrate(open_engine(f"sqlite:///{path}"))
    assert isinstance(told.value, DatabaseFileError)
    assert str(path) in told.value.sentence
    assert "\n" not in told.value.sentence

"""Reads case files of the `structure` command, and whose customers a case is about."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from bot.domain.directory import Directory
from bot.domain.errors import UserError
from bot.domain.roster import Roster
from storage.accounts import with_login
from storage.directory import directory_of
from storage.people import Person
from storage.rosters import roster_of

T = TypeVar("T")

NEEDED = ("id", "as", "at", "text")


class CaseError(UserError):
    """A line of a case file that cannot be used."""


def read_cases(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """The cases of a JSON-lines file, one by one. Raises CaseError with the line's number."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _read_case(line, number)


def rosters(engine: Engine) -> Callable[[str], Roster]:
    """What dictations of a login are understood against; each is read once.

    The function raises CaseError for a login that nobody has.
    """
    return _of_login(engine, roster_of)


def directories(engine: Engine) -> Callable[[str], Directory]:
    """Whom questions of a login may name; each is read once.

    The function raises CaseError for a login that nobody has.
    """
    return _of_login(engine, directory_of)


def _of_login(engine: Engine, read: Callable[[Session, Person], T]) -> Callable[[str], T]:
    @cache
    def of_login(login: str) -> T:
        with Session(engine) as session:
            person = with_login(session, login)
            if person is None:
                raise CaseError(f"没有账号「{login}」，请先导入它所在的辖区。")
            return read(session, person)

    return of_login


def _read_case(line: str, number: int) -> dict[str, str]:
    try:
        case: Any = json.loads(line)
        wrong = _what_is_wrong(case)
    except ValueError:
        wrong = "不是一个 JSON 对象"
    if wrong:
        raise CaseError(f"第 {number} 行{wrong}。每行要有 id、as、at、text。")
    return {key: case[key] for key in NEEDED}


def _what_is_wrong(case: Any) -> str | None:
    """None when the case can be used. Raises ValueError when `at` is no moment."""
    if not isinstance(case, dict):
        return "不是一个 JSON 对象"
    missing = [key for key in NEEDED if not isinstance(case.get(key), str)]
    if missing:
        return f"缺少 {'、'.join(missing)}"
    try:
        said_at = datetime.fromisoformat(case["at"])
    except ValueError:
        return "的 at 不是时间"
    return None if said_at.tzinfo else "的 at 没有时区，例如 +08:00"

"""The first pass over a territory file: all that is wrong with it, before anything is written."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from openpyxl import Workbook

from bot.territory.book import merged_cells
from bot.territory.layout import Layout, layouts
from bot.territory.problems import ProblemList
from bot.territory.references import References, check_customer
from bot.territory.rows import Headers, Row, read_headers, read_rows, refuse_prescriptions
from storage.customers import CustomerKind
from storage.people import Role

Progress = Callable[[str, int, int | None], None]
"""Told the step (「检查」, 「写入」), rows done, and rows in all when that is known."""

MAIN_DEPARTMENT = "本部"
NO_DEPARTMENT = {CustomerKind.PHARMACY, CustomerKind.BUYER, CustomerKind.RESEARCH_PARTNER}
"""These may leave the department empty; they get `MAIN_DEPARTMENT`."""

EVERY = 1000


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who is in the database already."""

    role: Role
    manager: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What the database already has, so that a file may refer to it: people by login, hospitals."""

    people: dict[str, KnownPerson]
    hospitals: frozenset[str]


@dataclass(slots=True)
class Checked:
    """A file without a fault: the short sheets in memory, the customers still to be streamed."""

    people: list[Row] = field(default_factory=list)
    hospitals: list[Row] = field(default_factory=list)
    products: list[Row] = field(default_factory=list)
    customer_headers: Headers = field(default_factory=lambda: Headers(()))
    customer_count: int = 0


def check_book(book: Workbook, known: Known, progress: Progress) -> Checked:
    """Read the whole file once. Raises TerritoryError with everything there is to correct."""
    problems = ProblemList()
    people, hospitals, customers, products = layouts()
    said = {sheet.title.strip(): _rows_said(sheet) for sheet in book.worksheets}
    headers = _check_headers(book, problems)
    problems.stop_if_any()
    checked = Checked(
        people=_read_short(book, people, headers, problems),
        hospitals=_read_short(book, hospitals, headers, problems),
        products=_read_short(book, products, headers, problems),
        customer_headers=headers[customers.name],
    )
    _check_people(checked.people, known, problems)
    _check_coordinates(checked.hospitals, problems)
    owners = {login: person.role for login, person in known.people.items()}
    owners |= {r.values["login"]: r.values["role"] for r in checked.people if r.values["login"]}
    places = (known.hospitals | {row.values["name"] for row in checked.hospitals}) - {None}
    rows = customer_rows(book, checked.customer_headers, problems)
    references = References(owners, places, _aliases(checked.hospitals), problems)
    checked.customer_count = _check_customers(
        rows, references, lambda n: progress("检查", n, said[customers.name])
    )
    problems.stop_if_any()
    return checked


def customer_rows(book: Workbook, headers: Headers, problems: ProblemList) -> Iterable[Row]:
    """The customers, one at a time, with the department that an empty cell stands for."""
    layout = layouts().customers
    for row in read_rows(sheet_named(book, layout.name), layout, headers, problems):
        values = row.values
        if values["department"] is None and values["kind"] in NO_DEPARTMENT:
            values["department"] = MAIN_DEPARTMENT
        yield row


def sheet_named(book: Workbook, name: str) -> Any:
    """The sheet of this name, give or take spaces around it. Raises StopIteration."""
    return next(sheet for sheet in book.worksheets if sheet.title.strip() == name)


def _check_headers(book: Workbook, problems: ProblemList) -> dict[str, Headers]:
    headers: dict[str, Headers] = {}
    for sheet in book.worksheets:
        refuse_prescriptions(sheet, problems)
    titles = {sheet.title.strip(): sheet for sheet in book.worksheets}
    for layout in layouts():
        if layout.name in titles:
            headers[layout.name] = read_headers(titles[layout.name], layout, problems)
            _refuse_merged(titles[layout.name], problems)
        else:
            found = "、".join(titles) or "一张都没有"
            expected = f"需要四张表：人员、医院、客户、产品（现有：{found}）"
            problems.add(layout.name, None, None, "缺少这张表", expected)
    return headers


def _refuse_merged(sheet: Any, problems: ProblemList) -> None:
    for reference in merged_cells(sheet):
        row = int(re.sub("[^0-9].*", "", reference.lstrip(ascii_uppercase)) or 0)
        wrong = f"{reference} 是合并单元格"
        problems.add(sheet.title.strip(), row, None, wrong, "请取消合并，每行都填")


def _read_short(
    book: Workbook, layout: Layout, headers: dict[str, Headers], problems: ProblemList
) -> list[Row]:
    sheet = sheet_named(book, layout.name)
    rows = list(read_rows(sheet, layout, headers[layout.name], problems))
    seen: dict[Any, int] = {}
    for row in rows:
        _note_repeat(row, layout, seen, problems)
    return rows


def _note_repeat(row: Row, layout: Layout, seen: dict[Any, int], problems: ProblemList) -> None:
    key = [row.values.get(name) for name in layout.key]
    if None in key:
        return
    first = seen.setdefault(tuple(key), row.number)
    if first != row.number:
        header = layout.column(layout.key[0]).header
        wrong = f"「{' '.join(map(str, key))}」和第 {first} 行重复"
        problems.add(layout.name, row.number, header, wrong, "请只留一行")


def _check_people(rows: list[Row], known: Known, problems: ProblemList) -> None:
    line = {login: person.manager for login, person in known.people.items()}
    for row in rows:
        line[row.values["login"]] = row.values.get("manager", line.get(row.values["login"]))
    for row in rows:
        manager = row.values.get("manager")
        if manager is None:
            continue
        if manager not in line:
            expected = "应是「人员」表里的一个账号"
            problems.add("人员", row.number, "上级账号", f"没有「{manager}」这个账号", expected)
        elif row.values["login"] in _above(row.values["login"], line):
            wrong = "上级绕了一圈又回到自己"
            problems.add("人员", row.number, "上级账号", wrong, "最上面的人请空着")
    _check_admin_left(rows, known, problems)


def _above(login: Any, line: dict[str, Any]) -> set[Any]:
    """Everybody over a person in the reporting line; the person too when it goes in a circle."""
    above: set[Any] = set()
    while (login := line.get(login)) is not None and login not in above:
        above.add(login)
    return above


def _check_admin_left(rows: list[Row], known: Known, problems: ProblemList) -> None:
    """A file must not take the role from the last admin: nobody could undo that in chat."""
    roles = {row.values["login"]: row.values["role"] for row in rows}
    before = [login for login, p in known.people.items() if p.role == Role.ADMIN and p.active]
    after = Role.ADMIN in roles.values() or any(login not in roles for login in before)
    if before and not after:
        wrong = f"导入后就没有管理员了（{'、'.join(before)} 的角色被改掉）"
        problems.add("人员", None, "角色", wrong, "至少保留一个管理员")


def _check_coordinates(rows: list[Row], problems: ProblemList) -> None:
    for row in rows:
        longitude, latitude = row.values.get("longitude"), row.values.get("latitude")
        if (longitude is None) != (latitude is None):
            problems.add("医院", row.number, "经度、纬度", "只填了一个", "两个都填，或都空着")


def _aliases(hospitals: list[Row]) -> dict[str, str]:
    return {
        alias: row.values["name"] for row in hospitals for alias in row.values.get("aliases") or ()
    }


def _check_customers(
    rows: Iterable[Row], references: References, tell: Callable[[int], None]
) -> int:
    seen: dict[Any, int] = {}
    count = 0
    for row in rows:
        _note_repeat(row, layouts().customers, seen, references.problems)
        check_customer(row, references)
        count += 1
        if count % EVERY == 0:
            tell(count)
    tell(count)
    return count


def _rows_said(sheet: Any) -> int | None:
    """How many rows the sheet says it has; only good enough for a progress bar."""
    said = sheet.max_row
    return said - 1 if isinstance(said, int) and said > 1 else None

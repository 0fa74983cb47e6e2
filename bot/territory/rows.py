"""Reading a sheet: which column is where, and each row as values of our fields."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from itertools import islice, zip_longest
from typing import Any

from openpyxl.utils import get_column_letter

from bot.territory.book import stream
from bot.territory.kinds import Plain, UnfitError, spoken
from bot.territory.layout import Column, Layout, header_key, layouts, smells_of_prescriptions
from bot.territory.problems import ProblemList

HEADER_DEPTH = 5
HEADER_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its number in the sheet, and a value for each column that is there. A cell
    that does not fit has None, and its field is in `unfit`."""

    number: int
    values: dict[str, Any]
    unfit: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Headers:
    """Which position holds which column; None where the header is empty."""

    columns: tuple[Column | None, ...]


def read_headers(sheet: Any, layout: Layout, problems: ProblemList) -> Headers:
    """The header line of a sheet; what is unknown, double or missing becomes a problem."""
    first: Sequence[Any] = next((cells for _, cells in stream(sheet)), ())
    names = [spoken(cell.value) if cell.value is not None else "" for cell in first]
    columns = [_column(name, layout, problems) for name in names]
    seen: set[str] = set()
    for number, column in enumerate(columns, 1):
        if column is None:
            continue
        problems.letters.setdefault((layout.name, column.header), get_column_letter(number))
        if column.field in seen:
            problems.add(layout.name, 1, column.header, "这一列出现了两次", "请只留一列")
        seen.add(column.field)
    for column in layout.columns:
        if (column.required or column.needed) and column.field not in seen:
            expected = "第 1 行应是表头，请加上这一列"
            problems.add(layout.name, 1, column.header, "缺少这一列", expected)
    return Headers(tuple(columns))


def refuse_prescriptions(sheet: Any, problems: ProblemList) -> None:
    """A column of prescription counts is refused by name, in whatever sheet; a sheet that is not
    ours may have its headers under a title."""
    depth = 1 if sheet.title.strip() in {layout.name for layout in layouts()} else HEADER_DEPTH
    for number, cells in islice(stream(sheet), depth):
        for name in (cell.value for cell in cells):
            if isinstance(name, str) and smells_of_prescriptions(name[:HEADER_LENGTH]):
                wrong = "这一列像是医生的处方数量（统方），法规不允许收集"
                problems.add(sheet.title, number, _shortened(name), wrong, "请整列删掉后再导入")


def read_rows(sheet: Any, layout: Layout, headers: Headers, problems: ProblemList) -> Iterator[Row]:
    """The rows with something in them, one at a time; cells that do not fit become problems."""
    for number, cells in stream(sheet):
        if number > 1 and any(not _is_blank(cell) for cell in cells):
            yield _read_row(number, cells, layout, headers, problems)


def _column(name: str, layout: Layout, problems: ProblemList) -> Column | None:
    if not name:
        return None
    known = {header_key(column.header): column for column in layout.columns}
    column = known.get(header_key(name))
    if column is None and not smells_of_prescriptions(name):
        near = get_close_matches(name, [c.header for c in layout.columns], n=1)
        hint = f"是不是「{near[0]}」？" if near else ""
        expected = hint + "可用的表头：" + "、".join(c.header for c in layout.columns)
        problems.add(layout.name, 1, name, "不认识这个表头", expected)
    return column


def _read_row(
    number: int, cells: Sequence[Any], layout: Layout, headers: Headers, problems: ProblemList
) -> Row:
    def report(column: str | None, wrong: str, expected: str) -> None:
        problems.add(layout.name, number, column, wrong, expected)

    values: dict[str, Any] = {}
    unfit: set[str] = set()
    for position, (column, cell) in enumerate(zip_longest(headers.columns, cells), start=1):
        if column is None:
            if not _is_blank(cell):
                report(None, f"第 {position} 列没有表头却有内容", "请写上表头，或清空这些格子")
            continue
        try:
            values[column.field] = _read_cell(cell, column)
        except _WrongCellError as found:
            report(column.header, found.wrong, found.expected)
            values[column.field] = None
            unfit.add(column.field)
    return Row(number, values, frozenset(unfit))


class _WrongCellError(ValueError):
    def __init__(self, wrong: str, expected: str) -> None:
        super().__init__(wrong)
        self.wrong, self.expected = wrong, expected


def _read_cell(cell: Any, column: Column) -> Any:
    if _is_blank(cell):
        if column.required:
            raise _WrongCellError("空着", "必须填写")
        return column.kind.blank()
    unusable = _unusable(cell)
    if unusable:
        raise _WrongCellError(*unusable)
    try:
        return column.kind.read(cell.value)
    except UnfitError as misfit:
        raise _WrongCellError(f"写的是「{_shortened(cell.value)}」", str(misfit)) from None


def _is_blank(cell: Any) -> bool:
    value = cell.value if cell is not None else None
    return value is None or (isinstance(value, str) and not spoken(value))


def _unusable(cell: Any) -> tuple[str, str] | None:
    if cell.data_type == "f":
        return "这里是公式", "请复制后「选择性粘贴」为数值"
    if cell.data_type == "e":
        return f"这里是错误值 {cell.value}", "请填上真正的内容"
    if isinstance(cell.value, bool):
        return "这里是 TRUE/FALSE", "请填文字或数字"
    if isinstance(cell.value, datetime | date | time | timedelta):
        return "这里是日期或时间格式", "请把单元格格式改成「文本」或「常规」再填"
    return None


def _shortened(value: Plain) -> str:
    shown = spoken(value)
    return shown if len(shown) <= 20 else f"{shown[:20]}…"

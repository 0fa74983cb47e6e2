"""Reading a sheet: which column is where, and each row as values of our fields."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Any

from bot.territory.book import stream
from bot.territory.kinds import Plain, UnfitError, spoken
from bot.territory.layout import Column, Layout, header_key, smells_of_prescriptions
from bot.territory.problems import ProblemList


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its number in the sheet, and a value for each column that is there."""

    number: int
    values: dict[str, Any]


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
    for column in filter(None, columns):
        if column.field in seen:
            problems.add(layout.name, 1, column.header, "这一列出现了两次", "请只留一列")
        seen.add(column.field)
    for column in layout.columns:
        if (column.required or column.needed) and column.field not in seen:
            expected = "第 1 行应是表头，请加上这一列"
            problems.add(layout.name, 1, column.header, "缺少这一列", expected)
    return Headers(tuple(columns))


def refuse_prescriptions(sheet: Any, problems: ProblemList) -> None:
    """A column of prescription counts is refused by name, in whatever sheet and near the top."""
    for number, cells in stream(sheet):
        for cell in cells:
            name = cell.value if isinstance(cell.value, str) else ""
            if len(name) <= 30 and name and smells_of_prescriptions(name):
                problems.add(
                    sheet.title,
                    number,
                    spoken(name),
                    "这一列像是医生的处方数量（统方），法规不允许收集",
                    "请整列删掉后再导入",
                )
        if number >= 1:
            return


def read_rows(sheet: Any, layout: Layout, headers: Headers, problems: ProblemList) -> Iterator[Row]:
    """The rows with something in them, one at a time; cells that do not fit become problems."""
    for number, cells in stream(sheet):
        if number > 1 and any(not _is_blank(cell) for cell in cells):
            yield Row(number, _read_cells(number, cells, layout, headers, problems))


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


def _read_cells(
    number: int, cells: Sequence[Any], layout: Layout, headers: Headers, problems: ProblemList
) -> dict[str, Any]:
    values = {column.field: column.kind.blank() for column in headers.columns if column}
    for position, cell in enumerate(cells):
        if _is_blank(cell):
            continue
        column = headers.columns[position] if position < len(headers.columns) else None
        if column is None:
            expected = "请在第 1 行写上表头，或清空这些格子"
            problems.add(
                layout.name, number, None, f"第 {position + 1} 列没有表头却有内容", expected
            )
        else:
            values[column.field] = _read_cell(number, cell, layout, column, problems)
    for column in layout.columns:
        if column.required and values.get(column.field, ...) is None:
            expected = "必须填写（如果是合并单元格，请取消合并，每行都填）"
            problems.add(layout.name, number, column.header, "空着", expected)
    return values


def _read_cell(
    number: int, cell: Any, layout: Layout, column: Column, problems: ProblemList
) -> Any:
    """The value, or `...` when there is one that does not fit."""
    unusable = _unusable(cell)
    if unusable:
        problems.add(layout.name, number, column.header, *unusable)
        return ...
    try:
        return column.kind.read(cell.value)
    except UnfitError as misfit:
        shown = _shortened(cell.value)
        problems.add(layout.name, number, column.header, f"写的是「{shown}」", str(misfit))
        return ...


def _is_blank(cell: Any) -> bool:
    value = cell.value
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

"""Writes territory files for the tests: a good one, to be spoiled cell by cell."""

from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

from openpyxl import Workbook

Sheets = dict[str, list[list[Any]]]

PEOPLE: list[list[Any]] = [
    ["账号", "姓名", "角色", "团队", "上级账号"],
    ["qiaoan", "乔安", "代表", "岚山一组", "fangke"],
    ["luqi", "陆琪", "代表", "岚山一组", "fangke"],
    ["fangke", "方可", "主管", "岚山一组", None],
    ["root", "管小元", "管理员", "运营部", None],
]
HOSPITALS: list[list[Any]] = [
    ["医院", "别名", "等级", "城市", "地址", "经度", "纬度"],
    ["岚山市人民医院", "市人民;人民医院", "三级甲等", "岚山市", "岚山市石桥路1号", 103.5, 29.25],
    ["岚山康宁大药房", "康宁", "连锁药店", "岚山市", None, None, None],
]
CUSTOMER_HEADERS = (
    "姓名 性别 医院 科室 行政职务 学术职称 "
    "客户类型 分层 潜力P 意愿A 关系R 负责代表 "
    "标签 学术兴趣 沟通风格 门诊时间 备注"
)
CUSTOMERS: list[list[Any]] = [
    CUSTOMER_HEADERS.split(),
    [
        *("殷书怀", "男", "岚山市人民医院", "心内科", "科主任", "主任医师", "医生", "KOL", 5, 3, 4),
        *("qiaoan", "KOL;药事会成员", "心衰", "严谨,看数据", "周二上午;周四上午", "科里叫大殷主任"),
    ],
    [
        *("傅小棠", "女", "岚山市人民医院", "药剂科", None, "副主任药师", "药师", "重点", 3, 4, 2),
        *("luqi", None, None, None, None, None),
    ],
    [
        *("康宁总店", None, "岚山康宁大药房", None, None, None, "药店", "潜力", 2, 2, 2),
        *("luqi", "连锁", None, None, None, None),
    ],
]
PRODUCTS: list[list[Any]] = [
    ["产品", "别名", "适应症", "竞品"],
    ["舒心平", "舒心平片;舒心", "成人原发性高血压", "降达"],
]


def good_sheets() -> Sheets:
    """A small territory without a fault."""
    return deepcopy({"人员": PEOPLE, "医院": HOSPITALS, "客户": CUSTOMERS, "产品": PRODUCTS})


def save(path: Path, sheets: Sheets) -> Path:
    """An .xlsx file with these cells."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def column_of(sheets: Sheets, sheet: str, header: str) -> int:
    """The position of a column."""
    return sheets[sheet][0].index(header)


def with_cell(sheets: Sheets, sheet: str, row: int, header: str, value: Any) -> Sheets:
    """The same sheets with another value in one cell; `row` counts as Excel does."""
    changed = deepcopy(sheets)
    changed[sheet][row - 1][column_of(sheets, sheet, header)] = value
    return changed


def without_column(sheets: Sheets, sheet: str, headers: Iterable[str]) -> Sheets:
    """The same sheets without some columns of one sheet."""
    gone = {column_of(sheets, sheet, header) for header in headers}
    rows = [[cell for n, cell in enumerate(row) if n not in gone] for row in sheets[sheet]]
    return deepcopy(sheets) | {sheet: rows}

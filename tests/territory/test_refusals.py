"""A territory file with mistakes: each is listed with its place, and nothing is imported."""

import zipfile
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from sqlalchemy import func
from sqlmodel import Session, SQLModel, select

from bot.territory import Problem, TerritoryError, import_territory
from bot.territory.layout import smells_of_prescriptions
from bot.territory.problems import say_rows
from storage.customers import Customer
from storage.people import Person
from storage.places import Department, Hospital
from storage.products import Product
from tests.territory.files import Sheets, good_sheets, save, with_cell, without_column

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TABLES: tuple[type[SQLModel], ...] = (Person, Hospital, Department, Customer, Product)


@pytest.fixture
def session(sqlite: Any) -> Any:
    """Refusals happen before anything is written, whatever the database."""
    with Session(sqlite) as session:
        yield session


def refuse(session: Session, path: Path) -> TerritoryError:
    with pytest.raises(TerritoryError) as refused:
        import_territory(session, path, now=NOW, actor_id=None)
    session.commit()
    for table in TABLES:
        assert session.scalar(select(func.count()).select_from(table)) == 0
    return refused.value


def problems(session: Session, path: Path, sheets: Sheets) -> tuple[Problem, ...]:
    return refuse(session, save(path / "t.xlsx", sheets)).problems


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("客户", 2, "分层"), "金牌", ("写的是「金牌」", "只能填 KOL、重点、潜力")),
        (("客户", 3, "潜力P"), 6, ("写的是「6」", "应是 1 到 5 的整数")),
        (("客户", 3, "意愿A"), 0, ("写的是「0」", "应是 1 到 5 的整数")),
        (("客户", 3, "关系R"), 2.5, ("写的是「2.5」", "应是 1 到 5 的整数")),
        (("客户", 3, "关系R"), "高", ("写的是「高」", "应是 1 到 5 的整数")),
        (("客户", 3, "关系R"), None, ("空着", "必须填写")),
        (("客户", 2, "潜力P"), "=5", ("这里是公式", "选择性粘贴")),
        (("客户", 2, "备注"), "=A1", ("这里是公式", "选择性粘贴")),
        (("客户", 2, "备注"), "#REF!", ("这里是错误值 #REF!", "填上真正的内容")),
        (("客户", 2, "门诊时间"), date(2026, 3, 2), ("这里是日期或时间格式", "「文本」")),
        (("客户", 2, "潜力P"), True, ("这里是 TRUE/FALSE", "文字或数字")),
        (("客户", 2, "客户类型"), "护士", ("写的是「护士」", "医生、药师、药店、采购、研发伙伴")),
        (("客户", 2, "性别"), "不详", ("写的是「不详」", "男、女")),
        (("客户", 2, "科室"), None, ("空着", "医生和药师必须填科室")),
        (("客户", 3, "科室"), "  ", ("空着", "医生和药师必须填科室")),
        (("客户", 2, "姓名"), None, ("空着", "必须填写")),
        (("客户", 2, "姓名"), "长" * 65, ("写的是「长长长", "最多 64 个字")),
        (("客户", 2, "标签"), "短;" + "长" * 65, ("写的是「短;长", "最多 64 个字")),
        (("客户", 2, "负责代表"), "qiaoann", ("没有「qiaoann」这个账号", "是不是「qiaoan」？")),
        (("客户", 2, "负责代表"), "root", ("「root」的角色是管理员", "应是代表或主管的账号")),
        (
            ("客户", 2, "医院"),
            "市人民",
            ("「医院」表里没有「市人民」", "是不是「岚山市人民医院」？"),
        ),
        (("客户", 2, "医院"), "外地医院", ("「医院」表里没有「外地医院」", "「医院」表")),
        (("人员", 2, "角色"), "经理", ("写的是「经理」", "代表、主管、医学、合规、管理员")),
        (("人员", 2, "上级账号"), "nobody", ("没有「nobody」这个账号", "「人员」表里的一个账号")),
        (("人员", 2, "上级账号"), "qiaoan", ("上级绕了一圈又回到自己", "最上面的人请空着")),
        (("人员", 2, "账号"), None, ("空着", "必须填写")),
        (("医院", 2, "经度"), "东边", ("写的是「东边」", "-180 到 180 之间的数")),
        (("医院", 2, "纬度"), 91, ("写的是「91」", "-90 到 90 之间的数")),
    ],
)
def test_a_wrong_cell_is_named(
    session: Session, tmp_path: Path, place: tuple[str, int, str], value: Any, said: tuple[str, str]
) -> None:
    found = problems(session, tmp_path, with_cell(good_sheets(), *place, value))
    (problem,) = [p for p in found if p.column == place[2]]
    assert (problem.sheet, problem.row) == place[:2]
    assert problem.wrong.startswith(said[0])
    assert said[1] in problem.expected


@pytest.mark.parametrize("sheet", ["人员", "医院", "客户", "产品"])
def test_a_missing_sheet_is_named(session: Session, tmp_path: Path, sheet: str) -> None:
    sheets = good_sheets()
    del sheets[sheet]
    (problem,) = problems(session, tmp_path, sheets)
    assert problem.line.startswith(f"「{sheet}」：缺少这张表；需要四张表")


@pytest.mark.parametrize(
    ("sheet", "header"),
    [("客户", "科室"), ("客户", "关系R"), ("人员", "账号"), ("医院", "医院"), ("产品", "产品")],
)
def test_a_missing_column_is_named(
    session: Session, tmp_path: Path, sheet: str, header: str
) -> None:
    (problem,) = problems(session, tmp_path, without_column(good_sheets(), sheet, [header]))
    assert (problem.sheet, problem.row, problem.column) == (sheet, 1, header)
    assert problem.wrong == "缺少这一列"


def test_an_unknown_header_gets_a_suggestion(session: Session, tmp_path: Path) -> None:
    sheets = with_cell(good_sheets(), "客户", 1, "沟通风格", "沟通的风格")
    (problem,) = problems(session, tmp_path, sheets)
    assert problem.line.startswith(
        "「客户」第 1 行「沟通的风格」：不认识这个表头；是不是「沟通风格」？"
    )


def test_a_header_that_stands_twice_is_named(session: Session, tmp_path: Path) -> None:
    sheets = with_cell(good_sheets(), "客户", 1, "备注", "标签")
    (problem,) = problems(session, tmp_path, sheets)
    assert (problem.column, problem.wrong) == ("标签", "这一列出现了两次")


def test_cells_without_a_header_are_named(session: Session, tmp_path: Path) -> None:
    sheets = good_sheets()
    sheets["产品"][1].append("多出来的")
    (problem,) = problems(session, tmp_path, sheets)
    assert problem.line.startswith("「产品」第 2 行：第 5 列没有表头却有内容")


@pytest.mark.parametrize(
    ("sheet", "row", "said"),
    [
        ("人员", 1, "「qiaoan」和第 2 行重复"),
        ("医院", 1, "「岚山市人民医院」和第 2 行重复"),
        ("客户", 1, "「殷书怀 岚山市人民医院 心内科」和第 2 行重复"),
        ("产品", 1, "「舒心平」和第 2 行重复"),
    ],
)
def test_a_row_that_stands_twice_is_named(
    session: Session, tmp_path: Path, sheet: str, row: int, said: str
) -> None:
    sheets = good_sheets()
    sheets[sheet].append(list(sheets[sheet][row]))
    (problem,) = problems(session, tmp_path, sheets)
    assert (problem.row, problem.wrong) == (len(sheets[sheet]), said)


def test_a_long_circle_of_managers_is_found(session: Session, tmp_path: Path) -> None:
    sheets = with_cell(good_sheets(), "人员", 4, "上级账号", "root")
    sheets = with_cell(sheets, "人员", 5, "上级账号", "qiaoan")
    found = problems(session, tmp_path, sheets)
    assert [(p.row, p.wrong) for p in found] == [
        (row, "上级绕了一圈又回到自己") for row in (2, 4, 5)
    ]


@pytest.mark.parametrize("sheet", ["客户", "产品", "人员", "医院", "随便一张"])
@pytest.mark.parametrize("header", ["月处方量", "TRx", "月均盒数"])
def test_a_column_of_prescription_counts_is_refused_by_name(
    session: Session, tmp_path: Path, sheet: str, header: str
) -> None:
    sheets = good_sheets()
    sheets.setdefault(sheet, [["说明"]])[0].append(header)
    (problem,) = problems(session, tmp_path, sheets)
    assert (problem.sheet, problem.column) == (sheet, header)
    assert "统方" in problem.wrong


@pytest.mark.parametrize(
    ("header", "value"),
    [("备注", "月处方量约80盒"), ("标签", "KOL;每月开药二百盒"), ("沟通风格", "每月开药200盒")],
)
def test_prescription_counts_in_words_are_refused_too(
    session: Session, tmp_path: Path, header: str, value: str
) -> None:
    (problem,) = problems(session, tmp_path, with_cell(good_sheets(), "客户", 2, header, value))
    assert (problem.row, problem.column) == (2, header)
    assert "统方" in problem.wrong
    assert not set(problem.line) & set("0123456789") - {"2"}


@pytest.mark.parametrize(
    "header",
    [
        *(
            "处方量",
            "处方数",
            "用量",
            "销量",
            "开药量",
            "TF",
            "tf(盒)",
            "Rx",
            "NRx",
            "TRx_2026",
            "月均盒数",
        ),
        *("处 方 量", "ＮＲＸ", "月度销售额", "近三月纯销", "用药患者数", "Rx/月", "流向数据"),
    ],
)
def test_headers_that_smell_of_prescription_counts(header: str) -> None:
    assert smells_of_prescriptions(header)


def test_headers_of_the_format_do_not_smell() -> None:
    for rows in good_sheets().values():
        assert not [header for header in rows[0] if smells_of_prescriptions(header)]
    assert not smells_of_prescriptions("Platform")


def test_all_mistakes_are_listed_and_the_first_twenty_shown(
    session: Session, tmp_path: Path
) -> None:
    sheets = good_sheets()
    sheets["客户"] += [
        [f"甲{n}", *sheets["客户"][1][1:7], f"?{n}", 9 + n, 9 + n, 9 + n, f"x{n}"]
        for n in range(50)
    ]
    error = refuse(session, save(tmp_path / "t.xlsx", sheets))
    assert len(error.problems) == error.total == 250
    assert error.sentence.count("\n· ") == 20
    assert "有 250 处要改；现有数据一点没动" in error.sentence
    assert error.sentence.endswith("……另有 230 处，改完上面的再发一次就能看到。")


def test_what_many_rows_have_in_common_is_one_line(session: Session, tmp_path: Path) -> None:
    sheets = good_sheets()
    sheets["客户"] += [
        [f"甲{n}", *sheets["客户"][1][1:7], "金牌", 3, 3, 3, "luqi"] for n in range(38)
    ]
    sheets["客户"][8][7] = "KOL"
    error = refuse(session, save(tmp_path / "t.xlsx", sheets))
    (line,) = error.lines
    assert line == "「客户」第 5–8、10–42 行 H 列「分层」：写的是「金牌」；只能填 KOL、重点、潜力"
    assert error.sentence.splitlines() == [
        "这个文件还不能导入，有 37 处要改；现有数据一点没动。",
        f"· {line}",
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([2], "2"),
        ([3, 2, 4], "2–4"),
        ([2, 4, 5], "2、4–5"),
        (list(range(2, 40, 2)), "2、4、6、8、10、12 等 19"),
    ],
)
def test_rows_are_said_as_spans(rows: list[int], said: str) -> None:
    assert say_rows(rows) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        ("姓名,医院\n张三,某院".encode(), "这不是 Excel 文件"),
        (b"%PDF-1.7", "这不是 Excel 文件"),
        (b"PK\x03\x04 torn off", "文件已经损坏，没有传完整"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600, "这是旧版 .xls 文件"),
        (
            bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 9 + "EncryptedPackage".encode("utf-16-le"),
            "文件有密码保护",
        ),
    ],
)
def test_what_is_no_workbook_is_said_plainly(
    session: Session, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(content)
    (problem,) = refuse(session, path).problems
    assert problem.wrong == said


def test_a_file_of_20_megabytes_is_refused(session: Session, tmp_path: Path) -> None:
    path = save(tmp_path / "t.xlsx", good_sheets())
    path.write_bytes(path.read_bytes() + b"\0" * 20_000_000)
    (problem,) = refuse(session, path).problems
    assert problem.wrong == "文件有 20.0 MB，超过上限 15 MB"


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_a_small_file_that_unpacks_to_gigabytes_is_refused(
    session: Session, tmp_path: Path
) -> None:
    bomb = {"xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": b"\0" * 101_000_000}
    path = packed(tmp_path / "t.xlsx", bomb)
    assert path.stat().st_size < 1_000_000
    assert refuse(session, path).problems[0].wrong == "文件解压后太大"


def test_another_kind_of_office_file_is_refused(session: Session, tmp_path: Path) -> None:
    path = packed(tmp_path / "t.xlsx", {"word/document.xml": b"<document/>"})
    assert refuse(session, path).problems[0].wrong == "这不是 .xlsx 工作簿"


@pytest.mark.filterwarnings("ignore:Workbook contains no:UserWarning")
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet3.xml", "xl/styles.xml"])
@pytest.mark.parametrize("content", [b"", b"<a><b></a>", b"<worksheet>", b"\xff\xfe\0", b"<a/>"])
def test_a_damaged_part_is_never_a_crash(
    session: Session, tmp_path: Path, part: str, content: bytes
) -> None:
    with zipfile.ZipFile(save(tmp_path / "good.xlsx", good_sheets())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    path = packed(tmp_path / "t.xlsx", parts | {part: content})
    with suppress(TerritoryError):
        import_territory(session, path, now=NOW, actor_id=None)


def test_every_truncation_of_a_file_is_refused(session: Session, tmp_path: Path) -> None:
    whole = save(tmp_path / "t.xlsx", good_sheets()).read_bytes()
    torn = tmp_path / "torn.xlsx"
    for length in range(100, len(whole), 997):
        torn.write_bytes(whole[:length])
        refuse(session, torn)


@pytest.mark.parametrize(
    ("sheet", "cells", "row"), [("客户", "C2:C3", 2), ("人员", "D2:D4", 2), ("产品", "B1:C1", 1)]
)
def test_merged_cells_are_named_as_they_would_read_as_empty(
    session: Session, tmp_path: Path, sheet: str, cells: str, row: int
) -> None:
    path = save(tmp_path / "t.xlsx", good_sheets())
    book = load_workbook(path)
    book[sheet].merge_cells(cells)
    book.save(path)
    problem = next(p for p in refuse(session, path).problems if "合并" in p.wrong)
    assert (problem.sheet, problem.row, problem.wrong) == (sheet, row, f"{cells} 是合并单元格")
    assert problem.expected == "请取消合并，每行都填"


def test_a_text_that_only_looks_like_a_formula_is_text(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    book: Workbook = load_workbook(save(path, good_sheets()))
    cell = book["客户"]["Q2"]
    assert isinstance(cell, Cell)
    cell.value, cell.data_type = "=不是公式", "s"
    book.save(path)
    import_territory(session, path, now=NOW, actor_id=None)
    assert session.exec(select(Customer.remark)).first() == "=不是公式"

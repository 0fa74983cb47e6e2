"""The export is the import's own format: sending it back unchanged changes nothing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlmodel import Session, select

from bot.territory import export_territory, import_territory
from bot.territory.kinds import tidy
from storage.audit import AuditEntry
from storage.customers import Customer
from tests.territory.files import Sheets, good_sheets, save, with_cell

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def take(session: Session, path: Path) -> Any:
    return import_territory(session, path, now=NOW, actor_id=None)


def give(session: Session, path: Path) -> Path:
    export_territory(session, path, now=NOW, actor_id=None)
    return path


def cells(path: Path) -> Sheets:
    book = load_workbook(path)
    return {s.title: [list(row) for row in s.iter_rows(values_only=True)] for s in book.worksheets}


def test_the_export_has_the_cells_of_the_file(session: Session, tmp_path: Path) -> None:
    take(session, save(tmp_path / "in.xlsx", good_sheets()))
    exported = cells(give(session, tmp_path / "out.xlsx"))
    expected = with_cell(good_sheets(), "客户", 4, "科室", "本部")
    assert exported == expected


def test_importing_the_export_changes_nothing(session: Session, tmp_path: Path) -> None:
    take(session, save(tmp_path / "in.xlsx", good_sheets()))
    report = take(session, give(session, tmp_path / "out.xlsx"))
    assert [(c.added, c.updated) for c in report.sheets] == [(0, 0)] * 4
    assert report.left_alone == 0


def test_the_export_can_be_read_by_people(session: Session, tmp_path: Path) -> None:
    take(session, save(tmp_path / "in.xlsx", good_sheets()))
    book = load_workbook(give(session, tmp_path / "out.xlsx"))
    sheet = book["客户"]
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert sheet.column_dimensions["C"].width == 32
    assert [type(sheet[cell].value) for cell in ("I2", "J2", "K2")] == [int] * 3
    assert isinstance(book["医院"]["F2"].value, float)


@pytest.mark.parametrize("text", ["=HYPERLINK(0)", "+1", "-2", "@SUM(A1)"])
def test_what_a_spreadsheet_would_run_is_written_as_text(
    sqlite: Any, tmp_path: Path, text: str
) -> None:
    with Session(sqlite) as session:
        take(session, save(tmp_path / "in.xlsx", good_sheets()))
        for customer in session.exec(select(Customer)):
            customer.remark = text
        cell = load_workbook(give(session, tmp_path / "out.xlsx"))["客户"]["Q2"]
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
        assert take(session, tmp_path / "out.xlsx").changes == []


def test_each_export_is_on_the_audit_trail(session: Session, tmp_path: Path) -> None:
    give(session, tmp_path / "out.xlsx")
    (entry,) = session.exec(select(AuditEntry)).all()
    assert (entry.action, entry.detail) == (
        "territory.export",
        {"sheets": {"人员": 0, "医院": 0, "客户": 0, "产品": 0}},
    )


odd_names = st.text(min_size=1, max_size=40).map(tidy).filter(bool)
odd_lists = st.lists(
    odd_names.map(lambda name: name.translate(str.maketrans(";；、，", "____"))),
    max_size=4,
    unique=True,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=odd_names, remark=odd_names | st.none(), interests=odd_lists)
def test_odd_names_survive_the_way_out_and_in(
    sqlite: Any, tmp_path: Path, name: str, remark: str | None, interests: list[str]
) -> None:
    with Session(sqlite) as session:
        take(session, save(tmp_path / "in.xlsx", good_sheets()))
        customer = session.exec(select(Customer).where(Customer.name == "傅小棠")).one()
        customer.name, customer.remark, customer.interests = name, remark, interests
        session.flush()
        report = take(session, give(session, tmp_path / "out.xlsx"))
        assert [(c.added, c.updated) for c in report.sheets] == [(0, 0)] * 4
        session.refresh(customer)
        assert (customer.name, customer.remark, customer.interests) == (name, remark, interests)
        session.rollback()

"""A small file that unpacks to something huge is refused soon, and kindly."""

import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.territory.book import MEGABYTE, merged_cells, open_book, stream
from bot.territory.problems import TerritoryError
from tests.territory.files import good_sheets, save

CUSTOMERS = "xl/worksheets/sheet3.xml"
Spoil = Callable[[bytes], bytes]


def _spoiled(folder: Path, part: str, spoil: Spoil) -> Path:
    good, bad = save(folder / "good.xlsx", good_sheets()), folder / "bad.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, spoil(content) if name == part else content)
    return bad


def _inside(added: bytes) -> Spoil:
    return lambda sheet: sheet.replace(b"</sheetData>", added + b"</sheetData>")


def _after(added: bytes) -> Spoil:
    return lambda sheet: sheet.replace(b"</worksheet>", added + b"</worksheet>")


def _read(path: Path) -> int:
    """How many rows the customers have, after everything that an import looks at first."""
    with open_book(path) as book:
        sheet = book["客户"]
        merged_cells(sheet)
        return sum(1 for _ in stream(sheet))


@pytest.mark.parametrize(
    ("part", "spoil", "told"),
    [
        (CUSTOMERS, _inside(b" " * 160 * MEGABYTE), "太大"),
        (CUSTOMERS, _inside(b" " * 60 * MEGABYTE), "多余的内容"),
        (CUSTOMERS, _after(b"<mergeCell " + b" " * 60 * MEGABYTE), "多余的内容"),
        (CUSTOMERS, _inside(b"<row>" + b"<c/>" * 2 * MEGABYTE + b"</row>"), "多余的内容"),
        (CUSTOMERS, _inside(b"<row/>" * 900_000), "空的"),
        (CUSTOMERS, _inside(b"<row>" * 100_000), "损坏"),
        (CUSTOMERS, _after(b"<mergeCell " * 300_000), "损坏"),
        ("xl/styles.xml", lambda style: style + b" " * 2 * MEGABYTE, "太大"),
        ("xl/workbook.xml", lambda book: book + b" " * 5 * MEGABYTE, "太大"),
    ],
)
def test_a_bomb_is_refused_in_seconds(tmp_path: Path, part: str, spoil: Spoil, told: str) -> None:
    path = _spoiled(tmp_path, part, spoil)
    started = time.perf_counter()
    with pytest.raises(TerritoryError, match=told):
        _read(path)
    assert time.perf_counter() - started < 6


def test_a_file_with_some_padding_is_read(tmp_path: Path) -> None:
    some = b" " * MEGABYTE + b"<row/>" * 500
    assert _read(_spoiled(tmp_path, CUSTOMERS, _inside(some))) == 504


@pytest.mark.parametrize("padding", [0, 1, 300, MEGABYTE - 700, MEGABYTE - 500, MEGABYTE - 300])
def test_every_merged_cell_is_found_wherever_it_stands(tmp_path: Path, padding: int) -> None:
    merged = b'<mergeCells><mergeCell ref="A1:B1"/><mergeCell  ref="C2:C5"/></mergeCells>'
    with open_book(_spoiled(tmp_path, CUSTOMERS, _after(b" " * padding + merged))) as book:
        assert merged_cells(book["客户"]) == ["A1:B1", "C2:C5"]

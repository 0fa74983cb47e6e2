"""Opening an .xlsx file that somebody sent, without trusting it, and streaming its rows."""

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from bot.territory.problems import Problem, TerritoryError

MEGABYTE = 1_000_000
MAX_BYTES = 15 * MEGABYTE
MAX_UNPACKED = 400 * MEGABYTE
MAX_PART_UNPACKED = 100 * MEGABYTE
MAX_ROWS = 1_048_576
MAX_COLUMNS = 256

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z0-9:]+)\"")

# What zipfile and openpyxl raise on files that are damaged in one way or another.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
)


@contextmanager
def open_book(path: Path) -> Iterator[Workbook]:
    """The workbook, opened for streaming.

    Raises:
        TerritoryError: it is too big, protected, damaged, or no .xlsx at all.
    """
    _check_size(path)
    _check_packed(path)
    # openpyxl would leave a file that it cannot read open.
    with path.open("rb") as file:
        book = _load(file)
        try:
            yield book
        finally:
            book.close()


def _load(file: IO[bytes]) -> Workbook:
    try:
        return load_workbook(file, read_only=True, keep_links=False)
    except _DAMAGED:
        _refuse("文件打不开，可能已经损坏", "请用 Excel 或 WPS 打开后另存为 .xlsx，再发一次")


def stream(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows of a sheet as (number from 1, cells), one at a time.

    Raises:
        TerritoryError: the sheet turns out to be damaged.
    """
    # Some programs write a wrong size into the sheet; openpyxl would believe it.
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(), start=1)
    while True:
        try:
            number, cells = next(rows)
        except StopIteration:
            return
        except _DAMAGED:
            _refuse(f"「{sheet.title}」这张表读不出来，可能已经损坏", "请另存为 .xlsx 再发一次")
        if number > MAX_ROWS:
            _refuse(f"「{sheet.title}」的行数超过了 Excel 的上限", "请另存为 .xlsx 再发一次")
        yield number, cells[:MAX_COLUMNS]


def merged_cells(sheet: Any) -> list[str]:
    """The merged ranges of a sheet, like 「C2:C5」: all but their first cell read as empty.

    openpyxl does not tell when it streams, so the end of the sheet's XML is searched.
    """
    try:
        with sheet._get_source() as source:
            return [reference.decode("ascii") for reference in _search(source)]
    except _DAMAGED:
        _refuse(f"「{sheet.title}」这张表读不出来，可能已经损坏", "请另存为 .xlsx 再发一次")


def _search(source: IO[bytes]) -> Iterator[bytes]:
    tail = b""
    while chunk := source.read(MEGABYTE):
        text = tail + chunk
        complete = text.rfind(b">") + 1
        yield from _MERGED.findall(text, 0, complete)
        tail = text[complete:]


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if size > MAX_BYTES:
        megabytes = size / MEGABYTE
        _refuse(
            f"文件有 {megabytes:.1f} MB，超过上限 {MAX_BYTES // MEGABYTE} MB",
            "请去掉图片和多余的表，或按团队拆成几个文件分别导入",
        )
    if size == 0:
        _refuse("文件是空的", "请重新保存后再发一次")


def _check_packed(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(8)
        if start == _OLE:
            _refuse_old_format(start + file.read())
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
    except _DAMAGED:
        if start.startswith(b"PK"):
            _refuse("文件已经损坏，没有传完整", "请重新保存后再发一次")
        _refuse("这不是 Excel 文件", "请发 .xlsx 文件，格式可以发「导出客户」看一份")
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        _refuse("这不是 .xlsx 工作簿", "请用 Excel 或 WPS 另存为「Excel 工作簿（.xlsx）」")
    if any(part.flag_bits & 1 for part in parts):
        _refuse("文件有密码保护", "请去掉密码后再发一次")
    _check_unpacked(parts)


def _check_unpacked(parts: list[zipfile.ZipInfo]) -> None:
    """Sheets are streamed, all other parts are held in memory: they may unpack to less."""
    held = max((p.file_size for p in parts if "/worksheets/" not in p.filename), default=0)
    if sum(p.file_size for p in parts) > MAX_UNPACKED or held > MAX_PART_UNPACKED:
        _refuse("文件解压后太大", "请去掉多余的内容，或按团队拆成几个文件分别导入")


def _refuse_old_format(content: bytes) -> NoReturn:
    if _ENCRYPTED in content:
        _refuse("文件有密码保护", "请去掉密码后再发一次")
    _refuse("这是旧版 .xls 文件", "请用 Excel 或 WPS 另存为「Excel 工作簿（.xlsx）」")


def _refuse(wrong: str, expected: str) -> NoReturn:
    raise TerritoryError([Problem(None, None, None, wrong, expected)])

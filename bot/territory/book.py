"""Opening an .xlsx file that somebody sent, without trusting it, and streaming its rows."""

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, NoReturn
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from bot.territory.problems import Problem, TerritoryError

MEGABYTE = 1_000_000
MAX_BYTES = 15 * MEGABYTE
MAX_UNPACKED = 300 * MEGABYTE
MAX_SHEET = 150 * MEGABYTE
"""Unpacked; 100,000 customers need 90."""
MAX_STRINGS = 40 * MEGABYTE
"""Unpacked texts that sheets share: held in memory."""
MAX_STYLES = 1 * MEGABYTE
"""Unpacked formats: each costs much time to read."""
MAX_XML = 4 * MEGABYTE
"""Of any other part that is read at a whole, and of what may stand between two rows."""
_MOST = {"sharedstrings.xml": MAX_STRINGS, "styles.xml": MAX_STYLES}
MAX_ROWS = 1_048_576
MAX_EMPTY_ROWS = 20_000
MAX_COLUMNS = 256
MAX_MERGED = 1_000
"""As many are told of; whoever has more will not read on."""

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_LONGEST_TAG = 400
_MERGED = re.compile(rb"<(?:\w{1,40}:)?mergeCell\s[^<>]{0,200}?ref=\"([A-Z0-9:]{1,40})\"")
_ROW = re.compile(rb"<(?:\w{1,40}:)?row[\s/>]")

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
    empty = 0
    while True:
        try:
            number, cells = next(rows)
        except StopIteration:
            return
        except _DAMAGED:
            _refuse(f"「{sheet.title}」这张表读不出来，可能已经损坏", "请另存为 .xlsx 再发一次")
        empty += all(cell.value is None for cell in cells)
        _check_rows(sheet.title, number, empty)
        yield number, cells[:MAX_COLUMNS]


def _check_rows(title: str, number: int, empty: int) -> None:
    if number > MAX_ROWS:
        _refuse(f"「{title}」的行数超过了 Excel 的上限", "请另存为 .xlsx 再发一次")
    if empty > MAX_EMPTY_ROWS:
        _refuse(f"「{title}」有两万多行是空的", "请删掉空行，或复制到一张新表里再发一次")


def merged_cells(sheet: Any) -> list[str]:
    """The merged ranges of a sheet, like 「C2:C5」: all but their first cell read as empty.

    openpyxl does not tell when it streams, so the end of the sheet's XML is searched.
    """
    try:
        with sheet._get_source() as source:
            return [found.decode("ascii") for found in islice(_search(source), MAX_MERGED)]
    except _DAMAGED:
        _refuse(f"「{sheet.title}」这张表读不出来，可能已经损坏", "请另存为 .xlsx 再发一次")


def _search(source: IO[bytes]) -> Iterator[bytes]:
    for text in _pieces(source):
        yield from _MERGED.findall(text)


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    """A part of the file bit by bit, without cutting through a tag of usual length."""
    tail = b""
    while chunk := source.read(MEGABYTE):
        text = tail + chunk
        cut = text.rfind(b"<", max(0, len(text) - _LONGEST_TAG))
        whole = len(text) if cut < 0 else cut
        yield text[:whole]
        tail = text[whole:]
    yield tail


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
            _check_parts(packed, parts)
    except _DAMAGED:
        if start.startswith(b"PK"):
            _refuse("文件已经损坏，没有传完整", "请重新保存后再发一次")
        _refuse("这不是 Excel 文件", "请发 .xlsx 文件，格式可以发「导出客户」看一份")


def _check_parts(packed: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        _refuse("这不是 .xlsx 工作簿", "请用 Excel 或 WPS 另存为「Excel 工作簿（.xlsx）」")
    if any(part.flag_bits & 1 for part in parts):
        _refuse("文件有密码保护", "请去掉密码后再发一次")
    if sum(part.file_size for part in parts) > MAX_UNPACKED or any(map(_is_too_big, parts)):
        _refuse("文件解压后太大", "请去掉多余的内容，或按团队拆成几个文件分别导入")
    for part in parts:
        if _is_sheet(part) and part.file_size > MAX_XML:
            _check_density(packed, part)


def _is_sheet(part: zipfile.ZipInfo) -> bool:
    return "/worksheets/" in part.filename


def _is_too_big(part: zipfile.ZipInfo) -> bool:
    """Sheets are streamed; other parts are held in memory. Pictures are never read."""
    if _is_sheet(part):
        return part.file_size > MAX_SHEET
    if "/media/" in part.filename:
        return False
    return part.file_size > _MOST.get(part.filename.lower().rpartition("/")[2], MAX_XML)


def _check_density(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Much text without a row is padding, or one row that would fill the memory."""
    since = 0
    with packed.open(part) as source:
        for text in _pieces(source):
            since = 0 if _ROW.search(text) else since + len(text)
            if since > MAX_XML:
                _refuse("表里有大段多余的内容", "请复制到一张新表里，另存为 .xlsx 再发一次")


def _refuse_old_format(content: bytes) -> NoReturn:
    if _ENCRYPTED in content:
        _refuse("文件有密码保护", "请去掉密码后再发一次")
    _refuse("这是旧版 .xls 文件", "请用 Excel 或 WPS 另存为「Excel 工作簿（.xlsx）」")


def _refuse(wrong: str, expected: str) -> NoReturn:
    raise TerritoryError([Problem(None, None, None, wrong, expected)])

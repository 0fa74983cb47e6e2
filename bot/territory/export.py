"""Writing the territory as an .xlsx file in the format that is imported."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from sqlmodel import Session, col, select

from bot.territory.current import (
    customer_row,
    named_row,
    person_row,
    read_names,
    read_tags,
)
from bot.territory.kinds import Plain, tidy
from bot.territory.layout import Layout, layouts
from storage.customers import Customer
from storage.people import Person
from storage.places import Hospital
from storage.products import Product

BATCH = 1000
_FORMULA_STARTS = ("=", "+", "-", "@")


def write_book(session: Session, path: Path) -> dict[str, int]:
    """Write everything to `path`; gives the number of rows of each sheet."""
    book = Workbook(write_only=True)
    people, hospitals, customers, products = layouts()
    counts = {
        people.name: _write_sheet(book, people, _people(session)),
        hospitals.name: _write_sheet(book, hospitals, _hospitals(session)),
        customers.name: _write_sheet(book, customers, _customers(session)),
        products.name: _write_sheet(book, products, _products(session)),
    }
    book.save(path)
    return counts


def _write_sheet(book: Workbook, layout: Layout, rows: Iterable[dict[str, Any]]) -> int:
    sheet = book.create_sheet(layout.name)
    sheet.freeze_panes = "A2"
    for number, column in enumerate(layout.columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.append([_header(sheet, column.header) for column in layout.columns])
    count = 0
    for row in rows:
        written = (column.kind.write(row[column.field]) for column in layout.columns)
        sheet.append([_cell(sheet, value) for value in written])
        count += 1
    return count


def _header(sheet: Any, header: str) -> Any:
    cell = WriteOnlyCell(sheet, header)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Plain | None) -> Any:
    """A text that a spreadsheet would run as a formula is written and marked as text."""
    if not isinstance(value, str):
        return value
    value = tidy(value)
    if not value.startswith(_FORMULA_STARTS):
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _people(session: Session) -> Iterator[dict[str, Any]]:
    names = read_names(session)
    for person in session.exec(select(Person).order_by(col(Person.id))):
        yield person_row(person, names)


def _hospitals(session: Session) -> Iterator[dict[str, Any]]:
    for hospital in session.exec(select(Hospital).order_by(col(Hospital.id))):
        yield named_row(hospital)


def _products(session: Session) -> Iterator[dict[str, Any]]:
    for product in session.exec(select(Product).order_by(col(Product.id))):
        yield named_row(product)


def _customers(session: Session) -> Iterator[dict[str, Any]]:
    names = read_names(session)
    last = 0
    while True:
        query = select(Customer).where(col(Customer.id) > last).order_by(col(Customer.id))
        batch = session.exec(query.limit(BATCH)).all()
        if not batch:
            return
        tags = read_tags(session, [customer.id for customer in batch])
        for customer in batch:
            last = customer.id or 0
            yield customer_row(customer, names, tags.get(last, []))

"""The territory (people, hospitals, customers, products) in from an .xlsx file and out to one."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, select

from bot.domain.clock import local_day
from bot.territory.apply import apply_hospitals, apply_people, apply_products
from bot.territory.book import open_book
from bot.territory.checks import Progress, check_book, customer_rows
from bot.territory.current import read_known
from bot.territory.export import write_book
from bot.territory.layout import layouts
from bot.territory.leavers import owners_before, owners_who_cannot, people_not_in
from bot.territory.portfolios import CustomerWriter, Moved, in_batches
from bot.territory.problems import Problem, ProblemList, TerritoryError
from bot.territory.report import Change, ImportReport, SheetCount
from bot.territory.rows import Row
from storage import audit
from storage.customers import Customer
from storage.rosters import forget_rosters

__all__ = [
    "Change",
    "ImportReport",
    "Problem",
    "Progress",
    "SheetCount",
    "TerritoryError",
    "export_territory",
    "import_territory",
]


def _silent(step: str, done: int, total: int | None) -> None:
    """Nobody watches."""


def import_territory(
    session: Session,
    path: Path,
    *,
    now: datetime,
    actor_id: int | None,
    progress: Progress = _silent,
) -> ImportReport:
    """Read the file twice: check all of it, then write it into the open transaction.

    The caller commits. Memory does not grow with the number of customers, but for their keys.
    `actor_id` is None on the command line.

    Raises:
        TerritoryError: nothing was written; it lists all that is to correct.
    """
    with open_book(path) as book:
        checked = check_book(book, read_known(session), progress)
        customers = customer_rows(book, checked.customer_headers, ProblemList())
        report = ImportReport.for_sheets(layout.name for layout in layouts())
        before = _customer_count(session)
        carrying = owners_before(session)
        apply_people(session, checked.people, report)
        apply_hospitals(session, checked.hospitals, report)
        writer = CustomerWriter(session, report, today=local_day(now), actor_id=actor_id)
        _write_customers(writer, customers, checked.customer_count, progress)
        apply_products(session, checked.products, report)
    report.people_left_alone = people_not_in(session, checked.people)
    report.warnings += owners_who_cannot(session, carrying)
    found = report.count_of("客户")
    report.left_alone = before - found.updated - found.same
    _put_on_trail(session, writer.moved, report, now, actor_id)
    forget_rosters(session)
    return report


def _write_customers(
    writer: CustomerWriter, rows: Iterable[Row], total: int, progress: Progress
) -> None:
    done = 0
    for batch in in_batches(rows):
        writer.write(batch)
        done += len(batch)
        progress("写入", done, total)


def export_territory(
    session: Session, path: Path, *, now: datetime, actor_id: int | None
) -> dict[str, int]:
    """Write the whole territory to `path`; gives the number of rows of each sheet. The caller
    commits the audit entry."""
    counts = write_book(session, path)
    audit.record(
        session,
        at=now,
        actor_id=actor_id,
        action="territory.export",
        subject="territory",
        detail={"sheets": counts},
    )
    return counts


def _put_on_trail(
    session: Session,
    moved: list[Moved],
    report: ImportReport,
    now: datetime,
    actor_id: int | None,
) -> None:
    """Whose rating or owner changed, then the import as a whole."""
    entries = [(one.action, f"customer:{one.customer_id}", one.detail) for one in moved]
    whole = ("territory.import", "territory", report.as_detail())
    for action, subject, detail in (*entries, whole):
        audit.record(
            session, at=now, actor_id=actor_id, action=action, subject=subject, detail=detail
        )


def _customer_count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Customer)).one()

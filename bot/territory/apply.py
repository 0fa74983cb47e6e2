"""The second pass over a territory file: writes people, places and products, then the customers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from bot.territory.current import (
    named_row,
    person_row,
    read_names,
)
from bot.territory.layout import Layout, layouts
from bot.territory.report import Change, ImportReport
from bot.territory.rows import Row
from storage.people import Person, Team
from storage.places import Hospital
from storage.products import Product


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose value in the file is not the one in the database."""

    field: str
    before: Any
    after: Any


def differences(layout: Layout, current: dict[str, Any], row: Row) -> list[Difference]:
    """The fields that a row changes. A column that the file does not have changes nothing; the
    order of tags means nothing."""
    found = []
    for column in layout.columns:
        if column.field in row.values:
            before, after = current[column.field], row.values[column.field]
            same = set(before) == set(after) if column.field == "tags" else before == after
            if not same:
                found.append(Difference(column.field, before, after))
    return found


def count_row(
    report: ImportReport, layout: Layout, row: Row, found: list[Difference] | None
) -> None:
    """Note what became of a row: None for a new one, else its differences."""
    count = report.count_of(layout.name)
    if found is None:
        count.added += 1
    elif found:
        count.updated += 1
    else:
        count.same += 1
    for difference in found or ():
        column = layout.column(difference.field)
        before, after = (
            "" if value is None else str(column.kind.write(value) or "")
            for value in (difference.before, difference.after)
        )
        subject = str(row.values["name"])
        report.note_change(Change(layout.name, subject, column.header, before, after))


def apply_people(session: Session, rows: list[Row], report: ImportReport) -> None:
    """Write 「人员」; managers only after everybody has an id."""
    layout = layouts().people
    names = read_names(session)
    known = {person.login: person for person in session.exec(select(Person)).all()}
    teams = _team_ids(session, rows)
    for row in rows:
        values = row.values
        person = known.get(values["login"])
        found = differences(layout, person_row(person, names), row) if person else None
        count_row(report, layout, row, found)
        if person is None:
            person = Person(login=values["login"], name=values["name"], role=values["role"])
            known[person.login] = person
            session.add(person)
        person.name, person.role = values["name"], values["role"]
        if "team" in values:
            person.team_id = teams.get(values["team"])
    session.flush()
    _set_managers(rows, known)
    session.flush()


def _set_managers(rows: list[Row], known: dict[str, Person]) -> None:
    for row in rows:
        if "manager" in row.values:
            manager = known.get(row.values["manager"])
            known[row.values["login"]].manager_id = manager.id if manager else None


def apply_hospitals(session: Session, rows: list[Row], report: ImportReport) -> None:
    """Write 「医院」."""
    _apply_named(session, Hospital, layouts().hospitals, rows, report)


def apply_products(session: Session, rows: list[Row], report: ImportReport) -> None:
    """Write 「产品」."""
    _apply_named(session, Product, layouts().products, rows, report)


def _apply_named(
    session: Session,
    table: type[Hospital] | type[Product],
    layout: Layout,
    rows: list[Row],
    report: ImportReport,
) -> None:
    records: list[Hospital | Product] = [*session.scalars(select(table))]
    known = {record.name: record for record in records}
    for row in rows:
        record = known.get(row.values["name"])
        found = differences(layout, named_row(record), row) if record else None
        count_row(report, layout, row, found)
        if record is None:
            session.add(table(**layout.blank() | row.values))
        for difference in found or ():
            setattr(record, difference.field, difference.after)
    session.flush()


def _team_ids(session: Session, rows: Iterable[Row]) -> dict[str | None, int | None]:
    teams = {team.name: team for team in session.exec(select(Team)).all()}
    for name in {row.values.get("team") for row in rows}:
        if name is not None and name not in teams:
            teams[name] = Team(name=name)
            session.add(teams[name])
    session.flush()
    return {name: team.id for name, team in teams.items()}

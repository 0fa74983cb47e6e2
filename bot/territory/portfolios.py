"""Writing the customers of a territory file in batches, with the history of ratings and owners."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select, update

from bot.domain.roster import aliases_of
from bot.territory.apply import Difference, count_row, differences
from bot.territory.current import Names, customer_row, read_names, read_tags
from bot.territory.layout import layouts
from bot.territory.report import ImportReport
from bot.territory.rows import Row
from storage.customers import Customer, CustomerTag, Ownership, Rating
from storage.places import Department

BATCH = 1000
REASON = "导入"
RATING = ("tier", "potential", "attitude", "relationship")

Key = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Moved:
    """A customer whose rating or owner an import changed, for the audit trail; `detail` holds
    [before, after] of each field."""

    customer_id: int
    action: str
    detail: dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids of what the file names: owners by login, hospitals, departments by hospital and name."""

    owners: dict[str, int]
    hospitals: dict[str, int]
    departments: dict[tuple[int, str], int]


class CustomerWriter:
    """Writes batches of customers; keeps only the ids of what they refer to between batches."""

    def __init__(
        self, session: Session, report: ImportReport, *, today: date, actor_id: int | None
    ) -> None:
        self.session, self.report = session, report
        self.today, self.actor_id = today, actor_id
        self.moved: list[Moved] = []
        names = read_names(session)
        departments = session.exec(select(Department)).all()
        self.ids = Ids(
            owners={login: id_ for id_, login in names.logins.items() if id_},
            hospitals={name: id_ for id_, name in names.hospitals.items() if id_},
            departments={(d.hospital_id, d.name): d.id for d in departments if d.id},
        )
        self.names: Names = names

    def write(self, rows: Sequence[Row]) -> None:
        """Insert or update one batch."""
        self._add_departments(rows)
        known = self._known(rows)
        tags = read_tags(self.session, [customer.id for customer in known.values()])
        new: list[Row] = []
        for row in rows:
            customer = known.get(self._key(row))
            if customer is None:
                count_row(self.report, layouts().customers, row, None)
                new.append(row)
            else:
                current = customer_row(customer, self.names, tags.get(customer.id or 0, []))
                found = differences(layouts().customers, current, row)
                count_row(self.report, layouts().customers, row, found)
                self._update(customer, found)
        self.session.flush()
        if new:
            self._insert(new)

    def _key(self, row: Row) -> Key:
        hospital = self.ids.hospitals[row.values["hospital"]]
        return (
            row.values["name"],
            hospital,
            self.ids.departments[hospital, row.values["department"]],
        )

    def _add_departments(self, rows: Sequence[Row]) -> None:
        wanted = {
            (self.ids.hospitals[row.values["hospital"]], row.values["department"]) for row in rows
        }
        new = [
            Department(hospital_id=hospital_id, name=name)
            for hospital_id, name in sorted(wanted - self.ids.departments.keys())
        ]
        self.session.add_all(new)
        self.session.flush()
        for department in new:
            if department.id is not None:
                self.ids.departments[department.hospital_id, department.name] = department.id
                self.names.departments[department.id] = department.name

    def _known(self, rows: Sequence[Row]) -> dict[Key, Customer]:
        keys = {self._key(row) for row in rows}
        query = select(Customer).where(
            col(Customer.name).in_({key[0] for key in keys}),
            col(Customer.hospital_id).in_({key[1] for key in keys}),
        )
        found = {(c.name, c.hospital_id, c.department_id): c for c in self.session.exec(query)}
        return {key: customer for key, customer in found.items() if key in keys}

    def _update(self, customer: Customer, found: list[Difference]) -> None:
        changed = {difference.field: difference.after for difference in found}
        if "remark" in changed:
            customer.aliases = renewed_aliases(customer.aliases, customer.remark, changed["remark"])
        if "tags" in changed:
            self._retag(customer, changed.pop("tags"))
        if "owner" in changed:
            self._hand_over(customer, self.ids.owners[changed.pop("owner")])
        for field, value in changed.items():
            setattr(customer, field, value)
        rated = {d.field: [d.before, d.after] for d in found if d.field in RATING}
        if rated:
            self.moved.append(Moved(customer.id or 0, "customer.rate", rated))
            rating = {field: getattr(customer, field) for field in RATING}
            self.session.add(Rating(**self._rating(customer.id, rating)))

    def _hand_over(self, customer: Customer, owner_id: int) -> None:
        owners = {"owner": [customer.owner_id, owner_id]}
        self.moved.append(Moved(customer.id or 0, "customer.hand_over", owners))
        customer.owner_id = owner_id
        self.session.execute(
            update(Ownership)
            .where(col(Ownership.customer_id) == customer.id, col(Ownership.until_day).is_(None))
            .values(until_day=self.today)
        )
        self.session.add(Ownership(**self._ownership(customer.id, owner_id)))

    def _retag(self, customer: Customer, tags: list[str]) -> None:
        own = col(CustomerTag.customer_id) == customer.id
        self.session.execute(delete(CustomerTag).where(own))
        self.session.add_all(CustomerTag(customer_id=customer.id or 0, tag=tag) for tag in tags)

    def _insert(self, rows: list[Row]) -> None:
        records = [self._record(row) for row in rows]
        ids = self.session.scalars(
            insert(Customer).returning(col(Customer.id), sort_by_parameter_order=True), records
        ).all()
        pairs = list(zip(ids, rows, records, strict=True))
        self._insert_all(Rating, [self._rating(id_, row.values) for id_, row, _ in pairs])
        owners = [self._ownership(id_, record["owner_id"]) for id_, _, record in pairs]
        self._insert_all(Ownership, owners)
        tags = [(id_, tag) for id_, row, _ in pairs for tag in row.values.get("tags", ())]
        self._insert_all(CustomerTag, [{"customer_id": id_, "tag": tag} for id_, tag in tags])

    def _insert_all(self, table: type[Any], records: list[dict[str, Any]]) -> None:
        if records:
            self.session.execute(insert(table), records)

    def _record(self, row: Row) -> dict[str, Any]:
        values = layouts().customers.blank() | row.values
        name, hospital_id, department_id = self._key(row)
        owner_id = self.ids.owners[values["owner"]]
        for replaced in ("hospital", "department", "owner", "tags"):
            del values[replaced]
        return values | {
            "name": name,
            "hospital_id": hospital_id,
            "department_id": department_id,
            "owner_id": owner_id,
            "aliases": list(aliases_of(values["remark"] or "")),
        }

    def _rating(self, customer_id: int | None, values: dict[str, Any]) -> dict[str, Any]:
        return {field: values[field] for field in RATING} | {
            "customer_id": customer_id,
            "effective_on": self.today,
            "set_by_id": self.actor_id,
            "reason": REASON,
        }

    def _ownership(self, customer_id: int | None, owner_id: int) -> dict[str, Any]:
        return {"customer_id": customer_id, "person_id": owner_id, "from_day": self.today}


def renewed_aliases(aliases: list[str], before: str | None, after: str | None) -> list[str]:
    """Aliases after a new remark: those of the old remark go, those that reps confirmed stay."""
    old = set(aliases_of(before or ""))
    kept = [alias for alias in aliases if alias not in old]
    return list(dict.fromkeys([*kept, *aliases_of(after or "")]))


def in_batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows, `BATCH` at a time."""
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch

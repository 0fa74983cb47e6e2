"""What the database has, in the fields of the file: to compare with a file, or to write one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from bot.territory.checks import Known, KnownPerson
from storage.customers import Customer, CustomerTag
from storage.people import Person, Team
from storage.places import Department, Hospital
from storage.products import Product


@dataclass(frozen=True, slots=True)
class Names:
    """Names of what rows refer to, by id."""

    teams: dict[int | None, str]
    logins: dict[int | None, str]
    hospitals: dict[int | None, str]
    departments: dict[int | None, str]


def read_known(session: Session) -> Known:
    """What a file may refer to without listing it."""
    people = session.exec(select(Person)).all()
    logins = {person.id: person.login for person in people}
    return Known(
        people={p.login: KnownPerson(p.role, logins.get(p.manager_id), p.active) for p in people},
        hospitals=frozenset(session.exec(select(Hospital.name)).all()),
    )


def read_names(session: Session) -> Names:
    """All names that customers and people refer to."""
    return Names(
        teams=dict(session.exec(select(Team.id, Team.name)).all()),
        logins=dict(session.exec(select(Person.id, Person.login)).all()),
        hospitals=dict(session.exec(select(Hospital.id, Hospital.name)).all()),
        departments=dict(session.exec(select(Department.id, Department.name)).all()),
    )


def read_tags(session: Session, customer_ids: Iterable[int | None]) -> dict[int, list[str]]:
    """Tags of the customers, in alphabetical order."""
    query = (
        select(CustomerTag)
        .where(col(CustomerTag.customer_id).in_(list(customer_ids)))
        .order_by(CustomerTag.tag)
    )
    tags: dict[int, list[str]] = {}
    for row in session.exec(query).all():
        tags.setdefault(row.customer_id, []).append(row.tag)
    return tags


def person_row(person: Person, names: Names) -> dict[str, Any]:
    """A row of 「人员」."""
    return {
        "login": person.login,
        "name": person.name,
        "role": person.role,
        "team": names.teams.get(person.team_id),
        "manager": names.logins.get(person.manager_id),
    }


def named_row(record: Hospital | Product) -> dict[str, Any]:
    """A row of 「医院」 or 「产品」, whose fields are those of the file."""
    return record.model_dump(exclude={"id"})


def customer_row(customer: Customer, names: Names, tags: list[str]) -> dict[str, Any]:
    """A row of 「客户」."""
    own = {"name", "gender", "post", "title", "kind", "tier", "potential", "attitude"}
    own |= {"relationship", "interests", "style", "clinic_hours", "remark"}
    return {
        **customer.model_dump(include=own),
        "hospital": names.hospitals[customer.hospital_id],
        "department": names.departments[customer.department_id],
        "owner": names.logins[customer.owner_id],
        "tags": tags,
    }

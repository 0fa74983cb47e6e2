"""A small territory described in TOML, and planting it into an empty database."""

import tomllib
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from bot.domain.tiers import Tier
from storage.customers import Customer, CustomerKind, CustomerTag, Ownership, Rating
from storage.people import ROLE_LABELS, Person, Team
from storage.places import Department, Hospital
from storage.products import Product


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonEntry(_Entry):
    """Somebody of the company; `manager` is a login, `role` a word like 代表."""

    login: str
    name: str
    role: str
    team: str
    manager: str | None = None


class HospitalEntry(_Entry):
    """A hospital or a pharmacy chain; departments come from its customers."""

    name: str
    aliases: list[str] = []
    level: str = "三级甲等"
    city: str
    address: str | None = None
    longitude: float | None = None
    latitude: float | None = None


class CustomerEntry(_Entry):
    """A customer; `hospital` is a name, `par` is potential, attitude, relationship, 1 to 5."""

    name: str
    gender: str | None = None
    hospital: str
    department: str
    post: str | None = None
    title: str | None = None
    kind: str = "医生"
    tier: Tier
    par: tuple[int, int, int]
    rep: str
    tags: list[str] = []
    interests: list[str] = []
    style: str | None = None
    clinic: str | None = None
    remark: str | None = None
    aliases: list[str] = []


class ProductEntry(_Entry):
    """One of our products."""

    name: str
    aliases: list[str] = []
    indication: str
    competitors: list[str] = []


class Territory(_Entry):
    """Everything that is there before the first visit."""

    people: list[PersonEntry] = Field(alias="person")
    hospitals: list[HospitalEntry] = Field(alias="hospital")
    customers: list[CustomerEntry] = Field(alias="customer")
    products: list[ProductEntry] = Field(alias="product")


def read_territory(path: Path) -> Territory:
    """A territory from its TOML file. Raises pydantic's ValidationError on a wrong entry."""
    return Territory.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def plant(session: Session, territory: Territory, *, since: date) -> None:
    """Put the territory into an empty database; tiers and ownership hold from `since` on."""
    people = _plant_people(session, territory.people)
    places = _plant_places(session, territory)
    session.add_all(Product(**entry.model_dump()) for entry in territory.products)
    for entry in territory.customers:
        owner = people[entry.rep].id or 0
        customer = _customer(entry, owner, places[entry.hospital, entry.department])
        session.add(customer)
        session.flush()
        _plant_history(session, customer, entry, since)
    session.flush()


def _plant_people(session: Session, entries: list[PersonEntry]) -> dict[str, Person]:
    roles = {label: role for role, label in ROLE_LABELS.items()}
    teams = {name: Team(name=name) for name in dict.fromkeys(entry.team for entry in entries)}
    session.add_all(teams.values())
    session.flush()
    people = {
        entry.login: Person(
            login=entry.login,
            name=entry.name,
            role=roles[entry.role],
            team_id=teams[entry.team].id,
        )
        for entry in entries
    }
    session.add_all(people.values())
    session.flush()
    for entry in entries:
        if entry.manager is not None:
            people[entry.login].manager_id = people[entry.manager].id
    return people


def _plant_places(session: Session, territory: Territory) -> dict[tuple[str, str], Department]:
    hospitals = {entry.name: Hospital(**entry.model_dump()) for entry in territory.hospitals}
    session.add_all(hospitals.values())
    session.flush()
    wanted = dict.fromkeys((c.hospital, c.department) for c in territory.customers)
    departments = {
        (hospital, name): Department(hospital_id=hospitals[hospital].id or 0, name=name)
        for hospital, name in wanted
    }
    session.add_all(departments.values())
    session.flush()
    return departments


def _customer(entry: CustomerEntry, owner_id: int, department: Department) -> Customer:
    potential, attitude, relationship = entry.par
    return Customer(
        name=entry.name,
        gender=entry.gender,
        hospital_id=department.hospital_id,
        department_id=department.id or 0,
        post=entry.post,
        title=entry.title,
        kind=CustomerKind(entry.kind),
        owner_id=owner_id,
        tier=entry.tier,
        potential=potential,
        attitude=attitude,
        relationship=relationship,
        interests=entry.interests,
        style=entry.style,
        clinic_hours=entry.clinic,
        remark=entry.remark,
        aliases=entry.aliases,
    )


def _plant_history(session: Session, customer: Customer, entry: CustomerEntry, since: date) -> None:
    customer_id = customer.id or 0
    session.add_all(CustomerTag(customer_id=customer_id, tag=tag) for tag in entry.tags)
    session.add(Ownership(customer_id=customer_id, person_id=customer.owner_id, from_day=since))
    session.add(
        Rating(
            customer_id=customer_id,
            tier=customer.tier,
            potential=customer.potential,
            attitude=customer.attitude,
            relationship=customer.relationship,
            effective_on=since,
            reason="导入",
        )
    )

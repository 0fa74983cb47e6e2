"""A stranger met on a visit becomes a customer of the rep who met them."""

from datetime import date

from sqlmodel import Session, select

from bot.domain.tiers import Tier
from storage.customers import Customer, CustomerKind, Ownership, Rating
from storage.places import Department, Hospital

UNRATED = 3
"""The middle of PAR's 1 to 5, until somebody rates the customer."""


def hospital_named(session: Session, name: str | None) -> Hospital | None:
    """The hospital of the master data with this full name."""
    return session.exec(select(Hospital).where(Hospital.name == name)).first()


def ensure_department(session: Session, hospital: Hospital, name: str) -> Department:
    """The department of the hospital, added to the master data when it is not there yet."""
    wanted = select(Department).where(
        Department.hospital_id == hospital.id, Department.name == name
    )
    found = session.exec(wanted).first()
    if found is None:
        found = Department(hospital_id=hospital.id or 0, name=name)
        session.add(found)
        session.flush()
    return found


def is_customer(session: Session, name: str, department: Department) -> bool:
    """Whether anybody of this name is a customer in this department, whoever looks after them."""
    wanted = select(Customer.id).where(
        Customer.name == name,
        Customer.hospital_id == department.hospital_id,
        Customer.department_id == department.id,
    )
    return session.exec(wanted).first() is not None


def add_doctor(
    session: Session, name: str, department: Department, *, owner_id: int, on: date
) -> Customer:
    """A new customer of the rep, `potential` and unrated until somebody rates them."""
    customer = Customer(
        name=name,
        hospital_id=department.hospital_id,
        department_id=department.id or 0,
        kind=CustomerKind.DOCTOR,
        owner_id=owner_id,
        tier=Tier.POTENTIAL,
        potential=UNRATED,
        attitude=UNRATED,
        relationship=UNRATED,
    )
    session.add(customer)
    session.flush()
    owned = Ownership(customer_id=customer.id or 0, person_id=owner_id, from_day=on)
    session.add_all([_first_rating(customer, owner_id, on), owned])
    return customer


def _first_rating(customer: Customer, rep_id: int, on: date) -> Rating:
    return Rating(
        customer_id=customer.id or 0,
        tier=customer.tier,
        potential=customer.potential,
        attitude=customer.attitude,
        relationship=customer.relationship,
        effective_on=on,
        set_by_id=rep_id,
        reason="拜访中新认识，待评定",
    )

"""Reading what a person's dictation is understood against."""

from sqlmodel import Session, col, select

from bot.domain.roster import Roster, RosterCustomer, RosterHospital, RosterProduct
from storage.customers import Customer
from storage.people import Person
from storage.places import Department, Hospital
from storage.products import Product
from storage.scope import customers_of


def roster_of(session: Session, person: Person) -> Roster:
    """The person's own customers (a manager's: the team's), all places, products, colleagues."""
    return Roster(
        customers=_customers(session, person),
        hospitals=_hospitals(session),
        products=_products(session),
        colleagues=tuple(session.exec(select(Person.name).order_by(Person.name)).all()),
    )


def _customers(session: Session, person: Person) -> tuple[RosterCustomer, ...]:
    rows = session.exec(
        select(Customer, Hospital.name, Department.name)
        .join(Hospital, col(Hospital.id) == Customer.hospital_id)
        .join(Department, col(Department.id) == Customer.department_id)
        .where(customers_of(session, person))
        .order_by(col(Customer.id))
    ).all()
    return tuple(
        RosterCustomer(
            id=customer.id or 0,
            name=customer.name,
            hospital=hospital,
            department=department,
            post=customer.post,
            title=customer.title,
            kind=customer.kind.value,
            aliases=tuple(customer.aliases),
        )
        for customer, hospital, department in rows
    )


def _hospitals(session: Session) -> tuple[RosterHospital, ...]:
    departments: dict[int, list[str]] = {}
    for hospital_id, name in session.exec(select(Department.hospital_id, Department.name)).all():
        departments.setdefault(hospital_id, []).append(name)
    return tuple(
        RosterHospital(h.name, tuple(h.aliases), tuple(sorted(departments.get(h.id or 0, ()))))
        for h in session.exec(select(Hospital).order_by(col(Hospital.id))).all()
    )


def _products(session: Session) -> tuple[RosterProduct, ...]:
    return tuple(
        RosterProduct(p.name, tuple(p.aliases), p.indication, tuple(p.competitors))
        for p in session.exec(select(Product).order_by(col(Product.id))).all()
    )

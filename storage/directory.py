"""Reading who works here, for the questions of a person."""

from sqlmodel import Session, col, select

from bot.domain.directory import Colleague, Directory
from storage.customers import Customer, CustomerTag
from storage.people import Person, Role, Team
from storage.scope import customers_of


def directory_of(session: Session, person: Person) -> Directory:
    """Everybody by name, all teams, and the tags of the customers that the person may see."""
    teams = {team.id: team.name for team in session.exec(select(Team).order_by(col(Team.id)))}
    people = session.exec(
        select(Person.login, Person.name, Person.team_id, Person.role)
        .where(col(Person.active))
        .order_by(col(Person.id))
    ).all()
    own = select(Customer.id).where(customers_of(session, person))
    tags = select(CustomerTag.tag).where(col(CustomerTag.customer_id).in_(own)).distinct()
    return Directory(
        asker=_colleague(teams, person.login, person.name, person.team_id, person.role),
        colleagues=tuple(_colleague(teams, *each) for each in people),
        teams=tuple(teams.values()),
        tags=tuple(sorted(session.exec(tags).all())),
    )


def _colleague(
    teams: dict[int | None, str], login: str, name: str, team_id: int | None, role: Role
) -> Colleague:
    return Colleague(login, name, teams.get(team_id), role == Role.REP)

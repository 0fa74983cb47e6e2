"""What each person asked for: when the briefing comes, pauses, leave and a deputy."""

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlmodel import Field, Session, SQLModel, col, or_, select

from bot.domain.clock import local_day
from bot.domain.pushing import Wishes
from storage.columns import moment
from storage.people import Person, Role


class PushSetting(SQLModel, table=True):
    """One row for who asked for anything. `away_until` is the first day back."""

    __tablename__ = "push_setting"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    briefing_at: time | None = None
    paused_until: datetime | None = moment(default=None)
    away_until: date | None = None
    deputy_id: int | None = Field(default=None, foreign_key="person.id")
    changed_at: datetime = moment()

    @property
    def wishes(self) -> Wishes:
        """As the rules read it."""
        return Wishes(self.briefing_at, self.paused_until, self.away_until, self.deputy_id)


def setting_of(session: Session, person_id: int, now: datetime) -> PushSetting:
    """A person's row, made when there is none."""
    found = session.get(PushSetting, person_id)
    if found is None:
        found = PushSetting(person_id=person_id, changed_at=now)
        session.add(found)
    return found


def wishes_at(session: Session, now: datetime) -> dict[int, Wishes]:
    """Who wants to be left alone at that time, and who is on leave."""
    wanted = select(PushSetting).where(
        or_(
            col(PushSetting.paused_until) > now,
            col(PushSetting.away_until) > local_day(now),
        )
    )
    return {row.person_id: row.wishes for row in session.exec(wanted).all()}


def colleagues_of(session: Session, person: Person) -> Sequence[Person]:
    """Who can stand in for somebody: active people of the same team, and the manager."""
    wanted = select(Person).where(
        col(Person.active),
        col(Person.id) != person.id,
        col(Person.role).in_((Role.REP, Role.MANAGER)),
        or_(
            col(Person.id) == person.manager_id,
            col(Person.team_id) == person.team_id,
        ),
    )
    return session.exec(wanted.order_by(col(Person.id))).all()

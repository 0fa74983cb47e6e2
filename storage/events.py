"""Adverse events with everything that was said of them."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col, select

from bot.domain.note import FlagCode
from bot.domain.roster import Roster
from storage.flags import ComplianceFlag, FlagStatus
from storage.messages import Message
from storage.people import Person
from storage.rosters import roster_of


def told_of_events(
    session: Session, people: Sequence[int]
) -> Iterator[tuple[ComplianceFlag, str, Roster]]:
    """The events of these people that are not closed, what was said of each, and the roster of who
    told of it; one look-up for each person with an event, of whom there are few."""
    wanted = (
        select(ComplianceFlag, Person, Message.body)
        .join(Person, col(Person.id) == ComplianceFlag.person_id)
        .join(Message, col(Message.id) == ComplianceFlag.message_id, isouter=True)
        .where(
            col(ComplianceFlag.person_id).in_(people),
            ComplianceFlag.code == FlagCode.ADVERSE_EVENT,
            ComplianceFlag.status != FlagStatus.CLOSED,
        )
        .order_by(col(ComplianceFlag.id))
    )
    for flag, person, body in session.exec(wanted).all():
        yield flag, "\n".join([body or flag.evidence, *flag.more]), roster_of(session, person)

"""A message that was changed after it was sent: what came of the words before, and what is new."""

from collections.abc import Sequence

from sqlmodel import Session

from bot.domain.note import Flag
from bot.messages import Incoming
from storage.flags import ComplianceFlag, flags_of_message
from storage.messages import versions_of
from storage.notebook import notes_of_message
from storage.notes import VisitNote
from storage.people import Person


def what_came_of(session: Session, incoming: Incoming, person: Person) -> list[VisitNote]:
    """The person's notes that the message was made into before it was changed."""
    said = versions_of(session, incoming.channel, incoming.edits or "", person.id or 0)
    return [note for id_ in said for note in notes_of_message(session, id_, person.id or 0)]


def new_flags(
    session: Session, incoming: Incoming, person: Person, flags: Sequence[Flag]
) -> list[Flag]:
    """The flags that no words before raised: nothing is told twice because of a comma."""
    if incoming.edits is None:
        return list(flags)
    said = versions_of(session, incoming.channel, incoming.edits, person.id or 0)
    raised = [row for id_ in said for row in flags_of_message(session, id_)]
    return [flag for flag in flags if not is_raised(flag, raised)]


def is_raised(flag: Flag, rows: Sequence[ComplianceFlag]) -> bool:
    """Whether these words were told of before."""
    return any(row.code == flag.code and flag.evidence in row.evidence for row in rows)

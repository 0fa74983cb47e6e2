"""A message that was changed after it was sent: what came of the first words, and what is new."""

from collections.abc import Sequence

from sqlmodel import Session

from bot.domain.note import Flag
from bot.messages import Incoming
from storage.flags import flags_of_message
from storage.messages import find_message
from storage.notebook import notes_of_message
from storage.notes import VisitNote
from storage.people import Person


def what_came_of(session: Session, incoming: Incoming, person: Person) -> list[VisitNote]:
    """The person's notes that the message was made into before it was changed."""
    first = find_message(session, incoming.channel, incoming.edits or "")
    if first is None or first.person_id != person.id:
        return []
    return notes_of_message(session, first.id or 0, person.id or 0)


def new_flags(session: Session, incoming: Incoming, flags: Sequence[Flag]) -> list[Flag]:
    """The flags that the first words did not raise: nothing is told twice because of a comma."""
    first = find_message(session, incoming.channel, incoming.edits) if incoming.edits else None
    if first is None:
        return list(flags)
    raised = flags_of_message(session, first.id or 0)
    return [
        flag
        for flag in flags
        if not any(row.code == flag.code and flag.evidence in row.evidence for row in raised)
    ]

"""A message that was changed after it was sent: what came of the words before, and what is new."""

import re
from collections.abc import Sequence

from sqlmodel import Session

from bot.alerts import add_to_event
from bot.domain.note import Flag, FlagCode
from bot.messages import Incoming, Reply
from bot.turn import Turn
from storage.flags import ComplianceFlag, FlagStatus, flags_of_message
from storage.messages import Message, versions_of
from storage.notebook import notes_of_message
from storage.notes import VisitNote
from storage.people import Person

SUPPLEMENTED = "改过的话已补充到不良事件。"
LONGEST = 1000
QUOTED = 60
"""Characters of the changed words and of the event's own that are passed on."""


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
    raised = _raised_before(session, incoming, person)
    new = [flag for flag in flags if not is_raised(flag, raised)]
    if _open_event(raised) is None:
        return new
    return [flag for flag in new if flag.code != FlagCode.ADVERSE_EVENT]  # see `supplement`


def supplement(turn: Turn, incoming: Incoming, text: str) -> list[Reply]:
    """What was changed in words that had told of an adverse event belongs to that event; once."""
    before = _versions_before(turn, incoming)
    if not before or _bare(text) == _bare(before[-1].body):
        return []
    rows = [row for each in before for row in flags_of_message(turn.session, each.id or 0)]
    event, said = _open_event(rows), text[:LONGEST]
    if event is None or said in event.more:
        return []
    told = add_to_event(turn, event, said, quoted=event.evidence[:QUOTED])
    return [Reply(f"{SUPPLEMENTED}{told}")]


def _open_event(rows: Sequence[ComplianceFlag]) -> ComplianceFlag | None:
    """The first adverse event that compliance has not closed."""
    events = (row for row in rows if row.code == FlagCode.ADVERSE_EVENT)
    return next((row for row in events if row.status != FlagStatus.CLOSED), None)


def _versions_before(turn: Turn, incoming: Incoming) -> list[Message]:
    """The message as it stood before this change, and before that."""
    if incoming.edits is None:
        return []
    ids = versions_of(turn.session, incoming.channel, incoming.edits, turn.me)
    this = turn.message_id or 0
    return [turn.session.get_one(Message, id_) for id_ in ids if id_ < this]


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", text)


def is_raised(flag: Flag, rows: Sequence[ComplianceFlag]) -> bool:
    """Whether these words were told of before."""
    return any(row.code == flag.code and flag.evidence in row.evidence for row in rows)


def _raised_before(session: Session, incoming: Incoming, person: Person) -> list[ComplianceFlag]:
    """What the words before this change were flagged for."""
    said = versions_of(session, incoming.channel, incoming.edits or "", person.id or 0)
    return [row for id_ in said for row in flags_of_message(session, id_)]

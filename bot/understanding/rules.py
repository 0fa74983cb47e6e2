"""The rules engine: a dictation to a ProposedNote without any model."""

from datetime import datetime

from bot.domain.note import ProposedNote
from bot.domain.roster import Roster


def propose(text: str, roster: Roster, *, now: datetime) -> ProposedNote:
    """What the dictation says, all in its own words; no visits when it is not a dictation."""
    raise NotImplementedError

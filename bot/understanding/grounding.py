"""Checks what was proposed against the dictation and the roster: nothing unsupported gets through."""

from datetime import datetime

from bot.domain.calendar import WorkCalendar
from bot.domain.note import GroundedVisit, ProposedNote
from bot.domain.roster import Roster


def ground(
    proposed: ProposedNote, text: str, roster: Roster, *, now: datetime, calendar: WorkCalendar
) -> list[GroundedVisit]:
    """Resolve people, places and dates; drop (and count) what the dictation does not support."""
    raise NotImplementedError

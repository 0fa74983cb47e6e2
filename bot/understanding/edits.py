"""Edits of a note in plain words: 「时长改成三十分钟」「不是王伟是王玮」「第二条待办改到下周五」."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.calendar import WorkCalendar
from bot.domain.errors import UserError
from bot.domain.note import GroundedVisit
from bot.domain.roster import Roster

PATTERN = r"改成"


class EditNotUnderstoodError(UserError):
    """The words ask for a change that cannot be told apart; the sentence says what can be said."""


@dataclass(frozen=True, slots=True)
class Edit:
    """The visit after the change, and the change in one line: 「时长：20分钟 → 30分钟」."""

    visit: GroundedVisit
    changed: str


def looks_like_edit(text: str) -> bool:
    """Whether words after a card are meant as a change to it, judged without looking at the card."""
    raise NotImplementedError


def apply_edit(
    text: str, visit: GroundedVisit, roster: Roster, *, now: datetime, calendar: WorkCalendar
) -> Edit:
    """The visit as the words want it.

    Raises:
        EditNotUnderstoodError: no field, or no value that fits it, can be made out.
    """
    raise NotImplementedError

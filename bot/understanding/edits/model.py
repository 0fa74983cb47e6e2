"""What an editor works with, and what it gives back."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import local_day
from bot.domain.errors import UserError
from bot.domain.note import GroundedVisit
from bot.domain.roster import Roster


class EditNotUnderstoodError(UserError):
    """The words ask for a change that cannot be made out; the sentence says what can be said."""


@dataclass(frozen=True, slots=True)
class Edit:
    """The visit after the change, and the change in one line: 「时长：20分钟 → 30分钟」."""

    visit: GroundedVisit
    changed: str


@dataclass(frozen=True, slots=True)
class Context:
    """The note as it is, and what words about it are read against."""

    visit: GroundedVisit
    roster: Roster
    now: datetime
    calendar: WorkCalendar

    @property
    def today(self) -> date:
        """The day on which the edit is said, in Shanghai."""
        return local_day(self.now)

    def edited(self, changed: str, **update: Any) -> Edit:
        """The visit with some fields replaced."""
        return Edit(self.visit.model_copy(update=update), changed)

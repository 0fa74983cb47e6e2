"""When people are left alone: at night and on days off. What falls into that time waits."""

from dataclasses import dataclass
from datetime import date, datetime, time

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI, to_local


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From the evening of a working day to the morning of the next one."""

    begin: time
    end: time
    calendar: WorkCalendar

    def covers(self, moment: datetime) -> bool:
        """Whether people are left alone at this moment."""
        local = to_local(moment)
        if not self.calendar.is_workday(local.date()):
            return True
        return not self.end <= local.time() < self.begin

    def first_allowed(self, moment: datetime) -> datetime:
        """This moment, or the end of the quiet time that it falls into."""
        if not self.covers(moment):
            return moment
        local = to_local(moment)
        day = local.date()
        if not self.calendar.is_workday(day) or local.time() >= self.begin:
            day = self.calendar.next_workday(day)
        return at(day, self.end)

    def evening_of(self, moment: datetime) -> datetime:
        """When the quiet time begins on the day of this moment."""
        return at(to_local(moment).date(), self.begin)


def at(day: date, clock: time) -> datetime:
    """A time of day in Shanghai."""
    return datetime.combine(day, clock, SHANGHAI)

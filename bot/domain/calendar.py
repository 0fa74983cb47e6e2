"""Mainland China's working days, 调休 included."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class WorkCalendar:
    """The company's calendar: the public one, changed by the policy's own days."""

    extra_holidays: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day."""
        raise NotImplementedError

    def is_provisional(self, day: date) -> bool:
        """True when the year's 调休 are not published yet in the data at hand."""
        raise NotImplementedError

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which itself does not count."""
        raise NotImplementedError

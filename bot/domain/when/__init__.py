"""Chinese time phrases to days, clock times and lengths; an unclear phrase gives nothing."""

from bot.domain.when.clocks import find_clocks
from bot.domain.when.days import find_days, parse_day
from bot.domain.when.found import ClockFound, DayFound, DayKind, LengthFound, Tense
from bot.domain.when.lengths import find_lengths

__all__ = [
    "ClockFound",
    "DayFound",
    "DayKind",
    "LengthFound",
    "Tense",
    "find_clocks",
    "find_days",
    "find_lengths",
    "parse_day",
]

"""How one kind of time phrase is written down: a pattern, an example, and a function to its day."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.calendar import WorkCalendar
from bot.domain.numerals import DIGIT_CHARS, NUMERAL_CHARS, parse_int
from bot.domain.when.found import DayKind, Tense

_ONES = "[一二三四五六七八九]"
DAY = f"(?:三十一?|[二两]?十{_ONES}?|廿{_ONES}?|[12][0-9]|3[01]|0?[1-9]|{_ONES})"
MONTH = f"(?:十[一二]?|{_ONES}|1[0-2]|0?[1-9])"
NUMBER = f"[{NUMERAL_CHARS}]{{1,12}}"
NOT_AFTER_NUMBER = f"(?<![{NUMERAL_CHARS}.])"
INSIDE = "内(?![科分镜部容服膜障瘤外涵])"
"""「三天内」 but not 「三天内科查房」."""
BEFORE = "(?:之|以)?前(?![后面台往任期列来])"
"""「周五前」 but not 「周五前后」 or 「周五前往」."""


@dataclass(frozen=True, slots=True)
class Saying:
    """The circumstances of the words: when they were said, where they point, who works when."""

    now: datetime
    tense: Tense
    calendar: WorkCalendar

    @property
    def today(self) -> date:
        """The day on which the words were said, in Shanghai."""
        return self.now.date()


@dataclass(frozen=True, slots=True)
class DayRule:
    """One kind of phrase. `resolve` gives None for a phrase that only looks like a day.

    `deadline` says that the phrase is one even without 内 or 前 (「三个工作日给答复」).
    """

    example: str
    kind: DayKind
    pattern: re.Pattern[str]
    resolve: Callable[[re.Match[str], Saying], date | None]
    deadline: bool = False


def resolve_nothing(_match: re.Match[str], _saying: Saying) -> None:
    """For phrases that are known to name no single day; they keep other rules off their words."""


def parse_exact(said: str) -> int | None:
    """A number that means exactly itself; 「两三」 and 「三五」 are ranges, not 23 and 35."""
    if len(said) > 1 and all(char in DIGIT_CHARS for char in said):
        return None
    return parse_int(said)

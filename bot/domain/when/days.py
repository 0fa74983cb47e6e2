"""Finds the phrases of a text that name one day, and keeps only the corrected one of two."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import to_local
from bot.domain.numerals import NUMERAL_CHARS
from bot.domain.when.corrections import is_taken_back
from bot.domain.when.dates import DATE_RULES
from bot.domain.when.festivals import FESTIVAL_RULES
from bot.domain.when.found import DayFound, DayKind, Tense
from bot.domain.when.months import build_day
from bot.domain.when.periods import PERIOD_RULES
from bot.domain.when.relative import RELATIVE_RULES, SPAN_RULES
from bot.domain.when.rule import BEFORE, INSIDE, DayRule, Saying
from bot.domain.when.weekdays import WEEKDAY_RULES, monday_of
from bot.domain.when.width import to_half_width

DAY_RULES = RELATIVE_RULES + SPAN_RULES + WEEKDAY_RULES + DATE_RULES + PERIOD_RULES + FESTIVAL_RULES

_DEADLINE = re.compile(
    "(?:一?大?早|早上|上午|中午|下午|傍晚|晚上|晚)?"
    f"(?:[{NUMERAL_CHARS}]+点(?:[{NUMERAL_CHARS}]+分?|半|[一三]刻|钟)?)?(?:下班)?(?:{BEFORE}|(?:之|以)?{INSIDE})"
)
_VAGUE = re.compile("(?:上午|下午)?(?:前后|左右|上下)")


@dataclass(frozen=True, slots=True)
class _Candidate:
    start: int
    end: int
    rank: int
    match: re.Match[str]


def find_days(
    text: str, *, now: datetime, calendar: WorkCalendar, tense: Tense = Tense.FUTURE
) -> list[DayFound]:
    """Every phrase of the text that names one day, in order, not overlapping.

    A day that the speaker took back (「周三，不对，周四」) is left out. Raises ValueError when
    `now` has no time zone.
    """
    saying = Saying(to_local(now), tense, calendar)
    plain = to_half_width(text)
    found: list[DayFound] = []
    for candidate in _without_overlaps(plain):
        day = _resolve(candidate, text, plain, saying)
        if day and not (found and day.start < found[-1].end):
            found.append(day)
    return _keep_corrected(found, plain)


def parse_day(
    phrase: str, *, now: datetime, calendar: WorkCalendar, tense: Tense = Tense.FUTURE
) -> date | None:
    """The day that a phrase names; the corrected one in 「周三，不对，周四」.

    None when the phrase names no day, or several.
    """
    days = {found.day for found in find_days(phrase, now=now, calendar=calendar, tense=tense)}
    return days.pop() if len(days) == 1 else None


def _candidates(plain: str) -> Iterator[_Candidate]:
    for rank, rule in enumerate(DAY_RULES):
        for match in rule.pattern.finditer(plain):
            yield _Candidate(match.start(), match.end(), rank, match)


def _without_overlaps(plain: str) -> Iterator[_Candidate]:
    """The leftmost, of those the longest, phrases; what they cover is not looked at again."""
    reached = 0
    for candidate in sorted(_candidates(plain), key=lambda one: (one.start, -one.end, one.rank)):
        if candidate.start >= reached:
            reached = candidate.end
            yield candidate


def _resolve(candidate: _Candidate, text: str, plain: str, saying: Saying) -> DayFound | None:
    rule: DayRule = DAY_RULES[candidate.rank]
    day = rule.resolve(candidate.match, saying)
    if day is None or _VAGUE.match(plain, candidate.end):
        return None
    said_until = _DEADLINE.match(plain, candidate.end)
    end = said_until.end() if said_until else candidate.end
    phrase = text[candidate.start : end]
    means_until = phrase.endswith("内") or (rule.deadline and not phrase.endswith("后"))
    deadline = said_until is not None or means_until
    return DayFound(candidate.start, end, phrase, day, deadline, rule.kind)


def _keep_corrected(found: list[DayFound], plain: str) -> list[DayFound]:
    kept: list[DayFound] = []
    for day in found:
        if kept and is_taken_back(plain, (kept[-1].start, kept[-1].end), day.start):
            kept[-1] = _inherit(kept[-1], day)
        else:
            kept.append(day)
    return kept


def _inherit(first: DayFound, second: DayFound) -> DayFound:
    """「下周三，不对，周四」 stays in the next week; 「12月3号，不对，5号」 stays in December."""
    if first.kind is DayKind.WEEK_AND_DAY and second.kind is DayKind.WEEKDAY:
        day = monday_of(first.day) + timedelta(days=second.day.weekday())
        return replace(second, day=day, kind=first.kind)
    if first.kind is DayKind.DATE and second.kind is DayKind.DAY_OF_MONTH:
        same_month = build_day(first.day.year, first.day.month, second.day.day)
        return replace(second, day=same_month, kind=first.kind) if same_month else second
    return second

"""Festivals as deadlines: 国庆前, 节前, 年前, 元旦后第一个工作日."""

import re
from collections.abc import Callable
from datetime import date

from bot.domain.calendar import Festival, festival_day
from bot.domain.when.found import DayKind, Tense
from bot.domain.when.months import WHICH_YEAR, YEARS
from bot.domain.when.rule import BEFORE, DayRule, Saying

_SOON = 60
"""Days within which 「节前」 means the next festival."""

_FORESEEN = 180
"""Days within which next year's festival needs no 「明年」: half a year."""

_FESTIVALS = {
    "元旦": Festival.NEW_YEAR,
    "新年": Festival.NEW_YEAR,
    "春节": Festival.SPRING,
    "过年": Festival.SPRING,
    "清明": Festival.TOMB_SWEEPING,
    "五一": Festival.LABOUR,
    "劳动节": Festival.LABOUR,
    "端午": Festival.DRAGON_BOAT,
    "中秋": Festival.MID_AUTUMN,
    "国庆": Festival.NATIONAL,
    "十一": Festival.NATIONAL,
}
_FESTIVAL = (
    f"{WHICH_YEAR}(?<![周期第{'一二三四五六七八九十'}])(?P<festival>{'|'.join(_FESTIVALS)})节?"
)


def _eve_in(festival: Festival, year: int, saying: Saying) -> date:
    """The last working day before the festival's days off."""
    return saying.calendar.last_workday_before_holiday(festival, year)


def _ahead(day_in: Callable[[int], date], match: re.Match[str], saying: Saying) -> date | None:
    """The day of the year that was said; without one this year's, or the next when it is near.

    「国庆前」 in November would be most of a year ahead: that is asked rather than guessed.
    """
    today = saying.today
    if match["year"]:
        named = day_in(today.year + YEARS[match["year"]])
        return named if named >= today else None
    this = day_in(today.year)
    if this >= today:
        return this
    following = day_in(today.year + 1)
    return following if (following - today).days <= _FORESEEN else None


def _coming_festival(saying: Saying) -> Festival | None:
    """「节前」, 「节后」: the next festival, when one is near enough to be meant."""
    days = {coming: _next_festival_day(coming, saying) for coming in Festival}
    nearest = min(days, key=lambda coming: days[coming])
    return nearest if (days[nearest] - saying.today).days <= _SOON else None


def _next_festival_day(festival: Festival, saying: Saying) -> date:
    day = festival_day(festival, saying.today.year)
    return day if day >= saying.today else festival_day(festival, saying.today.year + 1)


def _before_festival(match: re.Match[str], saying: Saying) -> date | None:
    festival = _FESTIVALS[match["festival"]]
    return _ahead(lambda year: _eve_in(festival, year, saying), match, saying)


def _before_the_festival(_match: re.Match[str], saying: Saying) -> date | None:
    festival = _coming_festival(saying)
    if festival is None:
        return None
    year = _next_festival_day(festival, saying).year
    eve = _eve_in(festival, year, saying)
    return eve if eve >= saying.today else None


def _before_new_year(_match: re.Match[str], saying: Saying) -> date | None:
    """「年前」 means 春节; until 31 December it may as well mean 元旦, and then it is unclear."""
    eve = _eve_in(Festival.SPRING, saying.today.year, saying)
    return eve if eve >= saying.today else None


def _after_festival(match: re.Match[str], saying: Saying) -> date | None:
    festival = _FESTIVALS.get(match["festival"]) or _coming_festival(saying)
    if festival is None:
        return None
    after = saying.calendar.first_workday_after_holiday
    return _ahead(lambda year: after(festival, year), match, saying)


def _festival_itself(match: re.Match[str], saying: Saying) -> date | None:
    festival, year = _FESTIVALS[match["festival"]], saying.today.year
    if saying.tense is Tense.FUTURE:
        return _ahead(lambda year: festival_day(festival, year), match, saying)
    if match["year"]:
        return festival_day(festival, year + YEARS[match["year"]])
    day = festival_day(festival, year)
    return day if day <= saying.today else festival_day(festival, year - 1)


def _festival_rule(
    example: str, pattern: str, resolve: Callable[[re.Match[str], Saying], date | None]
) -> DayRule:
    """A rule that gives nothing where the calendar ends."""

    def resolve_known(match: re.Match[str], saying: Saying) -> date | None:
        try:
            return resolve(match, saying)
        except KeyError:
            return None

    return DayRule(example, DayKind.FESTIVAL, re.compile(pattern), resolve_known)


FESTIVAL_RULES = (
    _festival_rule("国庆前, 明年中秋前", f"{_FESTIVAL}(?={BEFORE})", _before_festival),
    _festival_rule("节前", f"(?<![一-龥])节(?={BEFORE})", _before_the_festival),
    _festival_rule(
        "年前",
        "(?<![零〇一二三四五六七八九十百两几多数半整去今明后前当成青少中老同每近早往历0-9])"
        f"年(?={BEFORE})",
        _before_new_year,
    ),
    _festival_rule(
        "元旦后第一个工作日, 节后第一个工作日",
        f"(?:{_FESTIVAL}|节)(?:放?假)?(?:之|以|过)?后的?(?:第一个工作日|第一天上班|上班第一天)",
        _after_festival,
    ),
    _festival_rule("元旦当天", f"{_FESTIVAL}(?:当天|那天)", _festival_itself),
)

"""Festivals as deadlines: 国庆前, 节前, 年前, 元旦后第一个工作日."""

import re
from datetime import date

from bot.domain.calendar import Festival, festival_day
from bot.domain.when.found import DayKind, Tense
from bot.domain.when.rule import BEFORE, DayRule, Saying

_SOON = 60
"""Days within which 「节前」 means the next festival."""

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
_FESTIVAL = f"(?<![周期第{'一二三四五六七八九十'}])(?P<festival>{'|'.join(_FESTIVALS)})节?"


def _eve(festival: Festival, saying: Saying) -> date:
    """The last working day before the festival's days off; it may be today."""
    eve = saying.calendar.last_workday_before_holiday(festival, saying.today.year)
    if eve >= saying.today:
        return eve
    return saying.calendar.last_workday_before_holiday(festival, saying.today.year + 1)


def _coming_festival(saying: Saying) -> Festival | None:
    """「节前」, 「节后」: the next festival, when one is near enough to be meant."""
    days = {coming: _next_festival_day(coming, saying) for coming in Festival}
    nearest = min(days, key=lambda coming: days[coming])
    return nearest if (days[nearest] - saying.today).days <= _SOON else None


def _next_festival_day(festival: Festival, saying: Saying) -> date:
    day = festival_day(festival, saying.today.year)
    return day if day >= saying.today else festival_day(festival, saying.today.year + 1)


def _before_festival(match: re.Match[str], saying: Saying) -> date:
    return _eve(_FESTIVALS[match["festival"]], saying)


def _before_the_festival(_match: re.Match[str], saying: Saying) -> date | None:
    festival = _coming_festival(saying)
    return None if festival is None else _eve(festival, saying)


def _before_new_year(_match: re.Match[str], saying: Saying) -> date | None:
    """「年前」 means 春节; until 31 December it may as well mean 元旦, and then it is unclear."""
    spring = festival_day(Festival.SPRING, saying.today.year)
    return _eve(Festival.SPRING, saying) if saying.today < spring else None


def _after_festival(match: re.Match[str], saying: Saying) -> date | None:
    festival = _FESTIVALS.get(match["festival"]) or _coming_festival(saying)
    if festival is None:
        return None
    first = saying.calendar.first_workday_after_holiday(festival, saying.today.year)
    if first > saying.today:
        return first
    return saying.calendar.first_workday_after_holiday(festival, saying.today.year + 1)


def _festival_itself(match: re.Match[str], saying: Saying) -> date:
    festival = _FESTIVALS[match["festival"]]
    if saying.tense is Tense.FUTURE:
        return _next_festival_day(festival, saying)
    day = festival_day(festival, saying.today.year)
    return day if day <= saying.today else festival_day(festival, saying.today.year - 1)


FESTIVAL_RULES = (
    DayRule("国庆前", DayKind.FESTIVAL, re.compile(f"{_FESTIVAL}(?={BEFORE})"), _before_festival),
    DayRule(
        "节前", DayKind.FESTIVAL, re.compile(f"(?<![一-龥])节(?={BEFORE})"), _before_the_festival
    ),
    DayRule(
        "年前",
        DayKind.FESTIVAL,
        re.compile(
            f"(?<![零〇一二三四五六七八九十百两几多数半整去今明后前当成青少中老同每近早往历0-9])年(?={BEFORE})"
        ),
        _before_new_year,
    ),
    DayRule(
        "元旦后第一个工作日, 节后第一个工作日",
        DayKind.FESTIVAL,
        re.compile(
            f"(?:{_FESTIVAL}|节)(?:放?假)?(?:之|以|过)?后的?(?:第一个工作日|第一天上班|上班第一天)"
        ),
        _after_festival,
    ),
    DayRule(
        "元旦当天", DayKind.FESTIVAL, re.compile(f"{_FESTIVAL}(?:当天|那天)"), _festival_itself
    ),
)

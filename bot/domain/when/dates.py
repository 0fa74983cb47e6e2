"""Dates of the calendar: 12月3号, 28号, 下个月5号, 月底前, 一季度末, 年底前, 国庆前."""

import re
from datetime import date

from bot.domain.calendar import Festival, festival_day
from bot.domain.numerals import parse_int
from bot.domain.when.found import DayKind, Tense
from bot.domain.when.months import (
    build_day,
    month_end,
    month_start,
    nearest_day_of_month,
    nearest_month_day,
    year_of_month,
)
from bot.domain.when.rule import (
    BEFORE,
    DAY,
    INSIDE,
    MONTH,
    NOT_AFTER_NUMBER,
    DayRule,
    Saying,
    resolve_nothing,
)

_YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
_MONTHS = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1, "下下": 2}
_WHICH = "(?P<which>上上|上|这|本|当|下下|下)个?"
_FEW_YEARS = range(2000, 2101)
_NOT_A_NUMBERED_THING = (
    "(?![楼床病文线门院厅馆桌会诊窗机库柜房室厂位店仓药公方试样标码患受通令展站出电车"
    "龄均志剂段区栋座胶针坑岛营令])"
)
_NO_ORDINAL = "(?<![第挂排叫月床室楼区段版栋座批编每用服满近达续停/年半])"
_SOON = 60

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


def _full_date(match: re.Match[str], _saying: Saying) -> date | None:
    year, month, day = (parse_int(match[part]) for part in ("year", "month", "day"))
    if year not in _FEW_YEARS or month is None or not 1 <= month <= 12 or day is None:
        return None
    return build_day(year, month, day)


def _month_day(match: re.Match[str], saying: Saying) -> date | None:
    month, day = parse_int(match["month"]), parse_int(match["day"])
    if month is None or day is None:
        return None
    if match["year"]:
        return build_day(saying.today.year + _YEARS[match["year"]], month, day)
    return nearest_month_day(month, day, saying.today, saying.tense)


def _day_of_named_month(match: re.Match[str], saying: Saying) -> date | None:
    start, day = month_start(saying.today, _MONTHS[match["which"]]), parse_int(match["day"])
    return None if day is None else build_day(start.year, start.month, day)


def _day_of_month(match: re.Match[str], saying: Saying) -> date | None:
    day = parse_int(match["day"])
    return None if day is None else nearest_day_of_month(day, saying.today, saying.tense)


def _named_month(match: re.Match[str], saying: Saying) -> date | None:
    """The first day of the month that the phrase names; without a name, of this month."""
    if match["month"] is None:
        return month_start(saying.today, _MONTHS[match["which"]] if match["which"] else 0)
    month = parse_int(match["month"])
    if month is None:
        return None
    if match["year"]:
        return date(saying.today.year + _YEARS[match["year"]], month, 1)
    return date(year_of_month(month, saying.today, saying.tense), month, 1)


def _end_of_month(match: re.Match[str], saying: Saying) -> date | None:
    start = _named_month(match, saying)
    return None if start is None else month_end(start)


def _end_of_year(match: re.Match[str], saying: Saying) -> date:
    return date(saying.today.year + _YEARS[match["year"] or "今年"], 12, 31)


def _end_of_quarter(match: re.Match[str], saying: Saying) -> date:
    this = (saying.today.month - 1) // 3
    if match["number"] is None:
        shift = _MONTHS[match["which"]] if match["which"] else 0
        return month_end(date(saying.today.year, this * 3 + 1, 1), shift * 3 + 2)
    quarter = "一二三四1234".index(match["number"]) % 4
    return month_end(
        date(saying.today.year + _quarter_year(match, quarter < this), quarter * 3 + 3, 1)
    )


def _quarter_year(match: re.Match[str], is_over: bool) -> int:
    return _YEARS[match["year"]] if match["year"] else int(is_over)


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


_YEAR = "(?:(?P<year>前年|去年|今年|明年|后年)的?)?"
_DAY = f"(?P<day>{DAY})[号日]{_NOT_A_NUMBERED_THING}"

DATE_RULES = (
    DayRule(
        "2026年12月3日",
        DayKind.DATE,
        re.compile(
            f"(?P<year>20[0-9]{{2}}|二[零〇○][{'零〇一二三四五六七八九'}]{{2}})年(?P<month>{MONTH})月{_DAY}"
        ),
        _full_date,
    ),
    DayRule(
        "2026-12-03",
        DayKind.DATE,
        re.compile(
            "(?<![0-9])(?P<year>20[0-9]{2})[-/.](?P<month>[01]?[0-9])[-/.](?P<day>[0-3]?[0-9])(?![0-9])"
        ),
        _full_date,
    ),
    DayRule(
        "农历八月十五号, 3号到5号, 3、4号",
        DayKind.DATE,
        re.compile(
            f"(?:农历|阴历|闰){MONTH}月(?:初?{DAY})"
            f"|{NOT_AFTER_NUMBER}(?:{MONTH}月)?{DAY}[号日]?[至到~—、和-](?:{MONTH}月)?{DAY}[号日]{_NOT_A_NUMBERED_THING}"
        ),
        resolve_nothing,
    ),
    DayRule(
        "十二月九号, 明年1月8号",
        DayKind.DATE,
        re.compile(f"{_YEAR}{NOT_AFTER_NUMBER}(?P<month>{MONTH})月份?的?{_DAY}"),
        _month_day,
    ),
    DayRule("下个月5号", DayKind.DATE, re.compile(f"{_WHICH}月的?{_DAY}"), _day_of_named_month),
    DayRule(
        "28号",
        DayKind.DAY_OF_MONTH,
        re.compile(f"{NOT_AFTER_NUMBER}{_NO_ORDINAL}{_DAY}"),
        _day_of_month,
    ),
)

_SOME_MONTH = f"(?:{_WHICH}|{_YEAR}{NOT_AFTER_NUMBER}(?P<month>{MONTH}))"
_END = DayKind.PERIOD_END

PERIOD_RULES = (
    DayRule("月底, 下个月底, 11月底", _END, re.compile(f"{_SOME_MONTH}?月[底末]"), _end_of_month),
    DayRule("下个月初, 十二月初", _END, re.compile(f"{_SOME_MONTH}月初"), _named_month),
    DayRule("本月内", _END, re.compile(f"{_SOME_MONTH}月(?:之|以)?{INSIDE}"), _end_of_month),
    DayRule("一月中旬", _END, re.compile(f"{_SOME_MONTH}?月[上中下]旬?"), resolve_nothing),
    DayRule(
        "年底前, 年内",
        _END,
        re.compile(
            f"{_YEAR}年(?:[底末](?={BEFORE})|(?<![{'一二三四五六七八九十两几多半'}]年)(?:之|以)?{INSIDE})"
        ),
        _end_of_year,
    ),
    DayRule(
        "一季度末, 下季度末",
        _END,
        re.compile(f"{_YEAR}(?:第?(?P<number>[一二三四1234])|{_WHICH})?季(?:度[末底]|末)"),
        _end_of_quarter,
    ),
)

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
        "元旦当天", DayKind.FESTIVAL, re.compile(f"{_FESTIVAL}(?=当天|那天)"), _festival_itself
    ),
)

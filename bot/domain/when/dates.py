"""Dates of the calendar: 2026年12月3日, 十二月九号, 下个月5号, 28号."""

import re
from datetime import date

from bot.domain.numerals import DIGIT_CHARS, NUMERAL_CHARS, parse_int
from bot.domain.when.found import DayKind
from bot.domain.when.months import (
    MONTHS,
    WHICH_MONTH,
    WHICH_YEAR,
    YEARS,
    build_day,
    month_start,
    nearest_day_of_month,
    nearest_month_day,
)
from bot.domain.when.rule import DAY, MONTH, NOT_AFTER_NUMBER, DayRule, Saying, resolve_nothing

_CENTURY = range(2000, 2101)
_NOT_A_NUMBERED_THING = (
    "(?![楼床病文门院厅馆桌会诊窗机库柜房室厂位店仓药公方试样标码患受通令展站出电车"
    "龄均志剂段区栋座胶针坑岛营令]|线(?![上下](?![车班面])))"
)
"""「3号楼」, 「3号线」; but 「3号线上开会」 is a day."""
_NO_ORDINAL = "(?<!挂了)(?<![第挂排叫月床室楼区段版栋座批编每用服满近达续停/年半])"


def _full_date(match: re.Match[str], _saying: Saying) -> date | None:
    year, month, day = (parse_int(match[part]) or 0 for part in ("year", "month", "day"))
    year += 2000 if len(match["year"]) == 2 else 0
    if year not in _CENTURY or not 1 <= month <= 12:
        return None
    return build_day(year, month, day)


def _month_day(match: re.Match[str], saying: Saying) -> date | None:
    month, day = parse_int(match["month"]), parse_int(match["day"])
    if month is None or day is None:
        return None
    if match["year"]:
        return build_day(saying.today.year + YEARS[match["year"]], month, day)
    return nearest_month_day(month, day, saying.today, saying.tense)


def _day_of_named_month(match: re.Match[str], saying: Saying) -> date | None:
    start, day = month_start(saying.today, MONTHS[match["which"]]), parse_int(match["day"])
    return None if day is None else build_day(start.year, start.month, day)


def _day_of_month(match: re.Match[str], saying: Saying) -> date | None:
    day = parse_int(match["day"])
    return None if day is None else nearest_day_of_month(day, saying.today, saying.tense)


_DAY = f"(?P<day>{DAY})[号日]{_NOT_A_NUMBERED_THING}"

_YEAR = f"(?P<year>[0-9]{{2,9}}|[{DIGIT_CHARS}]{{2,9}})年"
"""Any year, so that 「1999年3月5号」 is not read as this year's 「3月5号」."""

DATE_RULES = (
    DayRule(
        "2026年12月3日, 26年12月3号",
        DayKind.DATE,
        re.compile(f"{NOT_AFTER_NUMBER}{_YEAR}(?P<month>{MONTH})月{_DAY}"),
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
            f"|{NOT_AFTER_NUMBER}(?:{MONTH}月)?{DAY}[号日]?(?:[至到~—、和-]|(?<=[号日]))(?:{MONTH}月)?{DAY}[号日]{_NOT_A_NUMBERED_THING}"
        ),
        resolve_nothing,
    ),
    DayRule(
        "十二月九号, 明年1月8号",
        DayKind.DATE,
        re.compile(f"{WHICH_YEAR}{NOT_AFTER_NUMBER}(?P<month>{MONTH})月份?的?{_DAY}"),
        _month_day,
    ),
    DayRule(
        "下个月5号", DayKind.DATE, re.compile(f"{WHICH_MONTH}月的?{_DAY}"), _day_of_named_month
    ),
    DayRule(
        "28号",
        DayKind.DAY_OF_MONTH,
        re.compile(f"{NOT_AFTER_NUMBER}{_NO_ORDINAL}{_DAY}(?![{NUMERAL_CHARS}]+次)"),
        _day_of_month,
    ),
)

"""Ends and beginnings of months, quarters and years: 月底前, 下个月初, 一季度末, 年内."""

import re
from datetime import date

from bot.domain.numerals import parse_int
from bot.domain.when.found import DayKind
from bot.domain.when.months import (
    MONTHS,
    WHICH_MONTH,
    WHICH_YEAR,
    YEARS,
    month_end,
    month_start,
    year_of_month,
)
from bot.domain.when.rule import (
    BEFORE,
    INSIDE,
    MONTH,
    NOT_AFTER_NUMBER,
    DayRule,
    Saying,
    resolve_nothing,
)


def _named_month(match: re.Match[str], saying: Saying) -> date | None:
    """The first day of the month that the phrase names; without a name, of this month."""
    if match["month"] is None:
        return month_start(saying.today, MONTHS[match["which"]] if match["which"] else 0)
    month = parse_int(match["month"])
    if month is None:
        return None
    if match["year"]:
        return date(saying.today.year + YEARS[match["year"]], month, 1)
    return date(year_of_month(month, saying.today, saying.tense), month, 1)


def _end_of_month(match: re.Match[str], saying: Saying) -> date | None:
    start = _named_month(match, saying)
    return None if start is None else month_end(start)


def _end_of_year(match: re.Match[str], saying: Saying) -> date:
    return date(saying.today.year + YEARS[match["year"] or "今年"], 12, 31)


def _end_of_quarter(match: re.Match[str], saying: Saying) -> date:
    this = (saying.today.month - 1) // 3
    if match["number"] is None:
        shift = MONTHS[match["which"]] if match["which"] else 0
        return month_end(date(saying.today.year, this * 3 + 1, 1), shift * 3 + 2)
    quarter = "一二三四1234".index(match["number"]) % 4
    return month_end(
        date(saying.today.year + _quarter_year(match, quarter < this), quarter * 3 + 3, 1)
    )


def _quarter_year(match: re.Match[str], is_over: bool) -> int:
    return YEARS[match["year"]] if match["year"] else int(is_over)


_SOME_MONTH = f"(?:{WHICH_MONTH}|{WHICH_YEAR}{NOT_AFTER_NUMBER}(?P<month>{MONTH}))"
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
            f"{WHICH_YEAR}年(?:[底末](?={BEFORE})|(?<![{'一二三四五六七八九十两几多半'}]年)(?:之|以)?{INSIDE})"
        ),
        _end_of_year,
    ),
    DayRule(
        "一季度末, 下季度末",
        _END,
        re.compile(
            f"{WHICH_YEAR}(?:第?(?P<number>[一二三四1234])|{WHICH_MONTH})?季(?:度[末底]|末)"
        ),
        _end_of_quarter,
    ),
)

"""Stretches of time that people ask about (本周, 最近两周, 四季度, 1号到15号) as two days."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import to_local
from bot.domain.numerals import NUMERAL_CHARS, parse_int
from bot.domain.when import DayFound, DayKind, Tense, find_days
from bot.domain.when.months import MONTHS, YEARS, add_months, month_end, month_start
from bot.domain.when.rule import MONTH, NOT_AFTER_NUMBER
from bot.domain.when.width import to_half_width

Bounds = tuple[date, date]
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of days, both ends in it."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    resolve: Callable[[re.Match[str], date], Bounds | None]


def find_period(
    text: str, *, now: datetime, calendar: WorkCalendar, tense: Tense = Tense.PAST
) -> Period | None:
    """The stretch that a question is about: the first one said, joined with what follows it
    (「周一到周三」, 「月初到现在」). None when none is said, or only vaguely (「最近」).

    `tense` says where a bare weekday or day of the month points. Raises ValueError when `now` has
    no time zone.
    """
    today = to_local(now).date()
    found = _all(text, now, calendar, tense)
    return _joined(to_half_width(text), found, today) if found else None


def period_spans(text: str, *, now: datetime, calendar: WorkCalendar) -> list[tuple[int, int]]:
    """Where stretches of time are said, so that 「上周医生」 is not read as a 周医生.

    Raises ValueError when `now` has no time zone."""
    return [(each.start, each.end) for each in _all(text, now, calendar, Tense.PAST)]


def _all(text: str, now: datetime, calendar: WorkCalendar, tense: Tense) -> list[_Found]:
    plain = _TEAM_NUMBER.sub("，", to_half_width(text))
    found = _named(plain, to_local(now).date())
    # A range names no single day, so each of its ends is read alone.
    days = find_days(_RANGE.sub("，", plain), now=now, calendar=calendar, tense=tense)
    found += [_day(day) for day in days if _asks_about(day) and _is_free(day, found)]
    return sorted(found, key=lambda each: each.start)


def _named(plain: str, today: date) -> list[_Found]:
    """The phrases of the table, the earlier rule first where two overlap."""
    found: list[_Found] = []
    for rule in _RULES:
        for match in rule.pattern.finditer(plain):
            bounds = rule.resolve(match, today)
            if bounds and all(match.end() <= f.start or f.end <= match.start() for f in found):
                found.append(_Found(match.start(), match.end(), bounds))
    return found


def _day(day: DayFound) -> _Found:
    return _Found(day.start, day.end, (day.day, day.day))


def _asks_about(day: DayFound) -> bool:
    """A deadline, a span from today or 「刚才」 is not what a question counts over."""
    is_near = day.kind is DayKind.RELATIVE and day.phrase.startswith("刚")
    return not (day.deadline or is_near or day.kind in (DayKind.SPAN, DayKind.PERIOD_END))


def _is_free(day: DayFound, found: Sequence[_Found]) -> bool:
    return all(day.end <= each.start or each.end <= day.start for each in found)


_TEAM_NUMBER = re.compile("[一二三四五六七八九十](?=[组队区])")
_RANGE = re.compile("[到至~—–]")
_UNTIL = re.compile(r"\s*(?:到|至|~|-|—|–)\s*")
_SINCE = re.compile(
    r"\s*(?:份?(?:一直)?(?:截[至止])?[到至](?:现在|今[天日儿]?|目前|眼下|如今|当前|这会儿)|截[至止]|份?以来|来(?=[，,])|起|开始)"
)


def _joined(plain: str, found: list[_Found], today: date) -> Period:
    """「A到B」 is from the start of A to the end of B; 「A到现在」 ends today."""
    first = found[0]
    if _SINCE.match(plain, first.end):
        return Period(first.bounds[0], max(today, first.bounds[0]))
    between = plain[first.end : found[1].start] if len(found) > 1 else ""
    if between and _UNTIL.fullmatch(between):
        last = _same_month(first, found[1], plain)
        if last >= first.bounds[0]:
            return Period(first.bounds[0], last)
    return Period(*first.bounds)


def _same_month(first: _Found, second: _Found, plain: str) -> date:
    """「10月1号到15号」: a bare day of the month belongs to the month said before it."""
    end = second.bounds[1]
    is_bare = not re.search("月|天|周|期|拜", plain[second.start : second.end])
    start = first.bounds[0]
    if is_bare and end.day >= start.day and "号" in plain[second.start : second.end]:
        return start.replace(day=min(end.day, month_end(start).day))
    return end


def _week(match: re.Match[str], today: date) -> Bounds:
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=MONTHS[match["which"]])
    return monday + timedelta(days=5 if match["weekend"] else 0), monday + timedelta(days=6)


def _month(match: re.Match[str], today: date) -> Bounds:
    return _part_of_month(match["part"], month_start(today, MONTHS[match["which"]]))


def _numbered_month(match: re.Match[str], today: date) -> Bounds | None:
    month = parse_int(match["month"])
    if month is None:
        return None
    year = _year_said(match["year"], today) or today.year - (month > today.month)
    return _part_of_month(match["part"], date(year, month, 1))


def _part_of_month(part: str | None, start: date) -> Bounds:
    first, last = _PARTS[part or ""]
    return start.replace(day=first), start.replace(day=min(last, month_end(start).day))


def _this_month_start(_match: re.Match[str], today: date) -> Bounds:
    return month_start(today), month_start(today)


def _quarter(match: re.Match[str], today: date) -> Bounds:
    this = (today.month - 1) // 3
    start = add_months(date(today.year, this * 3 + 1, 1), 3 * MONTHS[match["which"]])
    return start, month_end(start, 2)


def _numbered_quarter(match: re.Match[str], today: date) -> Bounds:
    start_month = "一二三四1234".index(match["number"]) % 4 * 3 + 1
    year = _year_said(match["year"], today) or today.year - (start_month > today.month)
    start = date(year, start_month, 1)
    return start, month_end(start, 2)


def _first_quarters(match: re.Match[str], today: date) -> Bounds:
    start = date(_year_said(match["year"], today) or today.year, 1, 1)
    return start, month_end(start, 3 * (parse_int(match["count"]) or 1) - 1)


def _half_year(match: re.Match[str], today: date) -> Bounds:
    start_month = 1 if match["half"] == "上" else 7
    year = _year_said(match["year"], today) or today.year - (start_month > today.month)
    start = date(year, start_month, 1)
    return start, month_end(start, 5)


def _whole_year(match: re.Match[str], today: date) -> Bounds:
    start = date(_year_said(match["year"], today) or today.year, 1, 1)
    return start, start if match["start"] else month_end(start, 11)


def _year_said(said: str | None, today: date) -> int | None:
    """The year of a word or of digits; None when none was said: then the latest that has begun."""
    if said is None:
        return None
    return int(said[:4]) if said[:1].isdigit() else today.year + YEARS.get(said, 0)


def _lately(match: re.Match[str], today: date) -> Bounds | None:
    """The last days with today among them; a month counts 30 of them, a year twelve months."""
    count = 0.5 if match["count"] == "半" else parse_int(match["count"])
    if count is None or not 0 < count <= _LONGEST:
        return None
    if match["unit"] == "年":
        return add_months(today, -int(count * 12)) + timedelta(days=1), today
    return today - timedelta(days=int(count * _DAYS_IN[match["unit"]]) - 1), today


_PARTS = {
    "": (1, 31),
    "初": (1, 1),
    "上旬": (1, 10),
    "中旬": (11, 20),
    "下旬": (21, 31),
    "上半月": (1, 15),
    "下半月": (16, 31),
}
_DAYS_IN = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30}
_WEEK = "(?:周|星期|礼拜)(?![一二三四五六日天1-7期])"
_WHICH = "(?P<which>上上|上|下下|下|这|本|当)一?个?"
_YEAR = "(?:(?P<year>前年|去年|今年|明年|本年度?|20[0-9]{2}年)的?)"
_PART = "(?:份?的?(?P<part>[上中下]旬|[上下]半月|初)|份)?"
_NUMBER = "[一二三四1234]"

_SEVERAL = (
    f"(?:最近|近|过去|这|前|头)的?这?(?!一)(?P<count>半|[{NUMERAL_CHARS}]+)个?"
    "(?P<unit>天|日|周|星期|礼拜|月|年)(?!份)"
)
_RULES = tuple(
    _Rule(re.compile(pattern), resolve)
    for pattern, resolve in (
        (_SEVERAL, _lately),
        ("(?:最近|近|过去)的?这?(?P<count>一)整?个?(?P<unit>天|日|周|星期|礼拜|月|年)", _lately),
        (f"(?<!一){_WHICH}{_WEEK}(?P<weekend>末)?", _week),
        (f"{_WHICH}月{_PART}", _month),
        (
            f"{_YEAR}?{NOT_AFTER_NUMBER}(?P<month>{MONTH})月(?![{NUMERAL_CHARS}底末]){_PART}",
            _numbered_month,
        ),
        ("月初", _this_month_start),
        (f"{_YEAR}?前(?P<count>[二两三123])个?季度", _first_quarters),
        (f"{_YEAR}?第?(?P<number>{_NUMBER})个?季(?:度|(?=的|K|重|潜))", _numbered_quarter),
        (f"{_YEAR}?[Qq](?P<number>[1-4])", _numbered_quarter),
        (f"{_WHICH}季度?", _quarter),
        (f"{_YEAR}?(?P<half>[上下])半年", _half_year),
        ("(?P<year>前年|去年|今年|明年|20[0-9]{2}年|本年度?)(?P<start>年?初)?", _whole_year),
        ("(?P<year>)(?:全年|(?P<start>年初))", _whole_year),
    )
)

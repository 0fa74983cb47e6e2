"""Days counted from today: 昨晚, 后天, 两周后, 三个工作日内, 半小时后, 下班前."""

import re
from datetime import date, timedelta

from bot.domain.numerals import NUMERAL_CHARS
from bot.domain.when.found import DayKind
from bot.domain.when.months import add_months
from bot.domain.when.rule import (
    BEFORE,
    INSIDE,
    NOT_AFTER_NUMBER,
    NUMBER,
    DayRule,
    Saying,
    parse_exact,
    resolve_nothing,
)

_OFFSETS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3}
_LONGEST_SPAN = 400
_MINUTES = {"分钟": 1, "小时": 60, "钟头": 60}
_AFTER = "(?:之|以)?后(?![天续面台遗])"
_OF_THE_DAY = "(?:天(?!然)|儿个?|日(?!期)|晚上?|早上?|晨|夜|个儿?)"


def _day_from_today(match: re.Match[str], saying: Saying) -> date:
    return saying.today + timedelta(days=_OFFSETS[match["which"]])


def _today(_match: re.Match[str], saying: Saying) -> date:
    return saying.today


def _span(match: re.Match[str], saying: Saying) -> date | None:
    count = parse_exact(match["count"])
    if count is None or not 0 < count <= _LONGEST_SPAN:
        return None
    if match["way"].endswith("前"):
        count = -count
    if match["unit"] == "个月":
        return add_months(saying.today, count)
    return saying.today + timedelta(days=count * (1 if match["unit"] in "天日" else 7))


def _half_month(_match: re.Match[str], saying: Saying) -> date:
    return saying.today + timedelta(days=15)


def _short_span(match: re.Match[str], saying: Saying) -> date | None:
    count = 0.5 if match["count"] == "半" else parse_exact(match["count"])
    if count is None or not 0 < count <= _LONGEST_SPAN:
        return None
    return (saying.now + timedelta(minutes=count * _MINUTES[match["unit"]])).date()


def _workdays(match: re.Match[str], saying: Saying) -> date | None:
    count = parse_exact(match["count"])
    if count is None or not 0 < count <= _LONGEST_SPAN:
        return None
    return saying.calendar.add_workdays(saying.today, count)


def _next_workday(_match: re.Match[str], saying: Saying) -> date:
    return saying.calendar.next_workday(saying.today)


_ANCHORED = re.compile(
    "(?:[药术餐饭疗院访产吃用服打停治换加减喝]|注射|发病|起病|上市|入组|连续|持续|给予|开始|[每第满近过前后头]|最近|过去)"
    "[了完的满到至后第药]*$"
)


def _free(rule: DayRule) -> DayRule:
    """A span counts from today, unless other words anchor it (「用药两周后」, 「最近三天内」)."""

    def resolve(match: re.Match[str], saying: Saying) -> date | None:
        before = match.string[max(0, match.start() - 6) : match.start()]
        return None if _ANCHORED.search(before) else rule.resolve(match, saying)

    return DayRule(rule.example, rule.kind, rule.pattern, resolve)


_RELATIVE, _SPAN = DayKind.RELATIVE, DayKind.SPAN

RELATIVE_RULES = (
    DayRule(
        "大后天",
        _RELATIVE,
        re.compile("(?P<which>大前|大后)[天儿日]"),
        _day_from_today,
    ),
    DayRule(
        "今儿, 昨晚, 明早",
        _RELATIVE,
        re.compile(f"(?P<which>[昨今明]){_OF_THE_DAY}"),
        _day_from_today,
    ),
    DayRule(
        "后天, 前天",
        _RELATIVE,
        re.compile(
            "(?<![大以之目从年月日午术餐饭课会最然往随眼先天周期今昨明])"
            "(?P<which>[前后])(?:天(?!性|赋|免|天(?!气))|儿个?|晚)"
        ),
        _day_from_today,
    ),
    DayRule("刚才", _RELATIVE, re.compile("刚才|刚刚(?!好)"), _today),
    DayRule("下班前", _RELATIVE, re.compile(f"下班(?={BEFORE})"), _today),
)

SPAN_RULES = (
    _free(
        DayRule(
            "两周后, 三天内, 一个月内, 三天前",
            _SPAN,
            re.compile(
                f"{NOT_AFTER_NUMBER}(?P<count>{NUMBER})"
                "(?P<unit>[天日]|个?周|个?星期|个?礼拜|个月)"
                f"(?P<way>{_AFTER}|(?:之|以)?{INSIDE}|(?<!日){BEFORE})"
            ),
            _span,
        )
    ),
    DayRule(
        "再过两周",
        _SPAN,
        re.compile(
            f"再过(?!两天)(?P<count>{NUMBER})(?P<unit>天|个?周|个?星期|个?礼拜|个月)(?P<way>)"
        ),
        _span,
    ),
    _free(
        DayRule(
            "半个月内",
            _SPAN,
            re.compile(
                f"(?<![个{'一二三四五六七八九十两'}])半个?月(?:{_AFTER}|(?:之|以)?{INSIDE})"
            ),
            _half_month,
        )
    ),
    _free(
        DayRule(
            "半小时后, 两个小时内",
            _SPAN,
            re.compile(
                f"{NOT_AFTER_NUMBER}(?P<count>半|{NUMBER})个?(?P<unit>分钟|小时|钟头)"
                f"(?:{_AFTER}|(?:之|以)?{INSIDE})"
            ),
            _short_span,
        )
    ),
    DayRule(
        "三个工作日内",
        _SPAN,
        re.compile(
            f"(?<![每周第前近])(?<![{NUMERAL_CHARS}][到至~—-])(?P<count>{NUMBER})个?工作日(?:{_AFTER}|(?:之|以)?{INSIDE}|{BEFORE})?"
        ),
        _workdays,
        deadline=True,
    ),
    DayRule("下一个工作日", _SPAN, re.compile("下一?个工作日"), _next_workday),
    DayRule(
        "每周三个工作日", _SPAN, re.compile(f"每个?[周月](?:{NUMBER})个?工作日"), resolve_nothing
    ),
)

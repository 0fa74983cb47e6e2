"""Weekdays: 下周三, 这个周五, 上上周六, bare 周五, and what only looks like one (每周三, 周一鸣)."""

import re
from datetime import date, timedelta

from bot.domain.when.found import DayKind, Tense
from bot.domain.when.rule import NUMERAL_CHARS, DayRule, Saying, resolve_nothing

_WEEK = "(?:周|星期|礼拜)"
_NAMES = "一二三四五六日天"
_NUMBERS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_NUMBERS |= {str(number): number - 1 for number in range(1, 8)}
_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
_WHICH = "(?P<which>上上|(?<![早晚马线网以路身床楼手])上|下下|(?<![线底楼私手以乡])下|这|(?<!基)本)"
_NOT_COUNTED = "(?![个年月次场例万百千]|十(?![一二]?点)|天[内后]|周|疗)"
_LIST_MARK = "[、和跟与及或]?"
_FOLLOWERS = "上下中晚早前后之以去来见给把再要到我你他她它们就都也会没不在有是的约交送带发回出讲问说让请跟和找开看过先才可能应该，。"
_NAME_LEADS = "(?:跟|和|与|同|找|叫|问|给|陪|见了|见到|见着|碰到|拜访了?|约了)"
_TITLES = "(?:主任|医生|医师|大夫|老师|教授|院长|经理|店长|药师|护士|博士|总)"


def monday_of(day: date) -> date:
    """The first day of the calendar week; weeks start on Monday."""
    return day - timedelta(days=day.weekday())


def _of_named_week(match: re.Match[str], saying: Saying) -> date:
    offset = _WEEKS[match["which"]] * 7 + _NUMBERS[match["day"]]
    return monday_of(saying.today) + timedelta(days=offset)


def _bare(match: re.Match[str], saying: Saying) -> date:
    ahead = (_NUMBERS[match["day"]] - saying.today.weekday()) % 7
    if saying.tense is Tense.PAST and ahead:
        ahead -= 7
    return saying.today + timedelta(days=ahead)


_BARE = f"(?<![{NUMERAL_CHARS}第每半几多个隔双单逢整]){_WEEK}(?P<day>[{_NAMES}1-7]){_NOT_COUNTED}(?![0-9])"
_BLOCK = DayKind.WEEKDAY

WEEKDAY_RULES = (
    DayRule(
        "每周三, 逢周五, 每周一三五",
        _BLOCK,
        re.compile(f"(?:每逢?|逢|隔|双|单)(?:一?个)?(?:周的?|星期的?)?{_WEEK}[{_NAMES}]+"),
        resolve_nothing,
    ),
    DayRule(
        "周一至周五, 周三周五, 周一三五",
        _BLOCK,
        re.compile(
            f"{_WHICH}?{_WEEK}[{_NAMES}](?:上午|下午|晚上)?"
            f"(?:(?:[至到~—-]|{_LIST_MARK}){_WEEK}[{_NAMES}]|[至到~—、-]?[一二三四五六日](?![点个]))+"
        ),
        resolve_nothing,
    ),
    DayRule(
        "周一鸣主任, 跟周一鸣",
        _BLOCK,
        re.compile(
            f"(?:(?<=跟|和|与|同|找|叫|问|陪){_WEEK[3:4]}[{_NAMES}][^{_FOLLOWERS}\\W]"
            f"|周[{_NAMES}][^\\W{_FOLLOWERS}]?{_TITLES})"
        ),
        resolve_nothing,
    ),
    DayRule(
        "下周三, 这个周五, 上上周六, 下周的周二",
        DayKind.WEEK_AND_DAY,
        re.compile(
            f"{_WHICH}一?个?(?:{_WEEK}的?)?{_WEEK}(?P<day>[{_NAMES}1-7]){_NOT_COUNTED}(?![0-9])"
        ),
        _of_named_week,
    ),
    DayRule("周五, 礼拜天", DayKind.WEEKDAY, re.compile(_BARE), _bare),
)

"""Weekdays: 下周三, 这个周五, 上上周六, bare 周五; and look-alikes (每周三, 周一鸣)."""

import re
from datetime import date, timedelta

from bot.domain.numerals import NUMERAL_CHARS
from bot.domain.when.found import DayKind, Tense
from bot.domain.when.rule import BEFORE, INSIDE, DayRule, Saying, resolve_nothing

_WEEK = "(?:周|星期|礼拜)"
_NAMES = "一二三四五六日天"
_NUMBERS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_NUMBERS |= {str(number): number - 1 for number in range(1, 8)}
_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
_NOT_ANOTHER_WORD = {"上": "早晚马线网以路身床楼手", "下": "线底楼私手以乡一", "本": "基成版"}
"""「早上周三」, 「线下周五」, 「基本周一」: here 上, 下, 本 end another word."""
_WHICH = (
    f"(?P<which>上上|(?<![{_NOT_ANOTHER_WORD['上']}])上|下下|(?<![{_NOT_ANOTHER_WORD['下']}])下"
    f"|这|(?<![{_NOT_ANOTHER_WORD['本']}])本)"
)
_NAMED_DAY = (
    f"{_WEEK}(?P<day>[{_NAMES}]|[1-7](?![0-9.%]))"
    "(?![个次场万百千]|[年月例](?![会度终底])|十(?![一二]?点)|天[内后]|周|疗|[两0-9一二三四五六七八九]+[次个例])"
)
_NOT_COUNTED = f"(?<![{NUMERAL_CHARS}第每半几多个隔双单逢整])"

_LISTED = "(?:[二三四五六]{1,4}日?(?![点个号十月百名位])|(?<=六)日(?!程))"
"""The glued rest of 「周一三五」, 「周六日」; 「周三一早」 is no list."""
_UNTIL = "[至到~—-]"

_COMMON_SURNAMES = (
    "王李张刘陈杨黄赵吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧"
    "田董潘袁蔡蒋余杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪"
)
_FOLLOWERS = (
    "上下中晚早前后之以去来见给把再要到我你他她它们就都也会没不在有是的约交送带发回出讲问说让请跟和"
    "找开看过先才可能应该"
)
"""What goes on after a weekday, so that it is no part of a person's name."""
_GIVEN_NAME = (
    "鸣平明伟芳娜敏静丽强磊军洋艳勇杰娟涛超秀霞刚桂英华玉萍红玲芬燕彬凤鹏飞波斌宇浩凯帆雪琳晨辉健"
    "岚瑶婷轩博峰"
)
_SAYS = "(?:\\W|$|[说讲问提没在]|表示|觉得|告诉|那边)"
_TITLES = "(?:主任|医生|医师|大夫|老师|教授|院长|经理|店长|药师|护士|博士)"


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


def _end_of_week(match: re.Match[str], saying: Saying) -> date:
    return monday_of(saying.today) + timedelta(days=_WEEKS[match["which"]] * 7 + 6)


def _before_weekend(match: re.Match[str], saying: Saying) -> date | None:
    """The last working day before Saturday, as for festivals; none when it has gone by."""
    saturday = monday_of(saying.today) + timedelta(days=_WEEKS[match["which"] or "这"] * 7 + 5)
    eve = saying.calendar.add_workdays(saturday, -1)
    return eve if eve >= saying.today else None


WEEKDAY_RULES = (
    DayRule(
        "每周三, 逢周五, 每周一三五",
        DayKind.WEEKDAY,
        re.compile(f"(?:每逢?|逢|隔|双|单)(?:一?个)?(?:周的?|星期的?)?{_WEEK}[{_NAMES}]{_LISTED}?"),
        resolve_nothing,
    ),
    DayRule(
        "周一至周五, 周三周五, 周二、周四, 周一三五, 周一到五",
        DayKind.WEEKDAY,
        re.compile(
            f"{_WHICH}?个?{_WEEK}[{_NAMES}](?:上午|下午|晚上)?"
            f"(?:(?:{_UNTIL}|[、和跟与及]|或者?|还是)?{_WEEK}[{_NAMES}](?:上午|下午|晚上)?"
            f"|[、]?{_LISTED}|{_UNTIL}[二三四五六日](?![点个号楼层]))+"
        ),
        resolve_nothing,
    ),
    DayRule(
        "周一鸣主任, 见了周一鸣, 周一鸣说",
        DayKind.WEEKDAY,
        re.compile(
            f"周[{_NAMES}](?![{_FOLLOWERS}{_COMMON_SURNAMES}])\\w{_TITLES}"
            f"|(?:(?<=[跟和与同找叫问陪])|(?<=见了|碰到|见到))"
            f"周[{_NAMES}](?![{_FOLLOWERS}{_COMMON_SURNAMES}])\\w"
            f"|周[{_NAMES}][{_GIVEN_NAME}](?={_SAYS})"
        ),
        resolve_nothing,
    ),
    DayRule(
        "下周三, 这个周五, 上上周六, 下周的周二",
        DayKind.WEEK_AND_DAY,
        re.compile(f"{_WHICH}一?个?(?:{_WEEK}的?)?{_NAMED_DAY}"),
        _of_named_week,
    ),
    DayRule("周五, 礼拜天", DayKind.WEEKDAY, re.compile(f"{_NOT_COUNTED}{_NAMED_DAY}"), _bare),
    DayRule(
        "本周内, 这个星期之内",
        DayKind.PERIOD_END,
        re.compile(f"{_WHICH}个?{_WEEK}(?:之|以)?{INSIDE}"),
        _end_of_week,
    ),
    DayRule(
        "周末前, 下周末前",
        DayKind.PERIOD_END,
        re.compile(f"(?:{_WHICH}个?|{_NOT_COUNTED}){_WEEK}末(?={BEFORE})"),
        _before_weekend,
    ),
)

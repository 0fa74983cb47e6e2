"""The shapes in which a number counts prescriptions."""

import re
from functools import cache

from bot.understanding.screening.data import pattern

MASK = "[已脱敏]"
_DIGIT = r"\d〇零一二两三四五六七八九十百千万半几俩仨"
# Read whole and once: a long run of digits must not be tried from each of its places.
ONE = (
    rf"(?:(?:百分之)?(?<![{_DIGIT}])(?<![{_DIGIT}][,.，])(?!一[下点些直般定样起边会并])"
    rf"[{_DIGIT}](?:[,.，]?[{_DIGIT}])*+(?:[eE]\d+)?(?:[来多余]|上下|左右)?|{re.escape(MASK)})"
)
_JOINT = r"\s*(?:到|至|加|[-~～—、xX×*+/_·|])\s*"
_RANGE = rf"{ONE}(?:{_JOINT}{ONE}){{0,8}}+"
_UNIT = r"(?:{count_unit}|打(?=$|[，。,；;\s左上以我]))"
COUNT = rf"(?P<number>{_RANGE})(?P<unit>[来多]?\s*{_UNIT})"
_VERB = (
    "(?:处方|开具?(?![会着始门])|用|走|消化|贡献|启动|写"
    "|(?<![微信网路晚早手会桌线])上(?![周月午个]))"
)
_HEARSAY = "(?:听说|据说|说是|好像|大概)?(?:有|是)?"
_HEDGE = "(?:大概|大约|差不多|约|是|能|就|都|才|只|也|为|到|了|原来|现在|，|,|：|:| )"
_GAP = r"(?P<gap>[^，,。！？；;：:\n]{0,14}?)"
_ENDS = r"(?=$|[，,。；;!！?？]|\s(?!\s*[\d号日点]))"
# 「30粒 x 12」 is one count in two numbers.
TIMES = re.compile(rf"\s*(?:[xX×*✕✖]|乘以?)\s*(?P<number>{ONE})")
# 「一天二十个用某药的」「三十多个病人在用某药」: the product stands right behind.
PATIENTS = re.compile(
    rf"(?P<number>{_RANGE})[来多]?\s*[个位名例](?:新|老)?(?:患者|病人)?(?:都|正|一直|现在)?在?"
    r"(?:[吃用服打]着?|开着?|换上?了?|上了?|用上)了?(?:我们的?|咱们?的?)?"
)
BARE = re.compile(f"{_HEDGE}*")
USED = re.compile(f"{_HEDGE}*(?:开药|开方|开出?|用药?|走|处方|消化|量)?{_HEDGE}*")


@cache
def shapes() -> tuple[re.Pattern[str], ...]:
    """The shapes, each with the groups `number` and `gap`, and `verb`, `period`, `volume`,
    `total`, `treated` or `unit` where it has one."""
    act = pattern(f"(?P<verb>{_VERB}){_GAP}{COUNT}")
    asked = pattern(f"(?P<verb>{_VERB})[^，。]{{0,4}}多少[，,]?(?P<gap>){_HEARSAY}{COUNT}")
    change = rf"(?P<number>{_RANGE}%?(?:\s*(?:涨到|升到|降到|变成)\s*{_RANGE}%?)?)"
    volume = pattern(
        rf"(?P<volume>{{volume_word}})[：:=\s]*{_GAP}{change}(?P<unit>{{count_unit}}|%|成|倍)?"
    )
    period = pattern(rf"(?P<period>{{period}}){_GAP}{COUNT}")
    rate = pattern(rf"(?P<gap>){COUNT}(?P<period>(?:一个?|每|/)(?:月|周|季度?|礼拜|星期))")
    return act, asked, volume, period, rate, *_without_packs()


def _without_packs() -> tuple[re.Pattern[str], ...]:
    span = (
        r"(?:一个?|每个?|上个?|这个?|本)(?:月|季度|周|礼拜|星期)|[上本当]月|[上下]半年|\d{1,2}月份?"
    )
    total = pattern(
        rf"(?P<total>{span}|开药|开方|处方|(?<![展召公离打])开了?|用了)"
        rf"(?P<gap>[^，。；;\d]{{0,12}}?)(?P<number>{_RANGE}){_ENDS}"
    )
    scripts = pattern(
        rf"(?P<gap>)(?P<number>{_RANGE})(?P<unit>(?:\s*[张个份单条]|(?<=\d))(?:处方|方子|药方)(?![笺纸本集点]))"
    )
    treated = pattern(
        rf"(?P<treated>给)(?P<gap>)(?P<number>{_RANGE})(?P<unit>[个名位][^，。]{{0,3}}(?:病人|患者))"
        r"[^，。]{0,6}(?:开|用|上|换|处方)(?![会])"
    )
    return total, scripts, treated

"""Prescription counts of a doctor: where the number stands, so that it can be masked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.roster import Roster
from bot.understanding.screening.spans import sentences

MASK = "[已脱敏]"
_DIGIT = r"\d０-９〇零一二两三四五六七八九十百千万半几俩仨"
_NUMBER = rf"(?:[{_DIGIT}][{_DIGIT},.，]*(?:[来多余几]|上下|左右)?|{re.escape(MASK)})"
_RANGE = rf"{_NUMBER}(?:\s*(?:到|至|~|-|—|、)\s*{_NUMBER})?"
_UNIT = r"(?:来|多)?\s*(?:大?盒|支|瓶|片|粒|针|袋|贴|板|例|箱|个?(?:新)?(?:病人|患者)|张(?:处方|方子?|单子?)?|个?(?:处方|方子)|单)"
_VERB = r"(?:处方|开|用|走|出|消化|上)"
_ACT = re.compile(
    rf"(?P<verb>{_VERB})(?P<gap>[^，,。！？；;：:\n]{{0,14}}?)(?P<number>{_RANGE})(?P<unit>{_UNIT})"
)
_VOLUME = re.compile(
    rf"(?:处方量|用药量|开药量|开方量|处方数|开方数|用量|月处方)(?P<gap>[^。！？；;\n]{{0,12}}?)"
    rf"(?P<number>{_RANGE}%?(?:\s*(?:到|涨到|升到|降到|变成)\s*{_RANGE}%?)?)(?P<unit>{_UNIT}|%|成|倍)?"
)
_TITLE = r"(?:主任|医生|大夫|教授|院长|医师|老师|博士|[他她](?!们)|人家|那边|竞品)"
_NOT_A_DOCTOR = (
    r"患者|病人|病号|老人|大爷|大妈|阿姨|奶奶|药店|药房|门店|店长|店里|连锁|商业|科室|科里|全科|整个?科|全院|医院|院里|库|仓"
    r"|[内外儿妇肾心神]科|门诊量|入组|研究|样本|试验|签到|要是|如果|只要|假如|能开到|开到|争取|目标|备货|"
    r"[给让](?:这|那|一|某)?[个位名]"
)
_DOSE = re.compile(r"每[日天次]|一[日天次]|[日天次]$|每晚|顿")


@dataclass(frozen=True, slots=True)
class Count:
    """The number at `text[start:end]` counts prescriptions of a doctor."""

    start: int
    end: int


def find_counts(text: str, roster: Roster) -> Iterator[Count]:
    """The numbers that count what one identifiable doctor prescribed, in order."""
    doctors = _doctors(roster)
    for sentence in sentences(text):
        for shape in (_ACT, _VOLUME):
            for hit in shape.finditer(text, sentence.start, sentence.end):
                if _is_doctors(text, sentence.start, hit, doctors):
                    yield Count(*hit.span("number"))


def _is_doctors(text: str, start: int, hit: re.Match[str], doctors: re.Pattern[str]) -> bool:
    context = text[max(start, hit.start() - 30) : hit.start()]
    if re.search(_NOT_A_DOCTOR, hit["gap"]) or _DOSE.search(hit["gap"]):
        return False
    named = [found.end() for found in doctors.finditer(context)]
    other = [found.end() for found in re.finditer(_NOT_A_DOCTOR, context)]
    if named or other:
        return max(named, default=0) > max(other, default=0)
    return hit.re is _ACT and _bare_subject(hit, context)


def _bare_subject(hit: re.Match[str], context: str) -> bool:
    # 「这个月用了50支」: no subject at all is a doctor when only a period is said.
    period = re.fullmatch(r".*(?:月|周|季度|礼拜|星期|年)", context.strip("，, "))
    return hit["verb"] in {"开", "处方", "用"} and bool(period)


def _doctors(roster: Roster) -> re.Pattern[str]:
    prescribers = [c for c in roster.customers if c.kind == "医生"]
    names = [re.escape(word) for c in prescribers for word in (c.name, *c.aliases) if word]
    return re.compile("|".join([*names, _TITLE]))

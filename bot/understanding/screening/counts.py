"""Prescription counts of a doctor: where the number stands, so that it can be masked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.domain.roster import Roster
from bot.understanding.screening.data import pattern
from bot.understanding.screening.products import brands
from bot.understanding.screening.spans import Span, sentences

MASK = "[已脱敏]"
_DIGIT = r"\d〇零一二两三四五六七八九十百千万半几俩仨"
# Read whole and once: a long run of digits must not be tried from each of its places.
_ONE = (
    rf"(?:(?:百分之)?(?<![{_DIGIT}])(?!一[下点些直般定样起边会并])[{_DIGIT}](?:[,.，]?[{_DIGIT}])*+"
    rf"(?:[来多余]|上下|左右)?|{re.escape(MASK)})"
)
_RANGE = rf"{_ONE}(?:\s*(?:到|至|~|-|—|、)\s*{_ONE})?"
_COUNT = rf"(?P<number>{_RANGE})(?P<unit>[来多]?\s*{{count_unit}})"
_VERB = (
    "(?:处方|开具?(?![会着始门])|用|走|消化|贡献|启动|写"
    "|(?<![微信网路晚早手会桌线])上(?![周月午个]))"
)
_HEARSAY = "(?:听说|据说|说是|好像|大概)?(?:有|是)?"
_BARE = re.compile("(?:大概|大约|差不多|约|是|能|就|都|才|只|也|为|到|原来|现在|，|,|：|:| )*")
_MANY = re.compile(r"\d\d|[十百千万]")
# 「给病人开了三十盒」 counts what the doctor prescribed; two packs are one patient's.
_TO_PATIENTS = re.compile("给(?:病人|患者)们?$")
_PACKS = re.compile("大?[盒支瓶板箱]")
_GAP = r"(?P<gap>[^，,。！？；;：:\n]{0,14}?)"
# 「每上一个新病人给他记一百」 is a price for each, not a count of what was prescribed.
_RATE_BEFORE, _RATE_AFTER = re.compile("每$"), re.compile(r"[^，。]{0,3}(?:就|给他|给她|返|记)")


@dataclass(frozen=True, slots=True)
class Count:
    """The number at `text[start:end]` counts prescriptions of a doctor."""

    start: int
    end: int


@cache
def _shapes() -> tuple[re.Pattern[str], ...]:
    act = pattern(f"(?P<verb>{_VERB}){_GAP}{_COUNT}")
    asked = pattern(f"(?P<verb>{_VERB})[^，。]{{0,4}}多少[，,]?(?P<gap>){_HEARSAY}{_COUNT}")
    change = rf"(?P<number>{_RANGE}%?(?:\s*(?:涨到|升到|降到|变成)\s*{_RANGE}%?)?)"
    volume = pattern(rf"(?P<volume>{{volume_word}}){_GAP}{change}(?P<unit>{{count_unit}}|%|成|倍)?")
    period = pattern(rf"(?P<period>{{period}}){_GAP}{_COUNT}")
    rate = pattern(rf"(?P<gap>){_COUNT}(?P<period>(?:一个?|每|/)(?:月|周|季度?|礼拜|星期))")
    return act, asked, volume, period, rate


def find_counts(text: str, roster: Roster) -> Iterator[Count]:
    """The numbers that count what one identifiable doctor prescribed, in order."""
    doctors, ours = _doctors(roster), brands(roster).ours
    for sentence in sentences(text):
        for shape in _shapes():
            for hit in shape.finditer(text, sentence.start, sentence.end):
                if _counts_medicine(hit, ours) and _is_doctors(text, sentence.start, hit, doctors):
                    yield Count(*hit.span("number"))
        yield from _in_a_list(sentence, doctors)


def _counts_medicine(hit: re.Match[str], ours: re.Pattern[str]) -> bool:
    """Without a verb of prescribing, only a product or a bare number of packs is a prescription."""
    if "period" not in hit.groupdict() or ours.search(hit["gap"]):
        return True
    by_the_day = hit["period"].endswith("天")
    return bool(_BARE.fullmatch(hit["gap"]) and _PACKS.search(hit["unit"]) and not by_the_day)


def _in_a_list(sentence: Span, doctors: re.Pattern[str]) -> Iterator[Count]:
    """The counts of an extract of prescriptions, and heaps of packs behind a doctor's name."""
    text = sentence.text
    extract = pattern("{extract}").search(text, sentence.start, sentence.end)
    names = [found.end() for found in doctors.finditer(text, sentence.start, sentence.end)]
    for hit in pattern(_COUNT).finditer(text, sentence.start, sentence.end) if names else ():
        near = text[max(sentence.start, hit.start() - 6) : hit.start()]
        in_extract = extract is not None and extract.end() <= hit.start()
        counted_else = pattern("{other_counter}").search(near)
        subject = max((end for end in names if end <= hit.start()), default=None)
        heap = subject is not None and _is_heap(hit, text[subject : hit.start()])
        if heap or (in_extract and not counted_else):
            yield Count(*hit.span("number"))


def _is_heap(hit: re.Match[str], between: str) -> bool:
    # 「某主任，某药，30支，」: so many packs, and neither handed over nor somebody else's stock.
    many = _MANY.search(hit["number"])
    ends = re.match(r"[整吧呢了的左多上]|[每一/](?:个|月|周|季|年)|\W|$", hit.string[hit.end() :])
    elsewhere = pattern("{elsewhere}|{handed}").search(between)
    return bool(many and ends and _PACKS.match(hit["unit"]) and not elsewhere)


def _is_doctors(text: str, start: int, hit: re.Match[str], doctors: re.Pattern[str]) -> bool:
    context = text[max(start, hit.start() - 30) : hit.start()]
    if pattern("{other_counter}|{dose_words}").search(hit["gap"]):
        return False
    if hit.group().startswith(("用到", "开到")) or re.search("目标|争取|计划|让", context):
        return False
    if _RATE_BEFORE.search(context) or _RATE_AFTER.match(text, hit.end()):
        return False
    named = [found.end() for found in doctors.finditer(context)]
    other = [
        found.end()
        for found in pattern("{other_counter}(?<![有说])").finditer(context)
        if not (_MANY.search(hit["number"]) and _TO_PATIENTS.search(context, 0, found.end()))
    ]
    if named or other:
        return max(named, default=0) > max(other, default=0)
    return _bare_subject(hit, context)


def _bare_subject(hit: re.Match[str], context: str) -> bool:
    # 「这个月用了50支」「处方量只有30」: without any subject it is a doctor who was spoken of.
    if hit.groupdict().get("volume"):
        return True
    period = re.fullmatch(r".*(?:月|周|季度|礼拜|星期|年)", context.strip("，, "))
    return hit.groupdict().get("verb") in {"开", "处方", "用"} and bool(period)


def _doctors(roster: Roster) -> re.Pattern[str]:
    prescribers = [c for c in roster.customers if c.kind == "医生"]
    names = [re.escape(word) for c in prescribers for word in (c.name, *c.aliases) if word]
    return re.compile("|".join([*names, pattern("{prescriber}").pattern]))

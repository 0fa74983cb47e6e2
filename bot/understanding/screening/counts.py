"""Prescription counts of a doctor: where the number stands, so that it can be masked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.domain.roster import Roster
from bot.understanding.screening.data import pattern
from bot.understanding.screening.products import brands
from bot.understanding.screening.spans import sentences

MASK = "[已脱敏]"
_DIGIT = r"\d〇零一二两三四五六七八九十百千万半几俩仨"
_ONE = rf"(?:[{_DIGIT}][{_DIGIT},.，]*(?:[来多余几]|上下|左右)?|{re.escape(MASK)})"
_RANGE = rf"{_ONE}(?:\s*(?:到|至|~|-|—|、)\s*{_ONE})?"
_COUNT = rf"(?P<number>{_RANGE})(?P<unit>[来多]?\s*{{count_unit}})"
_VERB = "(?:处方|开(?![会着始门])|用|走|消化|启动|写|(?<![微信网路晚早手会桌线])上(?![周月午个]))"
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
    change = rf"(?P<number>{_RANGE}%?(?:\s*(?:涨到|升到|降到|变成)\s*{_RANGE}%?)?)"
    volume = pattern(rf"{{volume_word}}{_GAP}{change}(?P<unit>{{count_unit}}|%|成|倍)?")
    period = pattern(rf"(?P<period>{{period}}){_GAP}{_COUNT}")
    return act, volume, period


def find_counts(text: str, roster: Roster) -> Iterator[Count]:
    """The numbers that count what one identifiable doctor prescribed, in order."""
    doctors, ours = _doctors(roster), brands(roster).ours
    for sentence in sentences(text):
        for shape in _shapes():
            for hit in shape.finditer(text, sentence.start, sentence.end):
                # Without a verb of prescribing, only a product makes it a prescription.
                about_product = "period" not in hit.groupdict() or ours.search(hit["gap"])
                if about_product and _is_doctors(text, sentence.start, hit, doctors):
                    yield Count(*hit.span("number"))


def _is_doctors(text: str, start: int, hit: re.Match[str], doctors: re.Pattern[str]) -> bool:
    context = text[max(start, hit.start() - 30) : hit.start()]
    if pattern("{other_counter}|{dose_words}").search(hit["gap"]):
        return False
    if hit.group().startswith(("用到", "开到")) or re.search("目标|争取|计划|让", context):
        return False
    if _RATE_BEFORE.search(context) or _RATE_AFTER.match(text, hit.end()):
        return False
    named = [found.end() for found in doctors.finditer(context)]
    other = [found.end() for found in pattern("{other_counter}(?<![有说])").finditer(context)]
    if named or other:
        return max(named, default=0) > max(other, default=0)
    return _bare_subject(hit, context)


def _bare_subject(hit: re.Match[str], context: str) -> bool:
    # 「这个月用了50支」: without any subject it is a doctor when only a period is said.
    period = re.fullmatch(r".*(?:月|周|季度|礼拜|星期|年)", context.strip("，, "))
    return hit.groupdict().get("verb") in {"开", "处方", "用"} and bool(period)


def _doctors(roster: Roster) -> re.Pattern[str]:
    prescribers = [c for c in roster.customers if c.kind == "医生"]
    names = [re.escape(word) for c in prescribers for word in (c.name, *c.aliases) if word]
    return re.compile("|".join([*names, pattern("{prescriber}").pattern]))

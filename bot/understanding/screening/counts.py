"""Prescription counts of a doctor: where the number stands, so that it can be masked."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.roster import Roster
from bot.understanding.screening.count_shapes import (
    BARE,
    COUNT,
    MASK,
    PATIENTS,
    TIMES,
    USED,
    shapes,
)
from bot.understanding.screening.data import pattern
from bot.understanding.screening.products import brands
from bot.understanding.screening.spans import Span, sentences

__all__ = ["MASK", "Count", "find_counts"]

_MANY = re.compile(r"\d\d|[十百千万]")
# 「给病人开了三十盒」 counts what the doctor prescribed; two packs are one patient's.
_TO_PATIENTS = re.compile("给(?:病人|患者)们?$")
_PACKS = re.compile("大?[盒支瓶板箱]")
# 「每上一个新病人给他记一百」 is a price for each, not a count of what was prescribed.
_RATE_BEFORE, _RATE_AFTER = re.compile("每$"), re.compile(r"[^，。]{0,3}(?:就|给他|给她|返|记)")
_PLANNED = re.compile("目标|争取|计划|让")
_REVIEWED = re.compile("点评|抽查|审|核对|处罚|不合理")
_PATIENT_WORD = re.compile("患者|病人")
_SO_FAR = 30
"""How far before a number, in characters, the one who is counted is looked for."""


@dataclass(frozen=True, slots=True)
class Count:
    """The number at `text[start:end]` counts prescriptions of a doctor."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _People:
    """Where the names of doctors and of others who count packs end, each in order."""

    text: str
    doctors: tuple[int, ...]
    others: tuple[int, ...]

    def last_doctor(self, start: int, end: int) -> int:
        return _last(self.doctors, start, end)

    def last_other(self, start: int, end: int, *, many: bool) -> int:
        found = _last(self.others, start, end)
        while many and found > 0 and _TO_PATIENTS.search(self.text, start, found):
            found = _last(self.others, start, found - 1)
        return found


def find_counts(text: str, roster: Roster) -> Iterator[Count]:
    """The numbers that count what one identifiable doctor prescribed, in order."""
    people, ours = _people(text, roster), brands(roster).ours
    for sentence in sentences(text):
        for shape in shapes():
            for hit in shape.finditer(text, sentence.start, sentence.end):
                if _counts_medicine(hit, ours) and _is_doctors(sentence.start, hit, people):
                    yield from _with_times(hit)
        yield from _in_a_list(sentence, people)
        yield from _patients(sentence, people, ours)


def _people(text: str, roster: Roster) -> _People:
    others = pattern("{other_counter}(?<![有说])").finditer(text)
    return _People(
        text,
        tuple(hit.end() for hit in _doctors(roster).finditer(text)),
        tuple(hit.end() for hit in others),
    )


def _last(ends: tuple[int, ...], start: int, end: int) -> int:
    place = bisect_right(ends, end)
    return ends[place - 1] if place and ends[place - 1] > start else 0


def _with_times(hit: re.Match[str]) -> Iterator[Count]:
    yield Count(*hit.span("number"))
    times = TIMES.match(hit.string, hit.end())
    if times:
        yield Count(*times.span("number"))


def _counts_medicine(hit: re.Match[str], ours: re.Pattern[str]) -> bool:
    """Without a verb of prescribing, only a product or a bare number of packs is a prescription."""
    groups = hit.groupdict()
    if "total" in groups or "treated" in groups:
        many = _MANY.search(hit["number"]) or MASK in hit["number"]
        return bool(many) and ("treated" in groups or _is_total(hit, ours))
    if "period" not in groups or ours.search(hit["gap"]):
        return True
    by_the_day = hit["period"].endswith("天")
    return bool(BARE.fullmatch(hit["gap"]) and _PACKS.search(hit["unit"]) and not by_the_day)


def _is_total(hit: re.Match[str], ours: re.Pattern[str]) -> bool:
    """「上月3371」 with no unit: nothing but a product stands between; 「10月30」 is a date."""
    rest, named = ours.subn("", hit["gap"])
    return bool(USED.fullmatch(rest)) and (named > 0 or not hit["total"][0].isdigit())


def _in_a_list(sentence: Span, people: _People) -> Iterator[Count]:
    """The counts of an extract of prescriptions, and heaps of packs behind a doctor's name."""
    text = sentence.text
    if not people.last_doctor(sentence.start, sentence.end):
        return
    extract = pattern("{extract}").search(text, sentence.start, sentence.end)
    for hit in pattern(COUNT).finditer(text, sentence.start, sentence.end):
        subject = people.last_doctor(sentence.start, hit.start())
        near = text[max(sentence.start, hit.start() - 6) : hit.start()]
        in_extract = extract is not None and extract.end() <= hit.start()
        counted_else = pattern("{other_counter}").search(near)
        heap = subject and _is_heap(hit, subject)
        if heap or (in_extract and not counted_else):
            yield from _with_times(hit)


def _patients(sentence: Span, people: _People, ours: re.Pattern[str]) -> Iterator[Count]:
    """How many patients of a doctor who is named are on a product of ours."""
    for hit in PATIENTS.finditer(sentence.text, sentence.start, sentence.end):
        subject = people.last_doctor(sentence.start, hit.start())
        between = _PATIENT_WORD.sub("", sentence.text[subject : hit.start()])
        counted_else = pattern("{elsewhere}").search(between)
        named = ours.match(sentence.text, hit.end())
        if subject and named and _MANY.search(hit["number"]) and not counted_else:
            yield Count(*hit.span("number"))


def _is_heap(hit: re.Match[str], subject: int) -> bool:
    # 「某主任，某药，30支，」: so many packs, and neither handed over nor somebody else's stock.
    if not (_MANY.search(hit["number"]) and _PACKS.match(hit["unit"])):
        return False
    ends = re.compile(r"[整吧呢了的左多上]|[每一/](?:个|月|周|季|年)|\W|$").match(
        hit.string, hit.end()
    )
    between = hit.string[max(subject, hit.start() - 4 * _SO_FAR) : hit.start()]
    return bool(ends and not pattern("{elsewhere}|{handed}").search(between))


def _is_doctors(start: int, hit: re.Match[str], people: _People) -> bool:
    text, begin = hit.string, max(start, hit.start() - _SO_FAR)
    if pattern("{other_counter}|{dose_words}").search(hit["gap"]):
        return False
    if hit.group().startswith(("用到", "开到")) or _PLANNED.search(text, begin, hit.start()):
        return False
    if _RATE_BEFORE.search(text, begin, hit.start()) or _RATE_AFTER.match(text, hit.end()):
        return False
    if _REVIEWED.search(hit["gap"]) or (
        "verb" not in hit.groupdict() and _REVIEWED.search(text, begin, hit.start())
    ):
        return False
    doctor = people.last_doctor(begin, hit.start())
    many = bool(_MANY.search(hit["number"]))
    other = people.last_other(begin, hit.start(), many=many)
    if doctor or other:
        return doctor > other
    return _bare_subject(hit, text[begin : hit.start()])


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

"""Harm told in words that no list has: somebody took it, and what follows is not plainly fine."""

import re
from collections.abc import Iterator

from bot.understanding.screening.data import pattern
from bot.understanding.screening.products import Brands
from bot.understanding.screening.spans import Span, clause_around, sentences

_CLAUSE = re.compile(r"[^，,：:、\s]+(?:[ 、][^，,：:、\s]+)*")
# The product may be named in the sentence before.
_TOPIC_REACH = 40
# Speech without punctuation can go on for pages; what happened is told at once.
_HEARD = 60
# What may have happened to a body: words for a harm, or a part or a measurement that got worse.
HARM = (
    "{harm}|{misuse}|{outcome}|{organ}[^，。]{0,5}{worse}|{worse}[^，。]{0,2}{organ}"
    "|{lab}[^，。]{0,7}{off_range}"
)
_ANY_HARM = f"{HARM}|{{trouble}}|{{grave}}|{{ills}}"
# `DRUG` stands for our products as the roster names them, or words for a medicine of ours.
_TAKEN = (
    "{sufferer}[^，。]{0,8}{takes}[^，。]{0,4}DRUG",
    "DRUG[^，。]{0,4}{takes}(?:{since}|{num})(?:[^，。]{0,4}?(?:天|周|月|年|次|后))?",
    "DRUG[^，。]{0,3}一{takes}就?",
    "{takes}(?:{since})?[^，。]{0,4}DRUG(?:{since}|的[^，。]{0,10}{sufferer})?",
    "DRUG的?[^，。]{0,8}?{one}[^，。]{0,8}?{sufferer}",
    "DRUG的[^，。]{0,6}{sufferer}",
    "DRUG的?[那这][例位个](?=[，,])",
    "{one}[^，。]{0,10}{sufferer}[^，。]{0,3}DRUG",
    "DRUG(?:把|将|害)[^，。]{0,4}(?:人|{sufferer})",
    "{sufferer}[^，。]{0,2}(?:把|将|拿)[^，。]{0,3}DRUG(?:当|吃|吞|喂)",
)
_TAKEN_UNNAMED = (
    "{sufferer}[^，。]{0,8}(?:{takes}(?:{since})|一{takes}就)",
    "{takes}(?:{since})?[^，。]{0,3}(?:药|针|产品)(?:{since}|的[^，。]{0,8}{sufferer})",
    "[吃服用]药的(?:[^，。]{0,8}{sufferer}|[^，。]{0,4}(?:里头?|中)有一?个)",
    "[用服]?药后",
    "{takes}完",
    "{takes}了{num}个?(?:天|周|月|礼拜|星期|次)",
)


def unexplained(text: str, known: Brands) -> Iterator[Span]:
    """The clauses after an exposure that say something other than good, neutral or administrative.

    High recall on purpose: a new word for a harm needs no entry anywhere."""
    for sentence in sentences(text):
        yield from _grave(sentence, known)
        yield from _in_english(sentence)
        if happened := pattern("{this_happened}").search(sentence.words):
            if known.ours.search(sentence.words):
                place = sentence.start + happened.start()
                yield clause_around(text, place, place + len(happened.group()))
        elif _is_general(sentence):
            continue
        for taken, named in _exposures(sentence, known):
            if bad := _bad_news(sentence, taken, named, known):
                yield clause_around(text, taken.start(), bad.end)


def _exposures(sentence: Span, known: Brands) -> Iterator[tuple[re.Match[str], bool]]:
    drug = f"(?:{known.ours.pattern}|{pattern('{ours_said}').pattern})"
    for template in _TAKEN:
        shape = pattern(template.replace("DRUG", drug))
        for hit in shape.finditer(sentence.text, sentence.start, sentence.end):
            yield hit, True
    told = sentence.text[max(0, sentence.start - _TOPIC_REACH) : sentence.end]
    if pattern("{other_drug}").search(sentence.words):
        return
    if known.rivals.search(told) and not known.ours.search(told):
        return
    for template in _TAKEN_UNNAMED:
        for hit in pattern(template).finditer(sentence.text, sentence.start, sentence.end):
            yield hit, False


def _bad_news(sentence: Span, taken: re.Match[str], named: bool, known: Brands) -> Span | None:
    """The first clause from the exposure on that tells how it went, when it went badly."""
    before = sentence.text[max(sentence.start, taken.start() - 12) : taken.start()]
    if pattern("{not_taken}").search(before) or pattern("{not_taken}").search(taken.group()):
        return None
    person = named or pattern("{sufferer}|有一?个").search(before + taken.group())
    for number, clause in enumerate(_clauses(sentence, taken.end())):
        if number and pattern("^{other_subject}").search(clause.words):
            return None
        if _is_harm(clause.words):
            return clause
        told = pattern("{filler}").sub("", known.ours.sub("", clause.words))
        if len(told) >= 2:
            return clause if person and not _is_fine(sentence, clause) else None
        if number == 2:
            return None
    return None


def _is_fine(sentence: Span, clause: Span) -> bool:
    # A figure alone says nothing: what is said about it decides.
    measured = pattern("^{lab}[^，。]{0,4}{num}").search(clause.words)
    end = min(sentence.end, clause.start + _HEARD) if measured else clause.end
    told = sentence.text[clause.start : end]
    stopped = measured and pattern("{stopped}").search(told)
    return bool(pattern("{fine}").search(told)) and not stopped


def _is_harm(words: str) -> bool:
    for hit in pattern(_ANY_HARM).finditer(words):
        absent = pattern("{absent}[^，。]{0,5}$").search(words[: hit.start()])
        better = pattern("{relieved}").search(words[hit.end() : hit.end() + 8])
        if pattern("{no_effect}").match(hit.group()) or not (absent or better):
            return not pattern("{reason_only}").search(words)
    return False


def _clauses(sentence: Span, start: int) -> Iterator[Span]:
    end = min(sentence.end, start + _HEARD)
    for hit in _CLAUSE.finditer(sentence.text, start, end):
        yield Span(sentence.text, hit.start(), hit.end())


def _grave(sentence: Span, known: Brands) -> Iterator[Span]:
    """What counts for any patient, whatever was taken: death, bleeding, a stay, a lost child."""
    if pattern("{grave_talk}").search(sentence.words) or known.rivals.search(sentence.words):
        return
    for template in ("{patient_told}[^，。]{0,10}{grave}", "{sufferer}[^，。]{0,6}{by_mistake}"):
        for hit in pattern(template).finditer(sentence.text, sentence.start, sentence.end):
            others = pattern("{other_drug}").search(hit.group())
            absent = pattern("{absent}[^，。]{0,3}{grave}$").search(hit.group())
            if not absent and not (others and not known.ours.search(hit.group())):
                yield clause_around(sentence.text, hit.start(), hit.end())


def _in_english(sentence: Span) -> Iterator[Span]:
    for hit in pattern("{english_case}").finditer(sentence.text, sentence.start, sentence.end):
        if not pattern("{english_fine}").search(sentence.words):
            yield Span(sentence.text, *hit.span())


def _is_general(sentence: Span) -> bool:
    """Rates, papers and questions about nobody in particular."""
    return bool(pattern("{in_general}").search(sentence.words))

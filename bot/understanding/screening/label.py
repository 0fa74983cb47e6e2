"""Use outside the label: another age, condition, disease or dose, asked or asserted."""

import re
from collections.abc import Iterator

from bot.domain.roster import Roster, RosterProduct
from bot.understanding.screening.data import pattern
from bot.understanding.screening.products import Brands, brands, is_rivals, named_product
from bot.understanding.screening.spans import Span, clause_around, said_by_them, sentences


def off_label_uses(text: str, roster: Roster) -> Iterator[Span]:
    """The clauses that ask for or assert a use that the indication does not cover."""
    known = brands(roster)
    for sentence in sentences(text):
        for hit in _uses(sentence, known):
            clause = clause_around(text, hit.start(), hit.end())
            rival = is_rivals(text, sentence.start, hit.start(), known)
            if not rival and not pattern("{label_talk}").search(clause.words):
                yield clause


def was_asked(text: str, evidence: str) -> bool:
    """Whether the customer brought the use up, so that it is a question for medical."""
    place = text.find(evidence)
    return bool(pattern("{asking}").search(evidence)) or said_by_them(
        text, place + len(evidence) // 2
    )


def _uses(sentence: Span, known: Brands) -> Iterator[re.Match[str]]:
    start, end = sentence.start, sentence.end
    yield from pattern("{dose_beyond}|{beyond_label}|{together}").finditer(
        sentence.text, start, end
    )
    for shape in _shapes("population"):
        for hit in shape.finditer(sentence.text, start, end):
            if _outside_population(sentence, hit, known):
                yield hit
    for shape in _shapes("disease"):
        for hit in shape.finditer(sentence.text, start, end):
            if _outside_indication(sentence, hit, known):
                yield hit


def _shapes(kind: str) -> Iterator[re.Pattern[str]]:
    what = f"(?P<what>{{{kind}}})"
    people = "(?:的?(?:病人|患者|人|妈妈|女性|朋友))?"
    yield pattern(f"{what}{people}[^。]{{0,8}}{{can}}[^，。]{{0,6}}{{use}}")
    yield pattern(f"{{can}}[^，。]{{0,5}}(?:用于|用在|治疗?|给|适合|对|让)[^，。]{{0,6}}{what}")
    yield pattern(f"(?:用|治|上|试)[^，。]{{0,6}}{what}[^，。]{{0,6}}(?:效果|管用|有效|不错)")
    yield pattern(f"{what}[^，。]{{0,2}}(?:效果|作用|的?剂量|[^，。]{{0,2}}怎么[用吃])")
    yield pattern(f"在{what}[^，。]{{0,10}}(?:身上|里)[^，。]{{0,4}}{{use}}")
    yield pattern(f"{what}，[^。]{{0,12}}对(?:这个?|它)[^，。]{{0,4}}{{use}}")
    yield pattern(f"(?:给|让)[^，。]{{0,8}}{what}[^，。]{{0,4}}{{use}}")


def _product_of(sentence: Span, place: int, known: Brands) -> tuple[RosterProduct, ...]:
    named = named_product(sentence.text[: sentence.end], place, known)
    return (named,) if named else known.products


def _outside_population(sentence: Span, hit: re.Match[str], known: Brands) -> bool:
    if re.search(r"孩子[^，。]{0,6}(?:考|上学|高考|实习|工作|学)", sentence.words):
        return False
    products = _product_of(sentence, hit.start(), known)
    return not any(_covers(product.indication, hit["what"]) for product in products)


def _outside_indication(sentence: Span, hit: re.Match[str], known: Brands) -> bool:
    if re.search("合并|伴|并发|学会|分会", hit.group()) or not known.products:
        return False
    products = _product_of(sentence, hit.start(), known)
    return not any(_covers(product.indication, hit["what"]) for product in products)


def _covers(indication: str, words: str) -> bool:
    plain = indication.replace("一型", "1型").replace("二型", "2型").replace("Ⅱ型", "2型")
    said = words.replace("一型", "1型").replace("二型", "2型")
    said = {"高血脂": "血", "高脂血症": "血"}.get(said, said)
    return said in plain

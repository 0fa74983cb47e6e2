"""Use outside the label: another age, condition, disease or dose, asked or asserted."""

import re
from collections.abc import Iterator

from bot.domain.roster import Roster, RosterProduct
from bot.understanding.screening.data import pattern
from bot.understanding.screening.products import Brands, brands, is_rivals, named_product
from bot.understanding.screening.scenes import together
from bot.understanding.screening.spans import Span, clause_around, said_by_them, sentences

_LOOSE = ("{off_people}|{beyond}", "{drug_use}", "{modal}")
_LOOSE_DISEASE = ("{any_disease}", "{for_it}")
# The product may be named in the sentence before.
_TOPIC_REACH = 40
_ABOUT = "{this_drug}|{beyond_dose}"
_LOOSE_REACH = 18
_CHILD = "[儿孩娃婴宝]|少年|岁|[小初中高]学|学生|小朋友|未成年"


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
    yield from _loose_uses(sentence, known)
    for shape in _shapes("population"):
        for hit in shape.finditer(sentence.text, start, end):
            if _outside_population(sentence, hit, known):
                yield hit
    for shape in _shapes("disease"):
        for hit in shape.finditer(sentence.text, start, end):
            if _outside_indication(sentence, hit, known):
                yield hit


def _loose_uses(sentence: Span, known: Brands) -> Iterator[re.Match[str]]:
    """Somebody or some way that the label leaves out, our product and its use, in any order."""
    told = sentence.text[max(0, sentence.start - _TOPIC_REACH) : sentence.end]
    about = known.ours.search(told) or pattern(_ABOUT).search(sentence.words)
    for act, around in together(_LOOSE_DISEASE, _LOOSE_REACH, sentence) if about else ():
        accompanies = pattern("合并|伴|并发|学会|分会|引起|导致|之后|后的").search(around.words)
        if not accompanies and _leaves_out(sentence, act, known):
            yield act
    for act, around in together(_LOOSE, _LOOSE_REACH, sentence) if about else ():
        listed = pattern("{beyond}").fullmatch(act.group())
        asked = pattern("{modal}").search(around.words) and not _only_happened(around.words)
        if asked and (listed or _leaves_out(sentence, act, known)):
            yield act


def _only_happened(words: str) -> bool:
    # 「孕妇一直吃着」 is a case for safety; with an effect or a dose it is a use that is told on.
    told = re.search("效果|剂量|用量|管用|参考|能不能|想给|行不行|可以|照样", words)
    return bool(pattern("{happened}").search(words)) and not told


def _leaves_out(sentence: Span, act: re.Match[str], known: Brands) -> bool:
    products = _product_of(sentence, act.start(), known)
    sexes = {"男": "女", "女": "男"}
    if other := sexes.get(act.group()[0]):
        return bool(products) and all(other in product.indication for product in products)
    said = act.group()
    # A disease that is in no list may start too early in the text: its end decides.
    listed = pattern("{disease}|{off_people}").fullmatch(said)
    ends = [said] if listed else [said[place:] for place in range(max(1, len(said) - 1))]
    return not any(_covers(product.indication, end) for product in products for end in ends)


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
    if re.search(_CHILD, said) and re.search("儿童|小儿|青少年|婴|岁以上", plain):
        return True
    said = {"高血脂": "血", "高脂血症": "血"}.get(said, said)
    # A short name keeps the order of its long one: 慢阻肺 for 慢性阻塞性肺疾病.
    return bool(re.search(".*?".join(map(re.escape, said)), plain))

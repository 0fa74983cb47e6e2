"""Use outside the label: another age or condition, another disease, another dose; asked or asserted."""

import re
from collections.abc import Iterator

from bot.domain.roster import Roster, RosterProduct
from bot.understanding.screening.data import pattern
from bot.understanding.screening.products import Brands, brands, is_rivals, named_product
from bot.understanding.screening.spans import Span, clause_around, said_by_them, sentences

_DOSE = (
    r"剂量[^，。]{0,3}(?:加倍|翻倍|加大|加量)|(?:加倍|翻倍|双倍)[^，。]{0,3}(?:吃|用|服|剂量)|"
    r"(?:一[天日次]|每[天日次])(?:吃|服|用|打)?(?:两|三|四|2|3|4)(?:片|粒|次|针|支)[^，。]{0,2}(?:也|都|没)"
)
_BEYOND = r"(?:超|超出)(?:说明书|适应症)(?:用|推|的用法)|(?:说明书|适应症)(?:以外|之外|外)[^，。]{0,3}(?:用|推)|off.?label"
_TOGETHER = r"(?:建议|推荐|可以)[^，。]{0,12}(?:联合|联用|一起[用吃]|搭着[用吃])[^，。]{0,10}(?:效果|更好|更快|试试)"
_TALK = (
    r"文献|综述|指南|共识|研究|注册|课题|论文|一概不|不[讲推谈敢]|不推荐|底线|绝不|不能推|援助|占比"
)


def off_label_uses(text: str, roster: Roster) -> Iterator[Span]:
    """The clauses that ask for or assert a use that the indication of the product does not cover."""
    known = brands(roster)
    for sentence in sentences(text):
        for hit in _uses(sentence, known):
            clause = clause_around(text, hit.start(), hit.end())
            rival = is_rivals(text, sentence.start, hit.start(), known)
            if not rival and not re.search(_TALK, clause.words):
                yield clause


def was_asked(text: str, evidence: str) -> bool:
    """Whether the customer brought the use up, so that it is a question for medical."""
    place = text.find(evidence)
    asked = r"问|咨询|请教|想了解|能不能|可不可以|能否|想给|想试|想用"
    return bool(re.search(asked, evidence)) or said_by_them(text, place + len(evidence) // 2)


def _uses(sentence: Span, known: Brands) -> Iterator[re.Match[str]]:
    start, end = sentence.start, sentence.end
    yield from re.compile(f"{_DOSE}|{_BEYOND}|{_TOGETHER}", re.IGNORECASE).finditer(
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

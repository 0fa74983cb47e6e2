"""Names of patients in a text; a doctor's or a colleague's name is none."""

import re
from collections.abc import Iterator
from functools import cache

from bot.domain.roster import Roster
from bot.understanding.screening.data import pattern
from bot.understanding.screening.sufferers import sufferers

_CUE = r"(?:{patient_cue}|床|床号[是为：:\s]*(?:\d{1,3}|\[已脱敏\])床?的)"
_LINK = (
    r"(?:的?(?:(?:名字|姓名|名)?(?:是|叫做?|[：:]|，叫|名叫)|名字|姓名))"
    r"(?:[，,]?[呃嗯啊哦]+[，,]?)?"
)
_FAMILY = "(?:{family_word}|家属)"
_LOOKED_AT = 40
"""How far before a name, in characters, its sentence is read."""


@cache
def _shapes() -> tuple[re.Pattern[str], ...]:
    name, ends = "(?P<name>{name})", "(?={name_ends})"
    age = r"[\d一二三四五六七八九十]+"
    sex_and_age = rf"(?=[，,、\s（(]*(?:[男女][，,、\s]*{age}岁?|{age}岁[，,、\s]*[男女]))"
    return (
        pattern(rf"{_CUE}{_LINK}\s*{name}{ends}"),
        pattern(rf"{_CUE}{name}(?={{name_details}})"),
        pattern(rf"(?:{_CUE}|床的|岁的)(?P<name>{{full_name}}){ends}"),
        pattern(rf"(?<![\u4e00-\u9fff]){name}{sex_and_age}"),
        pattern(
            r"(?:^|[，,。；;\s]|[说是的])(?P<name>{full_name})(?<![市区县省军院组期型镇乡村])(?<!中心)"
            r"(?=这个?位?(?:病人|患者)|(?:患者|病人)(?:{patients_story}|[，,。\s]|$))"
        ),
        # Whatever the surname: who has a phone or a record right behind the name is somebody.
        pattern(r"{patient_cue}(?P<name>{given}{2,3})(?=[（(，,\s]*{has_number})"),
        pattern("(?P<name>{full_name})(?=[（(](?:{patient_cue}))"),
        pattern(r"(?<![\u4e00-\u9fff])(?P<name>{full_name})(?=[，,]{patient_cue}[，,。])"),
        pattern(rf"床[，,：:、\s]{{1,2}}(?P<name>{{full_name}}){ends}"),
        pattern("(?P<name>{full_name})(?=大爷|大妈|奶奶|爷爷|阿姨|大娘|老太太|大叔|伯伯|大伯)"),
        pattern("(?P<name>{surname}(?:大爷|大妈|奶奶|爷爷|阿姨|大娘|老太太|大叔|伯伯|大伯))"),
        pattern(r"{patient_cue}[（(「“\"]+(?P<name>{full_name})(?=[）)」”\"，,])"),
        pattern("(?:患者|病人)(?P<name>{plain_surname}{given})(?={patients_story})"),
        pattern(r"家属(?P<name>{surname}{given})(?=[来说问讲打，,。\s]|想|$)"),
    )


@cache
def _loose_shapes() -> tuple[re.Pattern[str], ...]:
    """Shapes that a doctor's family or a colleague fits too, when the sentence speaks of one."""
    return (
        pattern(rf"{_FAMILY}(?P<name>{{full_name}})(?=也?是(?:个|位)?{{patient_cue}}|{{ill}})"),
        pattern(
            rf"(?:(?<![\u4e00-\u9fff])|{_FAMILY}|[的是叫位])(?P<name>{{full_name}})"
            r"(?=[，,\s（(]*(?:今年)?(?:\d{1,3}|[一二三四五六七八九十]{2,3})岁)"
        ),
    )


def known_people(roster: Roster) -> frozenset[str]:
    """The names of everybody at work: customers, with their nicknames, and colleagues."""
    customers = (word for c in roster.customers for word in (c.name, *c.aliases) if word)
    return frozenset([*customers, *roster.colleagues])


def patient_names(text: str, roster: Roster) -> Iterator[str]:
    """The names of patients, possibly repeated."""
    known = known_people(roster) | _products(roster)
    for hit in _candidates(text):
        name, start = hit["name"], hit.start("name")
        titled = pattern("{staff_title}").match(text, hit.end("name"))
        if titled or any(text.startswith(word, start) for word in known):
            continue
        other_word = pattern("[老小]?{not_names}").match(text, start)
        if not other_word and not pattern("{staff_title}").search(name):
            yield name


def spelled_names(text: str) -> Iterator[tuple[int, int]]:
    """Where a patient's name stands taken apart (「姓张名建国」) or in Latin letters."""
    apart = r"姓(?:{surname}|{double_surname})[，,、\s]*名(?:字|叫|是)*{given}{1,2}"
    for hit in pattern(apart).finditer(text):
        if not pattern("{staff_word}").search(_sentence_before(text, hit.start())):
            yield hit.span()
    latin = r"{patient_cue}(?:[，,：:\s]|名字|姓名|名叫|叫做?|是)*(?P<name>{pinyin_name})"
    for hit in pattern(latin).finditer(text):
        yield hit.span("name")


def _products(roster: Roster) -> frozenset[str]:
    words = (w for p in roster.products for w in (p.name, *p.aliases, *p.competitors) if w)
    return frozenset(words)


def _sentence_before(text: str, place: int) -> str:
    return re.split("[。！？；;\n]", text[max(0, place - _LOOKED_AT) : place])[-1]


def _candidates(text: str) -> Iterator[re.Match[str]]:
    for shape in _shapes():
        yield from shape.finditer(text)
    for shape in _loose_shapes():
        for hit in shape.finditer(text):
            around = _sentence_before(text, hit.start()) + text[hit.start() : hit.end() + 12]
            told = pattern("{patient_cue}|{family_word}|{ill}|{patients_story}").search(around)
            if told and not pattern("{staff_word}").search(around):
                yield hit
    yield from _called(text)
    yield from sufferers(text)


def _called(text: str) -> Iterator[re.Match[str]]:
    # 「一个叫…的病人」 is a patient, 「新来的医生叫…，病人多」 is not.
    called = pattern(r"(?:名叫|叫做?|姓名[是为：:]?)\s*(?P<name>{name})(?={name_ends})")
    for hit in called.finditer(text):
        clause = _sentence_before(text, hit.start()) + hit.group()
        after = text[hit.end() : hit.end() + 12]
        if pattern("(?:的|这个?|那个?)位?{patient_cue}").match(after):
            yield hit
        elif pattern("{staff_word}").search(clause):
            continue
        elif pattern("{patient_cue}|老人|大爷|阿姨|岁").search(clause + after):
            yield hit

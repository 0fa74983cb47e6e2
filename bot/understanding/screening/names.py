"""Names of patients in a text; a doctor's or a colleague's name is none."""

import re
from collections.abc import Iterator
from functools import cache

from bot.domain.roster import Roster
from bot.understanding.screening.data import pattern

_CUE = "(?:{patient_cue}|床)"
_LINK = r"(?:的?(?:名字|姓名|名)?(?:是|叫做?|[：:]|，叫|名叫))(?:[，,]?[呃嗯啊哦]+[，,]?)?"


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
            r"(?:^|[，,。；;\s]|[说是的])(?P<name>{full_name})"
            r"(?=这个?位?(?:病人|患者))"
        ),
        # Whatever the surname: who has a phone or a record right behind the name is somebody.
        pattern(r"{patient_cue}(?P<name>{given}{2,3})(?=[（(，,\s]*{has_number})"),
        pattern("(?P<name>{full_name})(?=[（(](?:{patient_cue}))"),
        pattern(rf"床[，,：:、\s]{{1,2}}(?P<name>{{full_name}}){ends}"),
        pattern("(?P<name>{full_name})(?=大爷|大妈|奶奶|爷爷|阿姨|大娘|老太太|大叔|伯伯|大伯)"),
        pattern("(?P<name>{surname}(?:大爷|大妈|奶奶|爷爷|阿姨|大娘|老太太|大叔|伯伯|大伯))"),
    )


def patient_names(text: str, roster: Roster) -> Iterator[str]:
    """The names of patients, possibly repeated."""
    customers = {word for c in roster.customers for word in (c.name, *c.aliases)}
    for hit in _candidates(text):
        name = hit["name"]
        titled = pattern("{staff_title}").match(text, hit.end("name"))
        if name in customers or name in roster.colleagues or titled:
            continue
        if not pattern("^{not_names}|{staff_title}").search(name):
            yield name


def _candidates(text: str) -> Iterator[re.Match[str]]:
    for shape in _shapes():
        yield from shape.finditer(text)
    # 「一个叫…的病人」 is a patient, 「新来的医生叫…，病人多」 is not.
    called = pattern(r"(?:名叫|叫做?|姓名[是为：:]?)\s*(?P<name>{name})(?={name_ends})")
    for hit in called.finditer(text):
        clause = re.split("[。！？；;\n]", text[: hit.start()])[-1] + hit.group()
        after = text[hit.end() : hit.end() + 12]
        if pattern("(?:的|这个?|那个?)位?{patient_cue}").match(after):
            yield hit
        elif pattern("{staff_word}").search(clause):
            continue
        elif pattern("{patient_cue}|老人|大爷|阿姨|岁").search(clause + after):
            yield hit

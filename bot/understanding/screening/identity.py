"""Patient identity in a text: names, numbers, phones and beds, and where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.roster import Roster
from bot.understanding.screening.counts import MASK
from bot.understanding.screening.data import pattern
from bot.understanding.screening.names import patient_names

_CHARS = r"[\d０-９A-Za-z]"
_SPOKEN = "[〇零一二三四五六七八九幺两]"
_TOKEN = rf"(?P<id>{_CHARS}(?:[-\s]?{_CHARS}){{3,}}|{_SPOKEN}{{4,}})"
_RECORD = re.compile(
    r"(?:住院|病历|病案|门诊|就诊|就诊卡|医保卡?|社保卡?|身份证?|影像|检查|条码|证件|登记|患者|病人|ID)(?:号码|编号|号|证|ID)"
    rf"(?:是|为|尾号|[：:]|\s)*{_TOKEN}"
)
_LOOSE_RECORD = re.compile(
    r"(?:病历|病案|就诊卡|医保卡|身份证(?:尾号)?|住院)[：:\s]*(?P<id>[\dA-Z]{4,}(?!元))"
)
_CHAT_ID = re.compile(
    r"(?:微信|QQ)[^，。A-Za-z\d]{0,6}[，,]?号?(?:(?:是|[：:])\s*|\s*(?=[A-Za-z_-]*[\d_]))"
    r"(?P<id>[A-Za-z\d][A-Za-z\d_-]{5,})"
)
_ADDRESS = re.compile(
    r"(?:住址|家庭地址|地址|家住|住在)(?:是|为|[：:])?\s*(?P<id>[^，,。；;\n]{2,30}?[号室栋楼元村区组\d])"
    r"(?=[，,。；;\s]|$)"
)
_CITIZEN = re.compile(r"(?<![\dA-Za-z])(?P<id>\d{17}[\dXx]|\d{15})(?![\dA-Za-z])")
_PHONE = re.compile(r"(?<!\d)(?P<id>(?:\+?86[-\s]?)?1[-\s]?[3-9](?:[-\s]?\d){9})(?!\d)")
_SPOKEN_PHONE = re.compile(rf"(?P<id>[幺一]{_SPOKEN}{{10}})(?!{_SPOKEN})")
_LANDLINE = re.compile(r"(?:电话|座机|号码)[是为：:\s]*(?P<id>0\d{2,3}[-\s]?\d{7,8}|\d{7,8})")
_BED = re.compile(
    r"(?<![\d,.])(?P<id>(?:加|监)?\d{1,3}|(?<![临起上下开张病])[一二三四五六七八九十]{1,4})(?P<tail>号?床)(?!位|规模|的?医院|的?科室|左右|旁)"
)
_CAPACITY = re.compile(r"(?:有|共|到|设|开放|约|近|扩|增加?|规模|展开|编制|两)$")
_STAFF = "(?:{staff_word}|我的?|[他她]的?)[^，,。]{0,6}$"
_PATIENT = re.compile("患者|病人|病号|病友|孕妇|产妇|家属|老人|大爷|阿姨|老太太|岁")


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies a patient at `text[start:end]`, and what stands there after masking."""

    start: int
    end: int
    mask: str


def find_identities(text: str, roster: Roster) -> list[Identity]:
    """Everything that identifies a patient, in no particular order; may overlap."""
    found = [*_numbers(text), *_beds(text)]
    names = set(patient_names(text, roster))
    return [*found, *(one for name in sorted(names) for one in _everywhere(text, name))]


def _numbers(text: str) -> Iterator[Identity]:
    for shape in (_RECORD, _LOOSE_RECORD, _CITIZEN, _SPOKEN_PHONE):
        for hit in shape.finditer(text):
            if any(char.isdigit() or char in "幺〇零一二三四五六七八九两" for char in hit["id"]):
                yield Identity(*hit.span("id"), MASK)
    for shape in (_PHONE, _LANDLINE, _CHAT_ID, _ADDRESS):
        for hit in shape.finditer(text):
            if not _is_staff(text, hit.start("id"), bare=shape is _PHONE):
                yield Identity(*hit.span("id"), MASK)


def _is_staff(text: str, place: int, *, bare: bool) -> bool:
    before = re.split("[。！？；;\n]", text[max(0, place - 20) : place])[-1]
    if _PATIENT.search(before):
        return False
    if pattern(r"[\d\s+-]+是[^，。]{0,4}{staff_title}的").match(text, place):
        return True
    return not bare or bool(pattern(_STAFF).search(before.rstrip("电话手机号码是：: ")))


def _beds(text: str) -> Iterator[Identity]:
    for hit in _BED.finditer(text):
        if not _CAPACITY.search(text[: hit.start()]):
            yield Identity(*hit.span("id"), MASK)


def _everywhere(text: str, name: str) -> Iterator[Identity]:
    for hit in re.finditer(re.escape(name), text):
        before = text[: hit.start()]
        doubled = re.search(r"(?:患者|病人|病号|孕妇)$", before)
        yield Identity(hit.start(), hit.end(), "" if doubled else "患者")

"""Patient identity in a text: names, numbers, phones and beds, and where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.roster import Roster
from bot.understanding.screening.counts import MASK
from bot.understanding.screening.data import pattern
from bot.understanding.screening.names import known_people, patient_names, spelled_names

_CHAR = "[0-9A-Za-z]"
_DASH = r"[-—–―‐\s_/.·]{0,2}"
_TOKEN = rf"(?P<id>{_CHAR}(?:{_DASH}{_CHAR}){{3,}}+)"
_RECORD = re.compile(
    r"(?:住院|病历|病案|门诊|就诊|就诊卡|医保卡?|社保卡?|身份证?|影像|检查|条码|证件|登记|患者|病人|ID)"
    rf"(?:号码|编号|号|证|ID)(?:是|为|尾号|[：:#=]|\s)*{_TOKEN}"
)
_LOOSE_RECORD = re.compile(
    r"(?:病历|病案|就诊卡|医保卡|社保卡|身份证(?:尾号)?|住院)[：:#=\s]*(?P<id>[\dA-Z]{4,}+(?!元))"
)
_PASSPORT = re.compile(
    r"(?:护照|通行证|军官证|驾驶证)(?:号码?)?(?:是|为|[：:]|\s)*(?P<id>[A-Za-z]{0,2}\d{6,10})"
)
_CHAT_ID = re.compile(
    r"(?:微信|QQ)[^，。A-Za-z\d]{0,6}[，,]?号?(?:(?:是|[：:])\s*|\s*(?=[A-Za-z_-]*[\d_]))"
    r"(?P<id>[A-Za-z\d][A-Za-z\d_-]{5,})"
)
_MAIL = re.compile(
    r"(?<![A-Za-z\d_.+-])(?P<id>[A-Za-z\d_.+-]{1,64}+@[A-Za-z\d-]+(?:\.[A-Za-z\d-]+)+)"
)
_ADDRESS = re.compile(
    r"(?:住址|家庭地址|地址|家住|住在|(?<=病人)住(?!院)|(?<=患者)住(?!院))(?:是|为|[：:])?\s*(?P<id>[^，,。；;\n]{2,30}?[号室栋楼元村区组\d])"
    r"(?=[，,。；;\s]|$)"
)
_CITIZEN = re.compile(
    r"(?<![\dA-Za-z])(?P<id>\d{6}[-\s]?\d{8}[-\s]?\d{3}[\dXx]|\d{15})(?![\dA-Za-z])"
)
_PHONE = re.compile(
    r"(?<!\d)(?P<id>(?:\+?86[-\s]?)?1[-\s]?[3-9](?:[-\s]?\d){9}"
    r"|1[3-9]\d[^\w\n]{1,2}\d{4}[^\w\n]{1,2}\d{4}(?!\s*[元块万盒支])"
    r"|1[.·,，、]\s?[3-9](?:[.·,，、]\s?\d){9})(?!\d)"
)
_LANDLINE = re.compile(r"(?:电话|座机|号码)[是为：:\s]*(?P<id>0\d{2,3}[-—\s]?\d{7,8}|\d{7,8})")
_BED_NUMBER = r"(?:加|监)?\d{1,3}|(?<![临起上下开张病])[一二三四五六七八九十]{1,4}"
_BED = re.compile(
    rf"(?<![\d,.])(?P<id>{_BED_NUMBER})(?P<tail>\s*号?床)(?!位|规模|的?医院|的?科室|左右|旁)"
    r"|床位?号(?:[是为：:]|\s)*(?P<after>(?:加|监)?\d{1,3}(?!\d)|[一二三四五六七八九十]{1,4})"
)
_CAPACITY = re.compile(r"(?:有|共|到|设|开放|约|近|扩|增加?|规模|展开|编制|两)$")
_STAFF = (
    "(?:{staff_word}|我的?|[他她]的?|导诊|前台|服务台|护士站|科[里室]|办公室|总机|客服|热线)"
    "[^，,。]{0,6}$"
)
_PATIENT = re.compile("患者|病人|病号|病友|孕妇|产妇|家属|老人|大爷|阿姨|老太太|岁")
_WHOSE_PATIENT = re.compile(r"\s*的?[这那]?[个位名]?(?:患者|病人|病号|家属|顾客)")
_OWN_NUMBER = "(?:手机|电话|微信|号码|座机|邮箱|联系方式|QQ)"
_DOUBLED = ("患者", "病人", "病号", "孕妇")


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies somebody at `text[start:end]`, and what stands there after masking.

    `of_patient` is false for a customer's own number: personal data, but nothing to report."""

    start: int
    end: int
    mask: str
    of_patient: bool = True


def find_people(text: str, roster: Roster) -> Iterator[Identity]:
    """The names and beds of patients, in no particular order; may overlap."""
    yield from _beds(text)
    for start, end in spelled_names(text):
        yield _named(text, start, end)
    known = known_people(roster)
    for name in sorted(set(patient_names(text, roster))):
        yield from _everywhere(text, name, known)


def find_numbers(text: str, roster: Roster) -> Iterator[Identity]:
    """Phone, record, document and chat numbers and addresses of patients, and of customers by
    name; may overlap."""
    for shape in (_RECORD, _LOOSE_RECORD, _PASSPORT, _CITIZEN):
        for hit in shape.finditer(text):
            if any(char.isdigit() for char in hit["id"]):
                yield Identity(*hit.span("id"), MASK)
    for shape in (_PHONE, _LANDLINE, _CHAT_ID, _ADDRESS, _MAIL):
        for hit in shape.finditer(text):
            start, end = hit.span("id")
            theirs = _WHOSE_PATIENT.match(text, end)
            if theirs or not _is_staff(text, start, bare=shape is _PHONE):
                of_patient = bool(theirs) or not _is_customers(text, start, roster)
                yield Identity(start, end, MASK, of_patient)


def _is_customers(text: str, place: int, roster: Roster) -> bool:
    """「某某手机换了…」: the number of a customer who is named, with no patient in between."""
    before = _said_before(text, place)
    names = "|".join(re.escape(w) for c in roster.customers for w in (c.name, *c.aliases) if w)
    hit = re.search(rf"(?:{names})的?新?{_OWN_NUMBER}[^，。]{{0,8}}$", before) if names else None
    return hit is not None and not _PATIENT.search(hit[0])


def _said_before(text: str, place: int) -> str:
    return re.split("[。！？；;\n]", text[max(0, place - 20) : place])[-1]


def _is_staff(text: str, place: int, *, bare: bool) -> bool:
    before = _said_before(text, place)
    if _PATIENT.search(before):
        return False
    if pattern(r"[\d\s+-]+是[^，。]{0,4}{staff_title}的").match(text, place):
        return True
    return not bare or bool(pattern(_STAFF).search(before.rstrip("电话手机号码是：: ")))


def _beds(text: str) -> Iterator[Identity]:
    for hit in _BED.finditer(text):
        group = "id" if hit["id"] else "after"
        if group == "after" or not _CAPACITY.search(text[max(0, hit.start() - 4) : hit.start()]):
            yield Identity(*hit.span(group), MASK)


def _everywhere(text: str, name: str, known: frozenset[str]) -> Iterator[Identity]:
    longer = [(person, person.find(name)) for person in known if name in person]
    # 「女士」 stays: an adverse event needs the sex.
    borne = len(re.sub("(?:女士|先生)$", "", name))
    for hit in _alone(name).finditer(text):
        start = hit.start()
        if not any(text.startswith(person, start - at) for person, at in longer if start >= at):
            yield _named(text, start, start + borne)


def _alone(name: str) -> re.Pattern[str]:
    """The name; a mere surname not with a title, for then it is a doctor's: 「老李主任」."""
    shared = pattern("{by_surname}").fullmatch(name)
    return re.compile(re.escape(name) + (pattern("(?!{staff_title})").pattern if shared else ""))


def _named(text: str, start: int, end: int) -> Identity:
    return Identity(start, end, "" if text.endswith(_DOUBLED, 0, start) else "患者")

"""Patient identity in a text: names, numbers, phones and beds, and where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.roster import Roster
from bot.understanding.screening.counts import MASK

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗凤花方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安乐傅皮卞齐康伍余顾孟黄穆萧尹姚邵汪祁毛狄臧戴宋茅庞熊纪舒屈项祝董梁杜阮蓝"
    "席季贾路江童颜郭梅林刁钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房丁邓洪包石崔龚程邢裴陆翁荀甄曲封储靳段焦侯全班仇宁"
    "甘厉祖武符刘景詹龙叶黎白蒲邰赖卓蔺屠蒙池乔阴翟谭申冉桑桂牛寿边扈燕冀尚农温庄晏柴瞿阎习容向古易廖庾衡步耿满匡"
    "文寇广欧沃利师巩聂关曾沙查游盖解单岳闵尧于佟常成应"
)
_COMPOUND = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|南宫|轩辕"
# Characters that hardly occur in given names but often after 患者: verbs, particles, body, illness.
_NOT_GIVEN = (
    "的了在是有吃用服说很都也就还这那个上下压糖药病症痛疼肿晕不没要能会可被把给跟和与及或但而且吗呢吧啊从到去来做住院出入"
    "诊疗教育管理反应感觉觉得认为表示情况类型人群数量家属们么多少每几岁男女一二三四五六七八九十前后时期间已后再又多疸常规"
    "余向者均"
)
_GIVEN = f"[^\\s，,。！？!?；;：:、（）()「」“”\"'\\d{re.escape(MASK)}{_NOT_GIVEN}A-Za-z某*×xX]"
_NAME = f"(?:(?:{_COMPOUND}){_GIVEN}{{1,2}}|[{_SURNAMES}]{_GIVEN}{{1,2}}?)"
_TITLES = "主任|医生|大夫|教授|院长|医师|老师|博士|护士|经理|药师|店长|科长|总"
_AFTER = (
    r"(?=[，,。！？!?；;：:、（(）)\s「」]|$|男|女|\d|今年|住院|病历|病案|电话|手机|身份|[一二三四五六七八九]十|"
    r"用|吃|服|出现|昨|说|来|的(?:病人|患者|化验|病历|检查|报告|片子|情况|血|手机|电话|身份)|是|因|在|已|复诊)"
)
_NAMED = re.compile(
    rf"(?P<cue>(?:患者|病人|病号|病友|家属|老太太|老爷子|大爷|孕妇|女士|\d床|号床)(?:的?(?:名字|姓名|名))?(?:是|叫做?|[：:]|，叫|名叫)?\s*)"
    rf"(?P<name>{_NAME}){_AFTER}"
)
_CALLED = re.compile(rf"(?:名叫|叫做?|姓名[是为：:]?|名字[是叫：:]?)\s*(?P<name>{_NAME}){_AFTER}")
_AGED = re.compile(
    rf"(?<![\u4e00-\u9fff])(?P<name>{_NAME})(?=[，,、\s（(]*(?:男|女)[，,、\s]*[\d一二三四五六七八九十]+岁?)"
    rf"|(?P<name2>{_NAME})(?=这个?位?(?:病人|患者))"
    r"|(?:岁的?|床的?)(?P<name3>" + _NAME + r")(?=[，,。、；;（(]|$|男|女)"
)
_ELDER = re.compile(rf"(?P<name>[{_SURNAMES}](?:大爷|大妈|奶奶|爷爷|阿姨|大娘|老太太|大叔|伯伯?))")
_CHARS = r"[\d０-９A-Za-z]"
_SPOKEN = "[〇零一二三四五六七八九幺两]"
_RECORD = re.compile(
    r"(?:住院|病历|病案|门诊|就诊卡?|医保卡?|社保卡?|身份证|身份|影像|检查|条码|床位|卡|证件|ID|id|登记)(?:号码|编号|号|证)?"
    rf"(?:是|为|尾号|[：:]|\s)*(?P<id>{_CHARS}(?:[-\s]?{_CHARS}){{3,}}|{_SPOKEN}{{4,}})"
)
_CITIZEN = re.compile(r"(?<![\dA-Za-z])(?P<id>\d{17}[\dXx]|\d{15})(?![\dA-Za-z])")
_PHONE = re.compile(r"(?<!\d)(?P<id>(?:\+?86[-\s]?)?1[3-9]\d(?:[-\s]?\d{4}){2})(?!\d)")
_SPOKEN_PHONE = re.compile(rf"(?P<id>[幺一]{_SPOKEN}{{10}})(?!{_SPOKEN})")
_LANDLINE = re.compile(r"(?:电话|座机|号码)[是为：:\s]*(?P<id>0\d{2,3}[-\s]?\d{7,8}|\d{7,8})")
_BED = re.compile(
    r"(?P<id>(?:加|监)?\d{1,3}|(?<![临起上下开张病])[一二三四五六七八九十]{1,4})(?P<tail>号?床)(?!位|规模|的?医院|的?科室|左右|旁)"
)
_CAPACITY = re.compile(r"(?:有|共|到|设|开放|约|近|扩|增加?|规模|展开|编制|两)$")
_STAFF = re.compile(rf"(?:{_TITLES}|秘书|同事|药店|商务|我的?|他的?|她的?)[^，,。]{{0,6}}$")
_PATIENT = re.compile("患者|病人|病号|家属|老人|大爷|阿姨|老太太|岁")


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies a patient at `text[start:end]`, and what stands there after masking."""

    start: int
    end: int
    mask: str


def find_identities(text: str, roster: Roster) -> list[Identity]:
    """Everything that identifies a patient, in no particular order; may overlap."""
    found = [*_numbers(text), *_beds(text)]
    names = {hit for hit in _names(text, roster)}
    return [*found, *(one for name in sorted(names) for one in _everywhere(text, name))]


def _numbers(text: str) -> Iterator[Identity]:
    for shape in (_RECORD, _CITIZEN, _SPOKEN_PHONE):
        for hit in shape.finditer(text):
            if any(char.isdigit() or char in "幺〇零一二三四五六七八九两" for char in hit["id"]):
                yield Identity(*hit.span("id"), MASK)
    for shape in (_PHONE, _LANDLINE):
        for hit in shape.finditer(text):
            if not _is_staff(text, hit.start("id"), bare=shape is _PHONE):
                yield Identity(*hit.span("id"), MASK)


def _is_staff(text: str, place: int, *, bare: bool) -> bool:
    before = re.split("[。！？；;\n]", text[max(0, place - 20) : place])[-1]
    if _PATIENT.search(before):
        return False
    return not bare or bool(_STAFF.search(before.rstrip("电话手机号码是：: ")))


def _beds(text: str) -> Iterator[Identity]:
    for hit in _BED.finditer(text):
        if not _CAPACITY.search(text[: hit.start()]):
            yield Identity(*hit.span("id"), MASK)


def _names(text: str, roster: Roster) -> Iterator[str]:
    known = {word for c in roster.customers for word in (c.name, *c.aliases)} | set(
        roster.colleagues
    )
    for shape in (_NAMED, _AGED, _ELDER, *((_CALLED,) if _PATIENT.search(text) else ())):
        for hit in shape.finditer(text):
            name = next(word for key, word in hit.groupdict().items() if key != "cue" and word)
            after = text[hit.end() : hit.end() + 2]
            if name not in known and not re.match(_TITLES, after) and not re.search(_TITLES, name):
                yield name


def _everywhere(text: str, name: str) -> Iterator[Identity]:
    for hit in re.finditer(re.escape(name), text):
        before = text[: hit.start()]
        doubled = re.search(r"(?:患者|病人|病号|孕妇)$", before)
        yield Identity(hit.start(), hit.end(), "" if doubled else "患者")

"""What a rep adds to an adverse event: which details are known, and which one to ask next."""

import re
from dataclasses import dataclass

from bot.domain.numerals import parse_int

LONGEST_DETAIL = 120

_NUMBER = r"(?:\d{1,3}|[一二两三四五六七八九十百几]{1,4})"
_SEX = (
    r"(?:^|[，,、。；;：:\s（(]|患者|病人|[个位名例的是别岁])"
    r"[男女](?:$|[，,、。；;\s）)\d]|[一二三四五六七八九十]|性|的|患|病|孩|士)"
)
_WOMEN = "老太太|大妈|大娘|奶奶|阿姨|孕妇|产妇|姑娘|丫头|母亲|妈妈|岳母|丈母娘"
_MEN = "老爷子|老大爷|大爷|爷爷|大叔|老伯|老汉|老头|小伙|父亲|爸爸|岳父"
_SEX_BY_WORD = f"{_WOMEN}|{_MEN}"
_SEX_WORDS = (("女", _WOMEN), ("男", _MEN))
_AGE = (
    rf"{_NUMBER}[多来几]?岁|年龄[是为：:\s]*{_NUMBER}|年龄段"
    "|婴儿|幼儿|患儿|儿童|小孩|小朋友|[个名位](?:孩子|娃)"
)
_AGE_BY_WORD = "少年|青年|中年|老年|老人|年轻|老太太|大妈|大娘|奶奶|老爷子|大爷|爷爷|老伯|老汉|老头"
_OUTCOME = "好转|痊愈|恢复|缓解|消退|消失|退了|好了|还在|没好|未愈|住院|出院|去世|死亡|抢救"

_LEAD = (
    r"(?:(?:我|再|还要?|另外|要)*补充(?:一下|一点|信息)?[：:，,\s]*)?"
    r"(?:患者|病人|[他她]|这位|那位|[这那]个(?:患者|病人|人)?|后来|刚才|是|就是|一位|一?个|今年|大概|大约|约|\s)*"
)
_CONTENT = (
    r"(?:的?性别[是为：:\s]*)?[男女]的?(?=$|[，,、。；;\s\d]|[一二三四五六七八九十]|性|的|患|病|士)"
    rf"|(?:的?年龄段?[是为：:\s]*)?{_NUMBER}[多来几]?岁|年龄段?[是为：:\s]*{_NUMBER}"
    r"|(?:药品?的?)?批号"
    r"|(?:报告|上报)[人者]"
    r"|(?:现在|目前|已经|已|还|症状|皮疹)*(?:好转|痊愈|恢复|缓解|消退|退了|好了|出院|还在继续|住院过|没好)"
    r"|(?:停|换|减)了?药[^，。]{0,6}?(?:后|就|[，,])?[^，。]{0,3}(?:好转|痊愈|恢复|缓解|消退|好了|退了|没好)"
    r"|(?:又|已经?)?(?:转院|出院|转科|转到[^，。]{1,8}|回家)了"
)
_ELSEWHERE = (
    r"见[了到过]|拜访|[聊谈][了过]|碰到|遇到|[去到]了|答应|文献|主任问|医生问|[？?]|吗[。！]?$"
    r"|(?:吃|服|用|打)[了过完]?[^，。]{0,6}(?:后|之后|起|出)|另一[个位]|还有[个位]|又有|岁的[^，。]{1,4}(?:主任|医生|教授)"
)

DETAIL = rf"(?s)^(?=.{{1,{LONGEST_DETAIL}}}$)(?!.*(?:{_ELSEWHERE})){_LEAD}(?:{_CONTENT}).*$"
"""Words that can only go on with an adverse event: age, sex, batch, who reported, how it went."""

_DUTY = r"(?:药物?警戒|PV|pv|合规)?的?(?:值班)?(?:室|电话|热线|同事)?(?:那边|那里)?"
RETRACT = (
    r"^(?=.{1,60}$)(?:(?:我?想|我?要|请|麻烦|帮我)*(?:把)?"
    r"(?:撤回|撤销|撤消|删掉|删除|删了|取消|作废)(?:掉|一下)?[^，。]{0,10}不良(?:事件|反应)"
    r"|(?:把)?[^，。]{0,8}不良(?:事件|反应)[^，。]{0,6}"
    r"(?:撤回|撤销|撤消|删掉|删除|删了|取消|作废|[报听说搞弄看记]错)).*$"
)
"""「撤回刚才那条不良事件，我听错了」: asks that an event be taken back."""

MISTAKEN = re.compile(r"[报听说搞弄看记]错")

CALLED = (
    rf"^(?=.*[已打过了致])(?:我|刚刚?|都|就|[，,\s])*(?:已经?)?(?:给|跟|向)?{_DUTY}"
    rf"(?:已经?|都)*(?:打(?:过|了|完|好)*(?:值班)?电话|电话|致电)"
    rf"已?(?:打|联系|通知|报告?)?(?:过|了|完|好|通)*{_DUTY}[了啦。！!～~\s]*$"
)
"""「已电话」「电话打过了」: the duty line was called; a bare 「电话」 says nothing of the kind."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that is asked with buttons: its name, the question, the answers, and the words that
    tell it."""

    name: str
    question: str
    answers: tuple[str, ...]
    told: re.Pattern[str]


DETAILS = (
    Detail("性别", "患者是男是女？", ("男", "女"), re.compile(f"{_SEX}|{_SEX_BY_WORD}")),
    Detail(
        "年龄段",
        "患者大概多大？",
        ("儿童", "18–44", "45–64", "65以上"),
        re.compile(f"{_AGE}|{_AGE_BY_WORD}"),
    ),
    Detail("现在怎么样", "现在怎么样了？", ("还在继续", "已好转", "住院过"), re.compile(_OUTCOME)),
)
"""In the order they are asked."""


def next_detail(told: str) -> int | None:
    """The place in `DETAILS` of the first one that is not told yet; None when all are."""
    return next((n for n, d in enumerate(DETAILS) if not is_told(d, told)), None)


def is_told(detail: Detail, words: str) -> bool:
    """Whether the words, or an answer pressed earlier (「性别：男」), tell a detail."""
    return f"{detail.name}：" in words or detail.told.search(words) is not None


def identifies_patient(words: str) -> bool:
    """A patient is identifiable by sex or by age; 「有个患者」 is neither."""
    return any(is_told(detail, words) for detail in DETAILS[:2])


def contradicts(words: str, known: str) -> bool:
    """Whether words tell another sex or another age (ten years or more apart) than is known."""
    said, knew = _sexes(words), _sexes(known)
    if said and knew and not said & knew:
        return True
    ages = [(one, other) for one in _ages(words) for other in _ages(known)]
    return bool(ages) and all(abs(one - other) >= 10 for one, other in ages)


def _sexes(words: str) -> set[str]:
    found = {"女" if "女" in hit[0] else "男" for hit in re.finditer(_SEX, words)}
    found |= {sex for sex, told in _SEX_WORDS if re.search(told, words)}
    return found | {sex for sex in "男女" if f"性别：{sex}" in words}


def _ages(words: str) -> list[int]:
    found = re.findall(rf"({_NUMBER})[多来几]?岁", words)
    return [age for age in map(parse_int, found) if age is not None]


def adds_to_event(words: str) -> bool:
    """Whether words that were asked for can go on with an adverse event: no visit, no question."""
    elsewhere = re.search(r"见了|拜访|聊了|[？?]\s*$|吗[。！]?$", words)
    return 0 < len(words) <= 500 and elsewhere is None

"""The words that make a sentence an edit: verbs of change beside the name of a field."""

import re

FIELD = (
    r"(?:拜访)?(?:时长|日期|时间|方式|渠道|医院|地点|科室(?!会)|目的|目标"
    r"|要点|待办|原话|需求|档案|客户|协访|竞品)"
)
CHANGE = (
    r"(?:改成|改为|改到|改|换成|换到|换|应该是|应是|调到|设成|变成|推迟到|推到|挪到|延到|提前到)"
)
DROP = r"(?:删掉|删除|删了|删|去掉|不要了|不要|拿掉|取消)"
ADD = r"(?:加上|加一条|加一个|加个|加|再加一条|补一条|补充一条|增加一条)"

PATTERN = (
    rf"^(?:请|帮我|麻烦)?(?:把|将)?.{{0,14}}{FIELD}.{{0,6}}{CHANGE}.+"
    rf"|^(?:请|帮我)?{DROP}.{{0,8}}{FIELD}"
    rf"|^(?:把|将)?.{{0,8}}{FIELD}.{{0,4}}(?:都|全)?{DROP}"
    rf"|^{ADD}.{{0,3}}{FIELD}"
    r"|^(?:不是|不对|错了|说错了).{1,14}?[，, ]?(?:而|应该)?是.{1,14}$"
    r"|^目[的标](?:没有?|已经?|部分)?(?:达成|没达成|未达成|达到|没达到|未达到)"
    rf"|^{FIELD}(?:不对|错了|写错了|说错了|有误)[，, ]?.{{0,2}}是.{{1,14}}$"
    r"|^(?:原话|竞品|协访|目的|时长|科室|医院|方式)(?:应该)?是.{1,40}$"
    rf"|^(?:把|将)?.{{2,12}}那(?:条|次|个|张).{{0,8}}{CHANGE}.+"
    rf"|^(?:把|将)?第[一二两三四五\d](?:张|个).{{0,8}}{CHANGE}.+"
    r"|^(?:时长|日期|时间|方式)(?:是|为|：|:)?"
    r"(?:[\d一二两三四五六七八九十半今昨前上]|下午|面访|电话|线上|微信).{0,9}$"
    r"|^(?:改成|改为|改到).{1,14}$|^[\u4e00-\u9fff]{2,5}(?:改成|换成)[\u4e00-\u9fff]{2,5}$"
)

AWAY = (
    r"^(?:把|将)?(?:刚才|刚刚|上一?|这一?|那一?|最后一?|.{2,8}那)(?:条|张|次|个)(?:记录|拜访|卡片)?"
    r"(?:都)?(?:删掉|删了|删除|删|不要了|不要|取消|作废|去掉)(?:吧|了)?[。！!]?$"
)

_LOOSE = re.compile(rf"{CHANGE}|{DROP}|^{ADD}|^不是|^不对|^是|^应该|^目[的标]|没有?见到|没在")
_VALUE = re.compile(
    r"分钟|小时|钟头|一刻|今天|昨天|前天|上?周.|号|点|面访|电话|线上|微信|^[\u4e00-\u9fff]{2,4}$"
)
_CALLED = re.compile(r"^(?:已经?|都)?打?过?电话(?:已?打过|过)?了?$|^已(?:经)?电话")
_QUESTION = re.compile(r"[?？谁哪]|什么|怎么|多少|帮助|待办$|吗$")


def is_a_name(text: str) -> bool:
    """Whether words can only be the answer to 「是哪一位」: a name or 都不是, and no change."""
    said = text.strip(" 。.!！")
    if re.search(rf"{CHANGE}|{DROP}|分钟|确认|待办|帮助", said):
        return False
    return re.fullmatch(r"(?:就?是)?(?:都不是|[\u4e00-\u9fff]{2,6})", said) is not None


def looks_like_edit(text: str) -> bool:
    """Whether words after 「修改」 are meant for the card: short, with a change or a bare value."""
    bare = text.strip()
    if re.search(PATTERN, bare):
        return True
    if _QUESTION.search(bare) or _CALLED.search(bare):
        return False
    return (len(bare) <= 60 and bool(_LOOSE.search(bare))) or (
        len(bare) <= 10 and bool(_VALUE.search(bare))
    )

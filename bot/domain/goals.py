"""A goal for the next visit that can be seen to be reached; never sales, never volume (SY-08)."""

from typing import NamedTuple

from bot.domain.promises import shorten
from bot.domain.tiers import Segment

_BY_KIND = {
    "药师": "问出药学部眼下最关心的一个用药安全问题，约好哪天答复",
    "药店": "一起看一遍患者教育材料，问出店员最常被问到的一个问题",
    "采购": "核对一遍资质和供货材料，确认一件不缺",
    "研发伙伴": "问清课题现在卡在哪一步，定下下一步谁来做、哪天做完",
}
_BY_SEGMENT = {
    Segment.MAINTAIN: "请{ta}谈谈对「{topic}」最新证据的看法，定下下次交流的题目",
    Segment.WIN: "请{ta}说出一条真实的顾虑，约好用哪份已审批的资料来回应",
    Segment.ROUTINE: "问清上次的资料用得上哪一点，约好下次时间",
    Segment.WATCH: "围绕「{topic}」问出{ta}的一个具体问题",
}


class Aim(NamedTuple):
    """What a goal depends on: the customer's kind in Chinese, the most urgent open promise and need
    (already screened), and 他 or 她."""

    kind: str
    segment: Segment
    seen: bool
    promise: str | None
    need: str | None
    interest: str | None
    ta: str = "他"


def suggest_goal(aim: Aim) -> str:
    """One observable goal: what we owe comes first, then getting to know, then the relationship."""
    if aim.need:
        return f"给「{shorten(aim.need, 16)}」一个明确答复，听到{aim.ta}说行或不行"
    if aim.promise:
        return f"把答应的「{shorten(aim.promise, 16)}」办妥，听到{aim.ta}一句具体看法"
    if not aim.seen:
        return f"互相认识：问出{aim.ta}最关心的一件事，和方便见面的时间"
    if aim.kind in _BY_KIND:
        return _BY_KIND[aim.kind]
    topic = aim.interest or "眼下最棘手的临床问题"
    return _BY_SEGMENT[aim.segment].format(ta=aim.ta, topic=topic)

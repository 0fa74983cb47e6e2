"""Edits of the basics: day, start, length, channel, place, goal."""

import re
from collections.abc import Callable

from bot.domain.clock import say_day
from bot.domain.note import Channel, Outcome
from bot.domain.people import find_places
from bot.domain.when import Tense, find_clocks, find_lengths, parse_day
from bot.understanding.edits.model import Context, Edit
from bot.understanding.edits.wording import CHANGE

_Setter = Callable[[str, Context], Edit | None]

_NOT_BUT = re.compile(r"(?:不是|不对).{1,14}?[，, ]?(?:而|应该)?是(?P<value>.{1,14})$")
_CHANNELS = {
    Channel.WECHAT: ("微信", "视频号"),
    Channel.PHONE: ("电话",),
    Channel.ONLINE: ("线上", "腾讯会议", "网络"),
    Channel.FACE: ("面访", "当面", "面对面", "见面", "现场"),
}


def set_field(text: str, context: Context) -> Edit | None:
    """「时长改成三十分钟」: the field is named."""
    for words, setter in _SETTERS.items():
        match = re.search(
            rf"(?:{words})(?:是|有误|不对|错了)?[，,]?(?:{CHANGE}|是|为|：|:|(?=[\d一二两三四五六七八九十半今昨前上下面电线微]))(.+)$",
            text,
        )
        if match:
            edit = setter(match[1], context)
            if edit is not None:
                return edit
    return None


def set_bare_value(text: str, context: Context) -> Edit | None:
    """「三十分钟」, 「不是二十分钟是三十分钟」: the value alone tells which field it is."""
    match = _NOT_BUT.search(text)
    value = match["value"] if match else re.sub(rf"^(?:{CHANGE})", "", text)
    for setter in (_set_duration, _set_start, _set_channel, _set_day, _set_place):
        edit = setter(value, context)
        if edit is not None:
            return edit
    return None


def set_outcome(text: str, context: Context) -> Edit | None:
    """「目的没达成」."""
    match = re.search(r"目[的标](.{0,4}?)(?:达成|达到)", text)
    if match is None or re.search(CHANGE, text):
        return None
    said = match[1]
    outcome = Outcome.REACHED
    if "部分" in said or "一半" in said:
        outcome = Outcome.PARTLY
    elif "没" in said or "未" in said:
        outcome = Outcome.MISSED
    return context.edited(f"目的：{context.visit.outcome} → {outcome}", outcome=outcome)


def _set_duration(value: str, context: Context) -> Edit | None:
    lengths = find_lengths(value)
    if not lengths:
        return None
    minutes = lengths[-1].minutes
    before = context.visit.duration_minutes
    old = f"{before}分钟" if before else "未提及"
    return context.edited(f"时长：{old} → {minutes}分钟", duration_minutes=minutes)


def _set_start(value: str, context: Context) -> Edit | None:
    clocks = find_clocks(value)
    if not clocks:
        return None
    start = clocks[-1].at
    before = context.visit.start_time
    old = f"{before:%H:%M}" if before else "未提及"
    return context.edited(f"开始时间：{old} → {start:%H:%M}", start_time=start)


def _set_day(value: str, context: Context) -> Edit | None:
    day = parse_day(value, now=context.now, calendar=context.calendar, tense=Tense.PAST)
    if day is None or day > context.today:
        return None
    old = say_day(context.visit.visit_date, today=context.today)
    new = say_day(day, today=context.today)
    return context.edited(f"日期：{old} → {new}", visit_date=day, date_said=True)


def _set_channel(value: str, context: Context) -> Edit | None:
    for channel, words in _CHANNELS.items():
        if any(word in value for word in words):
            old = context.visit.channel or "未提及"
            return context.edited(f"方式：{old} → {channel}", channel=channel)
    return None


def _set_place(value: str, context: Context) -> Edit | None:
    places = find_places(value, context.roster)
    if not places:
        return None
    hospital = places[-1].hospital or context.visit.hospital
    department = places[-1].department or context.visit.department
    before = " ".join(filter(None, (context.visit.hospital, context.visit.department))) or "未提及"
    after = " ".join(filter(None, (hospital, department)))
    return context.edited(f"地点：{before} → {after}", hospital=hospital, department=department)


def _set_department(value: str, context: Context) -> Edit | None:
    """A department that the master data lacks is taken as it was said."""
    known = _set_place(value, context)
    if known is not None:
        return known
    said = value.strip()
    before = context.visit.department or "未提及"
    return context.edited(f"科室：{before} → {said}", department=said)


def _set_co_visitors(value: str, context: Context) -> Edit | None:
    names = [name for name in re.split(r"[、，,和]", value.strip()) if name]
    return context.edited(f"协访：{'、'.join(names)}", co_visitors=names)


def _set_goal(value: str, context: Context) -> Edit | None:
    goal = value.strip()
    return context.edited(f"目的：{context.visit.goal or '未提及'} → {goal}", goal=goal)


_SETTERS: dict[str, _Setter] = {
    "时长|时间长度|聊了|谈了": _set_duration,
    "开始时间|几点|时间": _set_start,
    "日期|时间|哪天": _set_day,
    "方式|渠道": _set_channel,
    "医院|地点": _set_place,
    "科室": _set_department,
    "目的|目标": _set_goal,
    "协访": _set_co_visitors,
}

"""The card of a visit note: one screen, only what was said, and one line for what was not."""

from collections.abc import Iterator
from datetime import date, time

from bot.domain.clock import say_day
from bot.domain.note import GroundedVisit, NextStep, Outcome
from bot.domain.timeliness import Timeliness

_POINTS_SHOWN = 6
_NOBODY = "未提及（没见到人就直接确认；见到了请说「客户是某某」）"
_LEVELS = {1: "一级", 2: "二级", 3: "三级"}


def card_text(visit: GroundedVisit, *, today: date, timeliness: Timeliness, title: str) -> str:
    """The whole card, at most one screen."""
    return "\n".join(
        [f"【{title}】", *_basics(visit, today), *_content(visit, today), *_rest(visit)]
    ) + _gently(timeliness)


def name_list(visit: GroundedVisit) -> str:
    """Who was met, known customers first, as people read it."""
    names = [customer.name for customer in visit.customers]
    names += [f"{question.mention}（待选）" for question in visit.ambiguous]
    names += [f"{person.name}（新）" for person in visit.new_people]
    return "、".join(names)


def say_step(step: NextStep, today: date) -> str:
    """A promise in one line: what, for whom, until when."""
    whom = f"（{step.customer}）" if step.customer and step.customer not in step.action else ""
    if step.due is not None:
        until = f" · {say_day(step.due, today=today)}"
    else:
        until = f" · {step.due_phrase}（没有算成日期）" if step.due_phrase else " · 没说期限"
    return f"{step.action}{whom}{until}"


def _basics(visit: GroundedVisit, today: date) -> Iterator[str]:
    when = [say_day(visit.visit_date, today=today), _clock(visit.start_time)]
    length = f"{visit.duration_minutes}分钟" if visit.duration_minutes else ""
    yield " ".join(part for part in [*when, visit.channel or "", length] if part)
    place = " ".join(part for part in (visit.hospital, visit.department) if part)
    if place:
        yield place
    who = name_list(visit)
    if who or not visit.absent:
        yield f"客户：{who or _NOBODY}"
    if visit.absent:
        yield f"未见到：{'、'.join(visit.absent)}"
    if visit.co_visitors:
        yield f"协访：{'、'.join(visit.co_visitors)}"


def _clock(start: time | None) -> str:
    return f"{start:%H:%M}" if start else ""


def _content(visit: GroundedVisit, today: date) -> Iterator[str]:
    if visit.goal:
        outcome = "" if visit.outcome == Outcome.NOT_SAID else f"（{visit.outcome}）"
        yield f"目的：{visit.goal}{outcome}"
    yield from _numbered(
        "要点", [point for point in visit.key_points if not _told_below(point, visit)]
    )
    for quote in visit.quotes:
        yield f"原话：{quote.speaker or '客户'}「{quote.text}」"
    if visit.competitors:
        yield f"竞品：{'；'.join(visit.competitors)}"
    yield from _numbered("待办", [say_step(step, today) for step in visit.next_steps])


def _rest(visit: GroundedVisit) -> Iterator[str]:
    for need in visit.needs:
        yield f"需求：{_LEVELS[need.level]} · {need.text}"
    for update in visit.profile_updates:
        yield f"档案：{update.customer} {update.field} · {update.value}"
    missing = list(_not_said(visit))
    if missing:
        yield f"未提及：{'、'.join(missing)}"


def _told_below(point: str, visit: GroundedVisit) -> bool:
    """Whether a point only repeats a quotation or a promise that has its own line."""
    if any(quote.text in point for quote in visit.quotes):
        return True
    return any(point in step.evidence or step.evidence in point for step in visit.next_steps)


def _numbered(title: str, lines: list[str]) -> Iterator[str]:
    if not lines:
        return
    if len(lines) == 1:
        yield f"{title}：{lines[0]}"
        return
    yield title
    for number, line in enumerate(lines[:_POINTS_SHOWN], start=1):
        yield f"  {number}. {line}"
    if len(lines) > _POINTS_SHOWN:
        yield f"  另有 {len(lines) - _POINTS_SHOWN} 条，已一并记下"


def _not_said(visit: GroundedVisit) -> Iterator[str]:
    fields = {
        "方式": visit.channel,
        "医院": visit.hospital,
        "时长": visit.duration_minutes,
        "目的": visit.goal,
    }
    return (name for name, value in fields.items() if value is None)


def _gently(timeliness: Timeliness) -> str:
    if timeliness == Timeliness.LATE:
        return "\n补记：离开已超过一小时，照常记下。下次出门就说一句，更省事。"
    return ""

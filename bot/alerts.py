"""Compliance flags of a dictation: stored at once, told to the rep and to whoever must know."""

from collections.abc import Iterator, Sequence

from sqlmodel import col, select

from bot.domain.clock import local_day, say_day, to_local
from bot.domain.note import Flag, FlagCode
from bot.messages import Reply
from bot.turn import Turn
from bot.understanding.screening import Advice, advise
from storage import audit
from storage.flags import ComplianceFlag
from storage.people import Person, Role

_SHOWN = 3


def raise_flags(turn: Turn, flags: Sequence[Flag], note_id: int | None) -> str:
    """Store the flags, notify, and return what the rep is told; empty when there are none.

    An adverse event starts its clock with the rep's message, before anything is confirmed (SY-02).
    """
    if not flags:
        return ""
    for flag in flags:
        _store(turn, flag, note_id)
    return "\n".join(_lines(turn, flags))


def _store(turn: Turn, flag: Flag, note_id: int | None) -> None:
    advice = advise(flag.code)
    row = ComplianceFlag(
        code=flag.code,
        rule_id=advice.rule_id,
        evidence=flag.evidence[:1000],
        note_id=note_id,
        message_id=turn.message_id,
        person_id=turn.me,
        raised_at=turn.now,
        day_zero=local_day(turn.now) if flag.code == FlagCode.ADVERSE_EVENT else None,
    )
    turn.session.add(row)
    turn.session.flush()
    audit.record(
        turn.session,
        at=turn.now,
        actor_id=turn.me,
        action="flag.raise",
        subject=f"flag:{row.id}",
        detail={"code": flag.code.value, "rule": advice.rule_id},
    )
    for login in _receivers(turn, advice):
        turn.push(login, Reply(_report(turn, flag, advice)))


def _receivers(turn: Turn, advice: Advice) -> list[str]:
    """Medical for medical questions, else compliance; the admin when nobody has that role."""
    if advice.notify is None:
        return []
    wanted = Role.MEDICAL if advice.notify == "medical" else Role.COMPLIANCE
    for role in (wanted, Role.ADMIN):
        people = select(Person.login).where(Person.role == role, col(Person.active))
        logins = list(turn.session.exec(people.order_by(Person.login)).all())
        if logins:
            return logins
    return []


def _report(turn: Turn, flag: Flag, advice: Advice) -> str:
    moment = to_local(turn.now)
    lines = [
        f"【{advice.title}】{turn.person.name} {say_day(moment.date())} {moment:%H:%M}",
        f"原文：「{flag.evidence}」",
    ]
    if flag.code == FlagCode.ADVERSE_EVENT:
        lines.append(f"第0天：{say_day(moment.date())}，从代表发出这条消息算起。")
    return "\n".join(lines)


def _lines(turn: Turn, flags: Sequence[Flag]) -> Iterator[str]:
    for flag in flags[:_SHOWN]:
        advice = advise(flag.code)
        told = "，已通知相关同事" if _receivers(turn, advice) else ""
        yield f"提醒：「{flag.evidence}」——{advice.title}{told}。"
        yield advice.reply
    if len(flags) > _SHOWN:
        yield f"另有 {len(flags) - _SHOWN} 处提醒，已一并登记。"

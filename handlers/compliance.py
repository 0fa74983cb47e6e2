"""合规提醒: what was flagged, for compliance to take up; and what a rep adds to an event."""

from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from bot.domain.clock import say_day, to_local
from bot.domain.errors import NotFoundError
from bot.domain.note import FlagCode
from bot.messages import Button, Reply
from bot.registry import capability, on_answer, on_press
from bot.turn import Turn
from bot.understanding.screening import advise, mask
from storage import audit
from storage.flags import ComplianceFlag, FlagStatus
from storage.people import Person, Role
from storage.rosters import roster_of

COMPLIANCE = frozenset({Role.COMPLIANCE})
_SHOWN = 5
_LONGEST = 500


@capability(
    command="/flags",
    title="合规提醒",
    example="合规提醒",
    words=("合规提醒", "不良事件", "未处理的提醒"),
    pattern=r"合规提醒|没处理的(提醒|不良事件)|未处理",
    roles=COMPLIANCE,
)
def open_flags(turn: Turn, __: object) -> list[Reply]:
    """The flags that nobody took up yet: adverse events first, then the oldest. Who looks at an
    adverse event is on the audit trail."""
    wanted = (
        select(ComplianceFlag, Person)
        .join(Person, col(Person.id) == ComplianceFlag.person_id)
        .where(ComplianceFlag.status == FlagStatus.OPEN)
        .order_by(
            (col(ComplianceFlag.code) != FlagCode.ADVERSE_EVENT),
            col(ComplianceFlag.raised_at),
            col(ComplianceFlag.id),
        )
    )
    waiting = list(turn.session.exec(wanted).all())
    if not waiting:
        return [Reply("没有未处理的合规提醒。")]
    cards = [_card(turn, flag, person) for flag, person in waiting[:_SHOWN]]
    for flag, _ in waiting[:_SHOWN]:
        if flag.code == FlagCode.ADVERSE_EVENT:
            _audit(turn, flag, "flag.view")
    if len(waiting) > _SHOWN:
        cards.append(Reply(f"另有 {len(waiting) - _SHOWN} 条，处理完这几条再发「合规提醒」。"))
    return cards


@on_press("flag.seen", roles=COMPLIANCE)
def take_up(turn: Turn, flag_id: int) -> Reply:
    """Compliance has seen it; the flag and its words stay for good."""
    flag = turn.session.get(ComplianceFlag, flag_id)
    if flag is None or flag.status != FlagStatus.OPEN:
        return Reply("这一条已经有人处理了。", card=f"flag:{flag_id}")
    flag.status = FlagStatus.ACKNOWLEDGED
    flag.acknowledged_by_id, flag.acknowledged_at = turn.me, turn.now
    turn.session.add(flag)
    _audit(turn, flag, "flag.acknowledge")
    return Reply(
        f"已登记由您处理：{advise(flag.code, flag.evidence).title}。", card=f"flag:{flag_id}"
    )


@on_press("event.more")
def ask_for_more(turn: Turn, flag_id: int) -> Reply:
    """The next words are added to the adverse event."""
    flag = _own_event(turn, flag_id)
    turn.ask("event.more", flag=flag.id)
    return Reply(
        "请说：患者年龄段和性别（不要姓名）、谁报告的、药品和批号、发生了什么、现在怎么样。"
        "知道多少说多少。"
    )


@on_answer("event.more", accepts=lambda text: 0 < len(text) <= _LONGEST)
def add_more(turn: Turn, text: str, about: dict[str, Any]) -> Reply:
    """Keep what the rep adds, masked, and pass it on to compliance."""
    flag = _own_event(turn, int(about["flag"]))
    said = mask(text, roster_of(turn.session, turn.person)).text
    flag.more = [*flag.more, said]
    turn.session.add(flag)
    turn.stop_asking()
    _audit(turn, flag, "flag.more")
    people = select(Person.login).where(Person.role == Role.COMPLIANCE, col(Person.active))
    for login in turn.session.exec(people.order_by(Person.login)).all():
        turn.push(login, Reply(f"【不良事件补充】{turn.person.name}：「{said}」"))
    return Reply(f"已补充到{say_day(flag.day_zero or turn.today)}的不良事件：「{said}」")


def _card(turn: Turn, flag: ComplianceFlag, person: Person) -> Reply:
    moment = to_local(flag.raised_at)
    title = advise(flag.code, flag.evidence).title
    lines = [
        f"【{title}】{person.name} {say_day(moment.date())} {moment:%H:%M}",
        f"原文：{flag.evidence}",
        *(f"补充：「{said}」" for said in flag.more),
    ]
    if flag.day_zero is not None:
        deadline = moment + timedelta(hours=turn.policy.adverse_event.report_hours)
        lines.append(
            f"第0天：{say_day(flag.day_zero)}，内部时限 {say_day(deadline.date())} {deadline:%H:%M}"
        )
    return Reply(
        "\n".join(lines),
        buttons=(Button("我来处理", f"flag.seen:{flag.id}"),),
        card=f"flag:{flag.id}",
    )


def _own_event(turn: Turn, flag_id: int) -> ComplianceFlag:
    """Raises NotFoundError when it is not an adverse event that this person told of."""
    flag = turn.session.get(ComplianceFlag, flag_id)
    if flag is None or flag.person_id != turn.me or flag.code != FlagCode.ADVERSE_EVENT:
        raise NotFoundError("没有找到这条不良事件。")
    return flag


def _audit(turn: Turn, flag: ComplianceFlag, action: str) -> None:
    audit.record(
        turn.session,
        at=turn.now,
        actor_id=turn.me,
        action=action,
        subject=f"flag:{flag.id}",
        detail={"code": flag.code.value},
    )

"""Compliance flags of a message: stored at once, told to the rep and to whoever must know."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.adverse import DETAILS, next_detail
from bot.domain.clock import local_day, say_day, to_local
from bot.domain.note import Flag, FlagCode
from bot.messages import Button, Reply
from bot.telling import Told, tell
from bot.turn import Turn
from bot.understanding.screening import Advice, advise, is_serious, missing_elements
from bot.understanding.screening.data import rules
from storage.flags import ComplianceFlag
from storage.people import Person, Role
from storage.rosters import roster_of

MEDICAL = "medical"
_LISTS = {
    Role.COMPLIANCE: "发「合规提醒」看全部未处理的。",
    Role.MEDICAL: "发「医学问题」看待处理的。",
}
_ELEMENTS = {
    "患者": "患者的年龄段或性别",
    "报告者": "谁报告的",
    "药品": "药品（有批号也请补上）",
    "事件": "发生了什么",
}


@dataclass(frozen=True, slots=True)
class Alert:
    """All that a message says about one code: one reminder, one row, one notice."""

    code: FlagCode
    evidence: tuple[str, ...]

    @property
    def words(self) -> str:
        """The exact words, quoted."""
        return "".join(f"「{said}」" for said in self.evidence)


def raise_flags(turn: Turn, flags: Sequence[Flag], note_id: int | None, text: str) -> list[Reply]:
    """Store the flags of a masked `text`, notify, and say to the rep what was found and what to do.

    An adverse event starts its clock with the rep's message, before anything is confirmed (SY-02).
    """
    replies = []
    for alert in group(flags):
        advice = advise(alert.code, alert.words)
        row = _store(turn, alert, advice, note_id)
        told = _notify(turn, alert, advice, row.id or 0)
        lines = [f"【合规提醒】{advice.title}：{alert.words}", advice.reply]
        buttons: tuple[Button, ...] = ()
        if alert.code == FlagCode.ADVERSE_EVENT:
            lines[1] += _duty_line(turn, alert.words)
            lines.append(_elements(turn, text) + (detail_question(text) or ""))
            buttons = ask_detail(row.id or 0, text)
        if told is not None:  # that nobody was stands before all that is to be done
            lines.insert(2 if told.reached else 1, _say_told(told, alert.code))
        replies.append(Reply("\n".join(line for line in lines if line), buttons))
    return replies


def group(flags: Sequence[Flag]) -> list[Alert]:
    """One alert per code, adverse events first; words inside a longer quotation are left out."""
    codes = sorted({flag.code for flag in flags}, key=lambda c: (c != FlagCode.ADVERSE_EVENT, c))
    return [Alert(code, tuple(_longest([f for f in flags if f.code == code]))) for code in codes]


def _longest(flags: Sequence[Flag]) -> Iterator[str]:
    said = list(dict.fromkeys(flag.evidence for flag in flags))
    return (one for one in said if not any(one != other and one in other for other in said))


def _store(turn: Turn, alert: Alert, advice: Advice, note_id: int | None) -> ComplianceFlag:
    row = ComplianceFlag(
        code=alert.code,
        rule_id=advice.rule_id,
        evidence=alert.words[:1000],
        note_id=note_id,
        message_id=turn.message_id,
        person_id=turn.me,
        raised_at=turn.now,
        day_zero=local_day(turn.now) if alert.code == FlagCode.ADVERSE_EVENT else None,
    )
    turn.session.add(row)
    turn.session.flush()
    turn.record(
        "flag.raise",
        f"flag:{row.id}",
        code=alert.code.value,
        rule=advice.rule_id,
        rule_version=advice.version,
    )
    return row


def _notify(turn: Turn, alert: Alert, advice: Advice, flag_id: int) -> Told | None:
    """Tell whoever must know; None when the rule names nobody."""
    if advice.notify is None:
        return None
    role = Role.MEDICAL if advice.notify == MEDICAL else Role.COMPLIANCE
    report = _report(turn, alert, advice)
    return tell(turn, role, lambda person: _for(person, report, advice, flag_id))


def _say_told(told: Told, code: FlagCode) -> str:
    """Who was told, and who was not."""
    names = "、".join(f"{one.name}（{one.role.label}）" for one in told.reached)
    left_out = told.left_out("通知", urgent=code == FlagCode.ADVERSE_EVENT)
    return "。".join(part for part in (f"已通知：{names}" if names else "", left_out) if part)


def add_to_event(
    turn: Turn, flag: ComplianceFlag, said: str, *, quoted: str, action: str = "flag.more"
) -> str:
    """Keep masked words on an adverse event, put on the trail that there are some, and pass them on
    with the event's own words `quoted`; gives what to say about that."""
    flag.more = [*flag.more, said]
    turn.session.add(flag)
    turn.record(action, f"flag:{flag.id}", code=flag.code.value)
    day = say_day(flag.day_zero or turn.today)
    words = f"【不良事件补充】{turn.person.name}（第0天 {day}，{quoted}）：「{said}」"
    told = tell(turn, Role.COMPLIANCE, lambda _: Reply(words))
    names = "、".join(person.name for person in told.reached)
    return (f"已转告{names}。" if names else "") + told.left_out("转告", urgent=True)


def routed_to(whom: str) -> frozenset[str]:
    """The ids of the rules whose flags go to `whom`, as the rule data names it."""
    return frozenset(rule.id for rule in rules() if rule.notify == whom)


def _report(turn: Turn, alert: Alert, advice: Advice) -> str:
    moment = to_local(turn.now)
    lines = [
        f"【{advice.title}】{turn.person.name} {say_day(moment.date())} {moment:%H:%M}",
        f"原文：{alert.words}",
    ]
    if alert.code == FlagCode.ADVERSE_EVENT:
        lines.append(f"第0天：{say_day(moment.date())}，从代表发出这条消息算起。")
    return "\n".join(lines)


def _for(receiver: Person, report: str, advice: Advice, flag_id: int) -> Reply:
    """The report with a button, for those who take such things up; only read by others."""
    if receiver.role not in _LISTS:
        return Reply(report)
    return Reply(
        f"{report}\n{_LISTS[receiver.role]}",
        (Button("由我处理", f"flag.seen:{flag_id}"),),
        card=f"flag:{flag_id}",
        title=f"谁来处理？{advice.title}",
    )


def detail_question(told: str) -> str | None:
    """The one detail of an adverse event to ask next; None when all that has buttons is told."""
    place = next_detail(told)
    return None if place is None else f"方便的话选一下：{DETAILS[place].question}"


def ask_detail(flag_id: int, told: str) -> tuple[Button, ...]:
    """The answers to that question, and a button for everything else."""
    place = next_detail(told)
    answers = DETAILS[place].answers if place is not None else ()
    buttons = [Button(a, f"event.detail:{flag_id}:{place}:{n}") for n, a in enumerate(answers)]
    return (*buttons, Button("补充不良事件", f"event.more:{flag_id}"))


def _duty_line(turn: Turn, words: str) -> str:
    """Whom to call about a serious event, and what to say afterwards; never a made-up number."""
    if not is_serious(words):
        return ""
    phone = turn.policy.adverse_event.duty_phone
    number = f"值班电话：{phone}。" if phone else "不知道号码就问合规同事。"
    return f"{number}打过以后发「已电话」。"


def _elements(turn: Turn, text: str) -> str:
    """Day 0, and which of the four elements the words leave out."""
    day = say_day(turn.today, today=turn.today)
    missing = missing_elements(text, roster_of(turn.session, turn.person))
    return f"第0天：{day}。{say_missing(missing) or '四要素齐了。'}"


def say_missing(elements: Sequence[str]) -> str:
    """Which of the four elements are still to be told; nothing when all are."""
    return f"还缺：{'、'.join(_ELEMENTS[one] for one in elements)}。" if elements else ""

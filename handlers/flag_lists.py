"""How compliance flags are shown: a page of what waits, what one took up, one in full."""

from datetime import datetime, timedelta

from bot.alerts import MEDICAL, routed_to
from bot.domain.clock import say_day, to_local
from bot.domain.errors import NotFoundError
from bot.domain.note import FlagCode
from bot.domain.promises import shorten
from bot.messages import Button, Reply
from bot.turn import Turn
from bot.understanding.screening import advise, is_serious
from bot.understanding.screening.spans import sentences
from storage.flags import ComplianceFlag, FlagStatus, flags_by_urgency
from storage.messages import Message
from storage.people import Person, Role

REVIEWING = frozenset({Role.COMPLIANCE, Role.MEDICAL})
PAGE = 5
SHOWN = "flag.list"
CLOSING = "flag.close"
OUTCOME = "结果："
_LATEST_CLOSED = 3
_WORDS = 80
_SENTENCES = 160

Waiting = list[tuple[ComplianceFlag, Person]]


def waiting(turn: Turn) -> Waiting:
    """What nobody took up yet, as far as this person may see it: serious adverse events first,
    then adverse events, then the rest, each by age."""
    found = flags_by_urgency(turn.session, FlagStatus.OPEN, rule_ids=_scope(turn))
    return _serious_first(found)


def page(turn: Turn, number: int) -> Reply:
    """One page of what waits, numbered through, with a button for each."""
    found, what = waiting(turn), _what(turn)
    if not found:
        text = f"没有未处理的{what}。"
        return Reply(text, (Button("我处理的", "flag.mine"),), card="flags")
    last = (len(found) - 1) // PAGE
    number = min(max(number, 0), last)
    first = number * PAGE
    shown = list(enumerate(found[first : first + PAGE], first + 1))
    turn.ask(SHOWN, ids=[flag.id for flag, _ in found], page=number)
    for _, (flag, _) in shown:
        _note_view(turn, flag)
    pages = f"（第 {number + 1}/{last + 1} 页）" if last else ""
    lines = [f"未处理的{what}共 {len(found)} 条{pages}"]
    lines += [f"{place}. {_entry(turn, *entry)}" for place, entry in shown]
    buttons = [Button(f"处理 {place}", f"flag.seen:{flag.id}") for place, (flag, _) in shown]
    return Reply("\n".join(lines), (*buttons, *_turning(number, last)), card="flags")


def mine(turn: Turn) -> Reply:
    """What this person took up: still open ones numbered, then how the latest ones ended."""
    found = _serious_first(
        flags_by_urgency(
            turn.session, FlagStatus.ACKNOWLEDGED, rule_ids=_scope(turn), taken_by=turn.me
        )
    )
    closed = flags_by_urgency(
        turn.session, FlagStatus.CLOSED, rule_ids=_scope(turn), taken_by=turn.me
    )
    turn.ask(SHOWN, ids=[flag.id for flag, _ in found])
    shown = list(enumerate(found[:PAGE], 1))
    for _, (flag, _) in shown:
        _note_view(turn, flag)
    lines = [f"我处理的：在办 {len(found)} 条，已关闭 {len(closed)} 条"]
    lines += [f"{place}. {_entry(turn, *entry)}" for place, entry in shown]
    lines += [f"……另有 {len(found) - PAGE} 条在办"] if len(found) > PAGE else []
    latest = sorted(closed, key=lambda one: one[0].raised_at, reverse=True)[:_LATEST_CLOSED]
    lines += [f"· 已关闭：{_title(flag)} {who.name} {outcome_of(flag)}" for flag, who in latest]
    can_close = turn.person.role == Role.COMPLIANCE
    buttons = [Button(f"关闭 {n}", f"flag.close:{flag.id}") for n, (flag, _) in shown if can_close]
    return Reply("\n".join(lines), tuple(buttons), card="flags.mine")


def full(turn: Turn, flag: ComplianceFlag) -> str:
    """One flag with all its words."""
    return _told(turn, flag, turn.session.get_one(Person, flag.person_id), flag.evidence)


def outcome_of(flag: ComplianceFlag) -> str:
    """How it ended, with who and when; empty while it is open."""
    return next((said for said in reversed(flag.more) if said.startswith(OUTCOME)), "")


def shown_ids(turn: Turn) -> list[int]:
    """The list that was shown last, by its numbers; what waits when none was shown lately."""
    asked = turn.asked
    if asked is not None and asked.question in {SHOWN, CLOSING}:
        return list(asked.about.get("ids") or ())
    return [flag.id or 0 for flag, _ in waiting(turn)]


def shown_page(turn: Turn) -> int:
    """The page that was shown last; -1 when none was."""
    asked = turn.asked
    shown = asked.about.get("page") if asked is not None and asked.question == SHOWN else None
    return -1 if shown is None else int(shown)


def flag_of(turn: Turn, flag_id: int) -> ComplianceFlag:
    """A flag that this person may see. Raises NotFoundError."""
    flag, scope = turn.session.get(ComplianceFlag, flag_id), _scope(turn)
    if flag is None or (scope is not None and flag.rule_id not in scope):
        raise NotFoundError("没有找到这一条，发「合规提醒」看看现在的。")
    return flag


def audit_flag(turn: Turn, flag: ComplianceFlag, action: str) -> None:
    """What was done with a flag goes on the trail, without its words."""
    turn.record(action, f"flag:{flag.id}", code=flag.code.value)


def say_overdue(deadline: datetime, now: datetime) -> str:
    """「已超时 3 小时」, in minutes below an hour; empty before the deadline."""
    late = int((now - deadline).total_seconds() // 60)
    if late < 1:
        return ""
    return f"，已超时 {late} 分钟" if late < 60 else f"，已超时 {late // 60} 小时"


def _scope(turn: Turn) -> frozenset[str] | None:
    """The rules whose flags this person sees: medical those routed to medical, compliance all."""
    return routed_to(MEDICAL) if turn.person.role == Role.MEDICAL else None


def _what(turn: Turn) -> str:
    return "医学问题" if turn.person.role == Role.MEDICAL else "合规提醒"


def _note_view(turn: Turn, flag: ComplianceFlag) -> None:
    if flag.code == FlagCode.ADVERSE_EVENT:
        audit_flag(turn, flag, "flag.view")


def _serious_first(found: Waiting) -> Waiting:
    return sorted(found, key=lambda entry: not _is_serious_event(entry[0]))


def _is_serious_event(flag: ComplianceFlag) -> bool:
    words = "\n".join([flag.evidence, *flag.more])
    return flag.code == FlagCode.ADVERSE_EVENT and is_serious(words)


def _entry(turn: Turn, flag: ComplianceFlag, person: Person) -> str:
    whole = _sentences_of(turn, flag) if flag.code == FlagCode.ADVERSE_EVENT else ""
    return _told(turn, flag, person, whole or shorten(flag.evidence, _WORDS))


def _sentences_of(turn: Turn, flag: ComplianceFlag) -> str:
    """The whole sentences that the evidence stands in, which name the drug as well; empty when the
    message is not there."""
    message = turn.session.get(Message, flag.message_id) if flag.message_id else None
    quoted = flag.evidence.strip("「」").split("」「")
    holding = (
        sentence.words.strip()
        for sentence in sentences(message.body if message else "")
        if any(one in sentence.words or sentence.words in one for one in quoted)
    )
    words = "".join(f"「{one}」" for one in holding)
    return shorten(words, _SENTENCES)


def _told(turn: Turn, flag: ComplianceFlag, person: Person, words: str) -> str:
    moment = to_local(flag.raised_at)
    lines = [
        f"【{_title(flag)}】{person.name} {say_day(moment.date())} {moment:%H:%M}",
        f"原文：{words}",
        *(f"补充：「{said}」" for said in flag.more),
    ]
    if flag.day_zero is not None:
        deadline = moment + timedelta(hours=turn.policy.adverse_event.report_hours)
        late = say_overdue(deadline, turn.now)
        until = f"{say_day(deadline.date())} {deadline:%H:%M}"
        lines.append(f"第0天：{say_day(flag.day_zero)}，内部时限 {until}{late}")
    return "\n".join(lines)


def _title(flag: ComplianceFlag) -> str:
    return advise(flag.code, flag.evidence).title


def _turning(number: int, last: int) -> list[Button]:
    back = [Button("上一页", f"flag.page:{number - 1}")] if number > 0 else []
    on = [Button("下一页", f"flag.page:{number + 1}")] if number < last else []
    return [*back, *on]

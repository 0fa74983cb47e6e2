"""What a rep adds to an adverse event: details in words or by button, and 「已电话」."""

import re
from datetime import timedelta
from typing import Any

from bot.alerts import ask_detail, detail_question, receivers_of
from bot.arguments import STALE
from bot.domain.adverse import CALLED, DETAIL, DETAILS, adds_to_event
from bot.domain.clock import say_day, to_local
from bot.domain.errors import NotFoundError, StaleCardError
from bot.domain.note import FlagCode
from bot.messages import Reply
from bot.registry import WordsSlots, capability, on_answer, on_press
from bot.turn import Turn
from bot.understanding.screening import advise, is_serious, mask
from handlers.visit_notes import DICTATING
from storage.flags import ComplianceFlag, newest_event
from storage.messages import Message
from storage.people import Role
from storage.rosters import roster_of

RECENT = timedelta(hours=48)
_ASKS_TO_ADD = r"^(?:我?要|想)?(?:补充|报告?|登记)?(?:一下|一个)?不良事件[。！]?$"
_CALLED = "已电话药物警戒值班"
_NONE = (
    "您这两天没有报过不良事件，所以没有记。要报的话，把事情说一句就行，"
    "例如「有个患者吃了药起皮疹，女，六十多岁」。"
)


@capability(
    command="/called",
    title="已打值班电话",
    example="已电话",
    pattern=CALLED,
    roles=DICTATING,
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def called_duty_line(turn: Turn, _: WordsSlots) -> Reply:
    """Keep when the duty line was called about the newest adverse event, and tell compliance."""
    flag = _newest(turn)
    if any(_CALLED in said for said in flag.more):
        return Reply(f"已经记过了：{_last_call(flag)}。")
    moment = to_local(turn.now)
    day = "" if flag.day_zero == moment.date() else f"{say_day(moment.date())} "
    said = f"{day}{moment:%H:%M} {_CALLED}"
    passed_on = _add(turn, flag, said, "flag.called")
    return Reply(f"记下了：{said}。{passed_on}")


@capability(
    command="/event",
    title="补充不良事件",
    example="女，六十多岁，批号A123",
    pattern=rf"{DETAIL}|{_ASKS_TO_ADD}",
    roles=DICTATING,
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def add_details(turn: Turn, slots: WordsSlots) -> Reply:
    """Details that were typed without pressing anything go to the newest adverse event."""
    flag = _newest(turn)
    if not slots.words.strip() or re.search(_ASKS_TO_ADD, slots.words):
        return _ask(turn, flag)
    return _keep(turn, flag, slots.words)


@on_press("event.more", roles=DICTATING)
def ask_for_more(turn: Turn, flag_id: int) -> Reply:
    """The next words are added to the adverse event."""
    return _ask(turn, _own_event(turn, flag_id))


@on_answer("event.more", accepts=adds_to_event, over_dictation=True)
def add_more(turn: Turn, text: str, about: dict[str, Any]) -> Reply:
    """Keep what the rep adds, masked, and pass it on to compliance."""
    turn.stop_asking()
    return _keep(turn, _own_event(turn, int(about["flag"])), text)


@on_press("event.detail", roles=DICTATING)
def press_detail(turn: Turn, flag_id: int, place: int, answer: int) -> Reply:
    """One detail by button; the next one is asked, and a rep may stop at any time."""
    flag = _own_event(turn, flag_id)
    if not (0 <= place < len(DETAILS) and 0 <= answer < len(DETAILS[place].answers)):
        raise StaleCardError(STALE)
    detail = DETAILS[place]
    said = f"{detail.name}：{detail.answers[answer]}"
    passed_on = _add(turn, flag, said, "flag.more") if said not in flag.more else ""
    return _asking_on(turn, flag, f"记下了：{said}。{passed_on}")


def _ask(turn: Turn, flag: ComplianceFlag) -> Reply:
    turn.ask("event.more", flag=flag.id)
    return Reply(
        "请说还知道的：年龄段、性别、批号、谁报告的、现在怎么样。说一样也行，不要患者姓名。"
    )


def _keep(turn: Turn, flag: ComplianceFlag, words: str) -> Reply:
    bare = re.sub(r"^补充(?:一下)?[：:，,\s]*", "", words)
    said = mask(bare, roster_of(turn.session, turn.person)).text
    passed_on = _add(turn, flag, said, "flag.more")
    day = say_day(flag.day_zero or turn.today)
    lines = [f"已补充到{day}的不良事件：「{said}」。{passed_on}"]
    if is_serious(said) and not is_serious(flag.evidence):
        lines.append(advise(flag.code, said).reply)
    return _asking_on(turn, flag, "\n".join(lines))


def _asking_on(turn: Turn, flag: ComplianceFlag, done: str) -> Reply:
    """What was done, and the next question if there is one."""
    message = turn.session.get(Message, flag.message_id) if flag.message_id else None
    told = "\n".join([message.body if message else flag.evidence, *flag.more])
    question = detail_question(told)
    buttons = ask_detail(flag.id or 0, told) if question else ()
    return Reply("\n".join(line for line in (done, question) if line), buttons, card=_card(flag))


def _add(turn: Turn, flag: ComplianceFlag, said: str, action: str) -> str:
    """Keep the words on the event, put on the trail that there are some, and pass them on; gives
    what to say about that."""
    flag.more = [*flag.more, said]
    turn.session.add(flag)
    turn.record(action, f"flag:{flag.id}", code=flag.code.value)
    day = say_day(flag.day_zero or turn.today)
    told = Reply(f"【不良事件补充】{turn.person.name}（第0天 {day}）：「{said}」")
    receivers = receivers_of(turn, Role.COMPLIANCE)
    for person in receivers:
        turn.push(person.login, told)
    names = "、".join(person.name for person in receivers)
    return f"已转告{names}。" if names else ""


def _last_call(flag: ComplianceFlag) -> str:
    return next(said for said in reversed(flag.more) if _CALLED in said)


def _card(flag: ComplianceFlag) -> str:
    return f"event:{flag.id}"


def _newest(turn: Turn) -> ComplianceFlag:
    """The adverse event that this person told of last. Raises NotFoundError after two days."""
    flag = newest_event(turn.session, turn.me, since=turn.now - RECENT)
    if flag is None:
        raise NotFoundError(_NONE)
    return flag


def _own_event(turn: Turn, flag_id: int) -> ComplianceFlag:
    """Raises NotFoundError when it is not an adverse event that this person told of."""
    flag = turn.session.get(ComplianceFlag, flag_id)
    if flag is None or flag.person_id != turn.me or flag.code != FlagCode.ADVERSE_EVENT:
        raise NotFoundError("没有找到这条不良事件。")
    return flag

"""What a rep adds to an adverse event: details in words or by button, and 「已电话」."""

import re
from typing import Any

from bot.alerts import add_to_event, ask_detail, detail_question
from bot.arguments import STALE
from bot.domain.adverse import (
    CALLED,
    DETAIL,
    DETAILS,
    MISTAKEN,
    RETRACT,
    adds_to_event,
    contradicts,
)
from bot.domain.clock import say_day, to_local
from bot.domain.errors import NotFoundError, StaleCardError
from bot.domain.note import FlagCode
from bot.messages import Button, Reply
from bot.registry import Said, WordsSlots, capability, on_answer, on_press
from bot.turn import Turn
from bot.understanding.screening import advise, is_serious, mask
from handlers.visit_notes import DICTATING
from handlers.which_event import (
    ABOUT,
    WHICH,
    ask_which,
    event_meant,
    is_own_case,
    newest,
    quote_event,
    raise_new,
    say_event,
    told,
)
from storage.flags import ComplianceFlag, raised_codes
from storage.rosters import roster_of

_ASKS_TO_ADD = r"^(?:我?要|想)?(?:补充|报告?|登记)?(?:一下|一个)?不良事件[。！]?$"
_CALLED = "已电话药物警戒值班"


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
    flag = newest(turn)
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
def add_details(turn: Turn, slots: WordsSlots) -> Said:
    """Details that were typed without pressing anything go to the adverse event that they fit; a
    harm with a product of its own is another case."""
    words = slots.words.strip()
    if turn.message_id and FlagCode.ADVERSE_EVENT in raised_codes(turn.session, turn.message_id):
        return []
    if not words or re.search(_ASKS_TO_ADD, words):
        return _ask(turn, newest(turn))
    if is_own_case(turn, words):
        return raise_new(turn, words)
    flag = event_meant(turn, words)
    return _keep(turn, flag, words) if flag else ask_which(turn, words)


@on_press("event.to", roles=DICTATING)
def press_which(turn: Turn, flag_id: int) -> Reply:
    """The words go to this event, and what comes next as well."""
    flag, words = _own_event(turn, flag_id), _asked_words(turn)
    turn.ask(ABOUT, flag=flag.id)
    return _keep(turn, flag, words)


@on_press("event.new", roles=DICTATING)
def press_new(turn: Turn) -> list[Reply]:
    """The words are a case of their own."""
    words = _asked_words(turn)
    turn.stop_asking()
    return raise_new(turn, words)


@capability(
    command="/retract",
    title="撤回不良事件",
    example="撤回刚才那条不良事件，我听错了",
    pattern=RETRACT,
    roles=DICTATING,
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def retract(turn: Turn, slots: WordsSlots) -> Reply:
    """An adverse event is never deleted: compliance is told what the rep says, and decides."""
    flag = newest(turn)
    said = "代表说听错了" if "听错" in slots.words else "代表想撤回这一件"
    if MISTAKEN.search(slots.words) and "听错" not in slots.words:
        said = "代表说报错了"
    passed_on = _add(turn, flag, said, "flag.retract")
    return Reply(
        f"不良事件报了就不能删除，由合规来判断。已在{say_event(flag)}上补充「{said}」。{passed_on}",
        (Button("补充不良事件", f"event.more:{flag.id}"),),
        card=_card(flag),
    )


@on_press("event.more", roles=DICTATING)
def ask_for_more(turn: Turn, flag_id: int) -> Reply:
    """The next words are added to the adverse event."""
    return _ask(turn, _own_event(turn, flag_id))


@on_answer("event.more", accepts=adds_to_event, over_dictation=True)
def add_more(turn: Turn, text: str, about: dict[str, Any]) -> Said:
    """Keep what the rep adds, masked, and pass it on to compliance; a harm with another product is
    a case of its own."""
    turn.stop_asking()
    flag = _own_event(turn, int(about["flag"]))
    if is_own_case(turn, text, flag):
        return raise_new(turn, text)
    if contradicts(text, told(turn, flag)):
        return ask_which(turn, text)
    return _keep(turn, flag, text)


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
    bare = re.sub(r"^(?:我?再)?补充(?:一下)?[：:，,\s]*", "", words)
    said = mask(bare, roster_of(turn.session, turn.person)).text
    passed_on = _add(turn, flag, said, "flag.more")
    lines = [f"已补充到{say_event(flag)}：「{said}」。{passed_on}"]
    if is_serious(said) and not is_serious(flag.evidence):
        lines.append(advise(flag.code, said).reply)
    return _asking_on(turn, flag, "\n".join(lines))


def _asking_on(turn: Turn, flag: ComplianceFlag, done: str) -> Reply:
    """What was done, and the next question if there is one."""
    known = told(turn, flag)
    question = detail_question(known)
    buttons = ask_detail(flag.id or 0, known) if question else ()
    return Reply("\n".join(line for line in (done, question) if line), buttons, card=_card(flag))


def _add(turn: Turn, flag: ComplianceFlag, said: str, action: str) -> str:
    """Keep the words on the event, put on the trail that there are some, and pass them on; gives
    what to say about that."""
    return add_to_event(turn, flag, said, quoted=quote_event(flag), action=action)


def _last_call(flag: ComplianceFlag) -> str:
    return next(said for said in reversed(flag.more) if _CALLED in said)


def _card(flag: ComplianceFlag) -> str:
    return f"event:{flag.id}"


def _asked_words(turn: Turn) -> str:
    """The words of 「这是补充哪一件？」. Raises StaleCardError when the conversation went on."""
    asked = turn.asked
    if asked is None or asked.question != WHICH:
        raise StaleCardError(STALE)
    return str(asked.about["words"])


def _own_event(turn: Turn, flag_id: int) -> ComplianceFlag:
    """Raises NotFoundError when it is not an adverse event that this person told of."""
    flag = turn.session.get(ComplianceFlag, flag_id)
    if flag is None or flag.person_id != turn.me or flag.code != FlagCode.ADVERSE_EVENT:
        raise NotFoundError("没有找到这条不良事件。")
    return flag

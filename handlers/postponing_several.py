"""推迟待办, several at once: 「张主任那两条都推到月底」, asked about before they are moved."""

from datetime import date
from typing import Any

from bot.domain.clock import say_day, to_local
from bot.domain.errors import StaleCardError, UserError
from bot.domain.postponing import new_days
from bot.domain.promises import shorten
from bot.domain.todos import Todo, remind_day
from bot.messages import Button, Reply
from bot.registry import WordsSlots, capability, on_press
from bot.turn import Turn
from handlers.todo_lists import SHOWN, list_button, todo_list
from handlers.which_todo import own
from handlers.whom import find_whom
from storage.next_steps import NextStep, StepStatus
from storage.todos import move_step, open_todos

_ASKED = "todo.moveall"
_MOST_LINES = 10
_SEVERAL = (
    r"^(?!.*第)(?:把|将)?[^，。,！？?]{1,14}?(?:(?:[那这][两二三四五几\d]|两)[条件个](?:待办)?(?:都|全部?)?"
    r"|[的]?(?:待办|几条)?(?:都|全部?))"
    r"(?:往后)?(?:推迟|延后|延期|改期|推|挪|改|延|缓)[到至成]?[^，。,！？?]{1,12}[。！]?$"
)


@capability(
    command="/postpone-several",
    title="推迟几条待办",
    example="李主任那两条都推到月底",
    pattern=_SEVERAL,
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def postpone_several(turn: Turn, slots: WordsSlots) -> Reply:
    """Ask before all promises to a customer, or all that are open, get another day."""
    day = _day(turn, slots.words)
    whom = find_whom(turn, slots.words)
    customers = {each.id for each in whom.customers}
    found = open_todos(turn.session, turn.me)
    if customers or whom.mention:
        found = [todo for todo in found if todo.customer_id in customers]
    if not found:
        return todo_list(turn, 0)
    turn.ask(_ASKED, ids=[todo.id for todo in found], day=day.isoformat())
    lines = [f"这 {len(found)} 条都推迟到{say_day(day, today=turn.today)}吗？", *_shown(found)]
    return Reply("\n".join(lines), (Button("都推迟", _ASKED), Button("取消", "todo.keep")))


@on_press("todo.moveall")
def press_all(turn: Turn) -> Reply:
    """都推迟: move those that were on the card."""
    about = _about(turn, _ASKED)
    day = date.fromisoformat(about["day"])
    steps = [step for step in (own(turn, each) for each in about["ids"]) if _is_open(step)]
    before = [[step.id, step.due_on.isoformat() if step.due_on else None] for step in steps]
    for step in steps:
        _write(turn, step, day)
    undo = Button("撤销", "todo.unmoveall")
    turn.ask(SHOWN, moved=before, undo=undo.id)
    said = say_day(day, today=turn.today)
    return Reply(f"改好了：{len(steps)} 条推迟到{said}。", (undo, list_button()))


@on_press("todo.unmoveall")
def press_back(turn: Turn) -> Reply:
    """Take 都推迟 back: each gets the day that it had."""
    moved = _about(turn, SHOWN).get("moved") or []
    for step_id, day in moved:
        _write(turn, own(turn, step_id), date.fromisoformat(day) if day else None)
    turn.stop_asking()
    return Reply(f"{len(moved)} 条改回原来的日子了。", (list_button(),))


def _day(turn: Turn, words: str) -> date:
    """The one day that was said. Raises UserError."""
    days = new_days(words, None, now=to_local(turn.now), calendar=turn.calendar)
    if len(days) != 1 or days[0] < turn.today:
        raise UserError("都推迟到哪天？请说一个以后的日子，例如「李主任那两条都推到下周五」。")
    return days[0]


def _shown(found: list[Todo]) -> list[str]:
    more = [f"……一共 {len(found)} 条"] if len(found) > _MOST_LINES else []
    return [*(f"· {shorten(each.action, 24)}" for each in found[:_MOST_LINES]), *more]


def _about(turn: Turn, question: str) -> dict[str, Any]:
    asked = turn.asked
    if asked is None or asked.question != question:
        raise StaleCardError("这张卡片过期了，发「待办」看看现在的。")
    return dict(asked.about)


def _is_open(step: NextStep) -> bool:
    return step.status == StepStatus.OPEN


def _write(turn: Turn, step: NextStep, day: date | None) -> None:
    remind = remind_day(day, turn.today, turn.calendar) if day else None
    move_step(turn.session, step, due=day, remind=remind, at=turn.now)

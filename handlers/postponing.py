"""推迟待办: another due day, by button or in words; never a day that is past."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from bot.domain.clock import say_day, to_local
from bot.domain.numerals import NUMERAL_CHARS
from bot.domain.postponing import new_days, without_days
from bot.domain.todos import number_said, remind_day
from bot.messages import Button, Reply
from bot.registry import WordsSlots, capability, on_answer, on_press
from bot.turn import Turn
from handlers.todo_lists import SHOWN, keep_list, list_button, say_todo, shown_ids, todo_list
from handlers.which_todo import Action, one_meant, own
from storage.next_steps import NextStep, StepStatus
from storage.todos import move_step

_LATER = (
    r"^(?!.*(?:[那这][两二三四五几\d]条都?|两条都?|都)(?:往后)?[推延改挪缓])(?:(?:把|将)?[^，。,！？?]{0,24}?(?:推迟|延后|延期|改期|往后推|缓)(?:一下)?[^，。,！？?]{0,14}"
    r"|(?:把|将)[^，。,！？?]{2,24}(?:改到|挪到|推到|延到)[^，。,！？?]{1,10})$"
)
_DAY_WORDS = re.compile(
    rf"(?:推迟|延后|延期|改期|往后推|再等|等等|[今明后昨前大下上本这个周星期礼拜天月日号早晚午初中底旬"
    rf"末年内之以再到推延改就放等吧呢啊嘛就了过缓]|国庆|春节|中秋|元旦|端午|清明|五一|节|假|"
    rf"[{NUMERAL_CHARS}半几]|[-./\s。，,！!])+"
)


_AS_IT_WAS = re.compile(
    r"(?:那|还是)?(?:就|先)?(?:算了|取消|不(?:用)?(?:推|推迟|改|延|延期|延后|动)了?|(?:不用|不必)了"
    r"|(?:哪|随便哪|任何一|什么)[天日]都(?:行|可以|好|成)|随便|都行|再说|无所谓)(?:吧|啦|呢)?[。！!]?"
)


def is_day(words: str) -> bool:
    """Whether words can answer 「推迟到哪天？」: all are about days, clear or not, or it stays
    as it was. What names a promise or asks for something is no answer."""
    if _AS_IT_WAS.fullmatch(words.strip()):
        return True
    if not _DAY_WORDS.fullmatch(words.strip()):
        return False
    return number_said(words) is None or words.strip().isdigit()


@capability(
    command="/postpone",
    title="推迟待办",
    example="把李主任的文献推迟到下周五",
    pattern=_LATER,
    slots=WordsSlots,
    over_dictation=True,
)
def postpone(turn: Turn, slots: WordsSlots) -> Reply:
    """Move the promise that is meant to the day that was said; ask for what is missing."""
    if not slots.words.strip():
        return todo_list(turn, 0)
    what = without_days(slots.words, now=to_local(turn.now), calendar=turn.calendar)
    todo = one_meant(turn, what, _action(turn, slots.words))
    if isinstance(todo, Reply):
        return todo
    return _move_to(turn, own(turn, todo.id), slots.words)


@on_press("todo.later")
def press_later(turn: Turn, step_id: int) -> Reply:
    """Ask for the new day."""
    return _ask_day(turn, own(turn, step_id))


@on_press("todo.move")
def press_move(turn: Turn, step_id: int, day: date) -> Reply:
    """Move to the day of the button."""
    return _move(turn, own(turn, step_id), day)


@on_press("todo.restore")
def press_restore(turn: Turn, step_id: int, day: date | None) -> Reply:
    """Take 推迟 back: the due day that it had, or none."""
    step = own(turn, step_id)
    _write(turn, step, day)
    return Reply(f"改回来了：{say_todo(turn, step)}。", (list_button(),))


@on_answer("todo.later", accepts=is_day)
def take_day(turn: Turn, words: str, about: dict[str, Any]) -> Reply:
    """The day, after 「推迟到哪天？」."""
    step = own(turn, about["step"])
    if _AS_IT_WAS.fullmatch(words.strip()):
        turn.ask(SHOWN, ids=shown_ids(turn))
        return Reply(f"好，不推迟：{say_todo(turn, step)}。", (list_button(),))
    return _move_to(turn, step, words, f"「{words.strip()}」是哪天没听明白。")


def day_buttons(turn: Turn, verb: str) -> tuple[Button, ...]:
    """明天 / 下周一 / 一周后, as buttons named `verb` with the day behind."""
    monday = turn.today + timedelta(days=7 - turn.today.weekday())
    near = (
        ("明天", turn.today + timedelta(days=1)),
        ("下周一", monday),
        ("一周后", turn.today + timedelta(days=7)),
    )
    return tuple(Button(label, f"{verb}:{day}") for label, day in near)


def _action(turn: Turn, words: str) -> Action:
    """A day that was said already goes along with the question about which one."""
    days = new_days(words, None, now=to_local(turn.now), calendar=turn.calendar)
    if len(days) == 1 and days[0] >= turn.today:
        return Action("todo.move", "推迟", tail=f":{days[0]}")
    return Action("todo.later", "推迟")


def _move_to(turn: Turn, step: NextStep, words: str, unclear: str = "") -> Reply:
    """Move to the day that the words name; ask when it is none, offer when it could be several."""
    days = new_days(words, step.due_on, now=to_local(turn.now), calendar=turn.calendar)
    if len(days) == 1:
        return _move(turn, step, days[0])
    return _ask_day(turn, step, "" if days else unclear, days)


def _ask_day(turn: Turn, step: NextStep, lead: str = "", days: Sequence[date] = ()) -> Reply:
    turn.ask("todo.later", step=step.id, ids=shown_ids(turn))
    verb = f"todo.move:{step.id}"
    offered = tuple(Button(say_day(day, today=turn.today), f"{verb}:{day}") for day in days)
    asked = f"「{say_todo(turn, step)}」推迟到哪天？"
    return Reply(lead + asked, offered or day_buttons(turn, verb))


def _move(turn: Turn, step: NextStep, day: date) -> Reply:
    if step.status != StepStatus.OPEN:
        return Reply(f"这条已经完成了，不用推迟：{say_todo(turn, step)}。", (list_button(),))
    if day < turn.today:
        said = say_day(day, today=turn.today)
        return _ask_day(turn, step, f"{said}已经过了，换一天吧。")
    before = step.due_on.isoformat() if step.due_on else "none"
    _write(turn, step, day)
    undo = Button("撤销", f"todo.restore:{step.id}:{before}")
    keep_list(turn, undo=undo.id)
    rest = "" if turn.calendar.is_workday(day) else "（这天是休息日）"
    return Reply(f"改好了：{say_todo(turn, step)}{rest}。", (undo, list_button()))


def _write(turn: Turn, step: NextStep, due: date | None) -> None:
    remind = remind_day(due, turn.today, turn.calendar) if due else None
    move_step(turn.session, step, due=due, remind=remind, at=turn.now)

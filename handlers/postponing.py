"""推迟待办: another due day, by button or in words; never a day that is past."""

import re
from datetime import date, timedelta
from typing import Any

from bot.domain.asking import is_request
from bot.domain.clock import say_day, to_local
from bot.domain.todos import remind_day
from bot.domain.when import DayFound, find_days
from bot.messages import Button, Reply
from bot.registry import capability, on_answer, on_press
from bot.turn import Turn
from handlers.todo_lists import SHOWN, list_button, say_todo, shown_ids, todo_list
from handlers.todos import TodoSlots, one_meant, own
from storage.next_steps import NextStep, StepStatus
from storage.todos import move_step

_LATER = (
    r"^(?:(?:把|将)?[^，。,！？?]{0,24}?(?:推迟|延后|延期|改期|往后推|缓)(?:一下)?[^，。,！？?]{0,14}"
    r"|(?:把|将)[^，。,！？?]{2,24}(?:改到|挪到|推到|延到)[^，。,！？?]{1,10})$"
)
_LONGEST_DAY = 16
_TO = re.compile(r"(?:推迟|延后|延期|改期|往后推|缓|改|挪|推|延)(?:一下)?(?:到|至)?")


def is_day(words: str) -> bool:
    """An answer to 「推迟到哪天？」 is short and asks for nothing; it may still be unclear."""
    return 0 < len(words.strip()) <= _LONGEST_DAY and not is_request(words)


@capability(
    command="/postpone",
    title="推迟待办",
    example="把李主任的文献推迟到下周五",
    pattern=_LATER,
    slots=TodoSlots,
    over_dictation=True,
)
def postpone(turn: Turn, slots: TodoSlots) -> Reply:
    """Move the promise that is meant to the day that was said; ask for what is missing."""
    if not slots.words.strip():
        return todo_list(turn, 0)
    found = _days(turn, slots.words)
    what = slots.words
    for day in found:
        what = what.replace(day.phrase, "")
    todo = one_meant(turn, what, "todo.later", "推迟")
    if isinstance(todo, Reply):
        return todo
    step = own(turn, str(todo.id))
    return _move(turn, step, found[-1].day) if found else _ask_day(turn, step)


@on_press("todo.later")
def press_later(turn: Turn, step_id: str) -> Reply:
    """Ask for the new day."""
    return _ask_day(turn, own(turn, step_id))


@on_press("todo.move")
def press_move(turn: Turn, step_id: str, day: str) -> Reply:
    """Move to the day of the button."""
    return _move(turn, own(turn, step_id), date.fromisoformat(day))


@on_press("todo.restore")
def press_restore(turn: Turn, step_id: str, day: str) -> Reply:
    """Take 推迟 back: the due day that it had, or none."""
    step = own(turn, step_id)
    due = date.fromisoformat(day) if day != "none" else None
    _write(turn, step, due)
    return Reply(f"改回来了：{say_todo(turn, step)}。", (list_button(),))


@on_answer("todo.later", accepts=is_day)
def take_day(turn: Turn, words: str, about: dict[str, Any]) -> Reply:
    """The day, after 「推迟到哪天？」."""
    step = own(turn, str(about["step"]))
    found = _days(turn, words)
    if not found:
        return _ask_day(turn, step, f"「{words.strip()}」是哪天没听明白。")
    return _move(turn, step, found[-1].day)


def day_buttons(turn: Turn, verb: str) -> tuple[Button, ...]:
    """明天 / 下周一 / 一周后, as buttons named `verb` with the day behind."""
    monday = turn.today + timedelta(days=7 - turn.today.weekday())
    near = (
        ("明天", turn.today + timedelta(days=1)),
        ("下周一", monday),
        ("一周后", turn.today + timedelta(days=7)),
    )
    return tuple(Button(label, f"{verb}:{day}") for label, day in near)


def _days(turn: Turn, words: str) -> list[DayFound]:
    return find_days(words, now=to_local(turn.now), calendar=turn.calendar)


def _ask_day(turn: Turn, step: NextStep, lead: str = "") -> Reply:
    turn.ask("todo.later", step=step.id, ids=shown_ids(turn))
    asked = f"「{say_todo(turn, step)}」推迟到哪天？"
    return Reply(lead + asked, day_buttons(turn, f"todo.move:{step.id}"))


def _move(turn: Turn, step: NextStep, day: date) -> Reply:
    if step.status != StepStatus.OPEN:
        return Reply(f"这条已经完成了，不用推迟：{say_todo(turn, step)}。", (list_button(),))
    if day < turn.today:
        said = say_day(day, today=turn.today)
        return _ask_day(turn, step, f"{said}已经过了，换一天吧。")
    before = step.due_on.isoformat() if step.due_on else "none"
    _write(turn, step, day)
    turn.ask(SHOWN, ids=shown_ids(turn))
    rest = "" if turn.calendar.is_workday(day) else "（这天是休息日）"
    remind = say_day(step.remind_on, today=turn.today) if step.remind_on else ""
    return Reply(
        f"改好了：{say_todo(turn, step)}{rest}。{remind}提醒您。",
        (Button("撤销", f"todo.restore:{step.id}:{before}"), list_button()),
    )


def _write(turn: Turn, step: NextStep, due: date | None) -> None:
    remind = remind_day(due, turn.today, turn.calendar) if due else None
    move_step(turn.session, step, due=due, remind=remind, at=turn.now)

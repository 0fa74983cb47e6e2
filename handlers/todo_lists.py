"""How 待办 are shown: a page of one's own with buttons, or a rep's for the manager."""

from typing import Any

from bot.domain.clock import say_day
from bot.domain.promises import say_late, shorten
from bot.domain.todos import Bucket, Todo, bucket_of
from bot.messages import Button, Reply
from bot.turn import Turn
from storage.customers import Customer
from storage.next_steps import NextStep
from storage.people import Person, Role
from storage.todos import open_todos

PAGE = 6
SHOWN = "todo.list"
_LISTING = (SHOWN, "todo.later")
_MOST_LINES = 10


def todo_list(turn: Turn, number: int) -> Reply:
    """One page of the open promises, numbered, with 完成 and 推迟 for each."""
    found = open_todos(turn.session, turn.me)
    if not found:
        what = "给李主任送文献" if turn.person.role == Role.REP else "开会"
        return Reply(f"待办都清了，没有欠着的。要加一条，例如「提醒我周五{what}」。", card="todo")
    last = (len(found) - 1) // PAGE
    number = min(max(number, 0), last)
    first = number * PAGE
    shown = list(enumerate(found[first : first + PAGE], first + 1))
    turn.ask(SHOWN, ids=[todo.id for todo in found])
    pages = f"（第 {number + 1}/{last + 1} 页）" if last else ""
    lines = [f"待办 {len(found)} 条{pages}"]
    lines += _grouped(turn, shown)
    return Reply("\n".join(lines), _buttons(shown, number, last), card="todo")


def list_of(turn: Turn, person: Person) -> Reply:
    """What a rep of the manager's team still owes, to read only."""
    found = open_todos(turn.session, person.id or 0)
    if not found:
        return Reply(f"{person.name}没有没做完的待办。")
    rest = len(found) - _MOST_LINES
    more = [f"……另有 {rest} 条"] if rest > 0 else []
    shown = list(enumerate(found[:_MOST_LINES], 1))
    return Reply("\n".join([f"{person.name}的待办 {len(found)} 条", *_grouped(turn, shown), *more]))


def say_todo(turn: Turn, step: NextStep) -> str:
    """「送文献 · 李建国 · 11月27日（周五）」."""
    customer = turn.session.get(Customer, step.customer_id) if step.customer_id else None
    due = say_day(step.due_on, today=turn.today) if step.due_on else None
    return " · ".join(part for part in (step.action, customer and customer.name, due) if part)


def shown_ids(turn: Turn) -> list[int]:
    """The list that was shown last, by its numbers; empty when something else was asked since."""
    asked = turn.asked
    about: dict[str, Any] = asked.about if asked is not None and asked.question in _LISTING else {}
    return list(about.get("ids") or ())


def keep_list(turn: Turn, *, undo: str) -> None:
    """Keep the numbers of the list on the screen, and which button 「撤销」 in words stands for."""
    turn.ask(SHOWN, ids=shown_ids(turn), undo=undo)


def list_button() -> Button:
    """Back to the list."""
    return Button("看待办", "todo.page:0")


def _grouped(turn: Turn, shown: list[tuple[int, Todo]]) -> list[str]:
    lines = []
    for bucket in Bucket:
        group = [each for each in shown if bucket_of(each[1].due, turn.today) == bucket]
        lines += [f"【{bucket.value}】"] if group else []
        lines += [f"{place}. {todo_line(turn, todo, bucket)}" for place, todo in group]
    return lines


def todo_line(turn: Turn, todo: Todo, bucket: Bucket) -> str:
    """One promise in its group: what, for whom, until when."""
    when = "" if bucket in {Bucket.TODAY, Bucket.UNDATED} else _when(turn, todo)
    phrase = todo.due_phrase if bucket == Bucket.UNDATED else None
    parts = (shorten(todo.action, 24), todo.customer, when, phrase)
    return " · ".join(part for part in parts if part)


def _when(turn: Turn, todo: Todo) -> str:
    if todo.due is None:
        return ""
    late = f"，{say_late(todo.due, turn.today)}" if todo.due < turn.today else ""
    return say_day(todo.due, today=turn.today) + late


def _buttons(shown: list[tuple[int, Todo]], number: int, last: int) -> tuple[Button, ...]:
    buttons = []
    for place, todo in shown:
        buttons.append(Button(f"完成 {place}", f"todo.done:{todo.id}"))
        buttons.append(Button(f"推迟 {place}", f"todo.later:{todo.id}"))
    if number > 0:
        buttons.append(Button("上一页", f"todo.page:{number - 1}"))
    if number < last:
        buttons.append(Button("下一页", f"todo.page:{number + 1}"))
    return tuple(buttons)

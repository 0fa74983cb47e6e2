"""待办 when its day comes: on the remind day, on the due day, and once when that is past."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.clock import local_day, say_day
from bot.domain.promises import say_late, shorten
from bot.domain.pushing import Due
from bot.domain.reminding import OpenPromise, Slots, due_promises
from bot.messages import Button, Reply
from bot.policy import Policy
from bot.pushes import Told, push
from storage.due_rows import open_promises

_FULL_BUTTONS = 3
"""So many promises have all three buttons; more would not fit on a screen."""

_SHOWN = 6


def choose(now: datetime, rows: Sequence[OpenPromise], policy: Policy) -> Iterable[Due]:
    """Each promise at the stage that it has come to."""
    slots = Slots(policy.pushes.promises_at, policy.pushes.promises_late_at)
    return due_promises(rows, now, slots, policy.work_calendar())


@push(
    kind="promise",
    title="待办",
    read=open_promises,
    choose=choose,
    together=True,
    deputised=True,
)
def remind(told: Told) -> Reply:
    """One promise with 完成 / 推迟到… / 不做了, or several, numbered."""
    promises: list[OpenPromise] = [due.about for due in told.dues]
    if len(promises) == 1:
        return _one(promises[0], told.now)
    promises.sort(key=lambda each: (each.due_on or local_day(told.now), each.id))
    lines = [f"【待办】{len(promises)} 条到时候了："]
    lines += [f"{n}. {_said(each, told.now)}" for n, each in enumerate(promises[:_SHOWN], 1)]
    rest = len(promises) - _SHOWN
    lines += [f"……另有 {rest} 条"] if rest > 0 else []
    return Reply("\n".join(lines), (*_buttons(promises[:_SHOWN]), Button("看待办", "todo.page:0")))


def _one(promise: OpenPromise, now: datetime) -> Reply:
    buttons = (
        Button("完成", f"todo.done:{promise.id}"),
        Button("推迟到…", f"todo.later:{promise.id}"),
        Button("不做了", f"todo.drop:{promise.id}"),
    )
    return Reply(f"【待办】{_said(promise, now)}", buttons)


def _said(promise: OpenPromise, now: datetime) -> str:
    """「送文献 · 李建国 · 11月27日（周五），还有 2 天」."""
    today = local_day(now)
    due = promise.due_on
    late = f"{say_day(due, today=today)}，{say_late(due, today)}" if due else None
    when = "今天到期" if due == today else late
    parts = (shorten(promise.action, 40), promise.customer, when)
    return " · ".join(part for part in parts if part)


def _buttons(promises: Sequence[OpenPromise]) -> list[Button]:
    found = []
    for number, promise in enumerate(promises, 1):
        found.append(Button(f"完成 {number}", f"todo.done:{promise.id}"))
        found.append(Button(f"推迟 {number}", f"todo.later:{promise.id}"))
        if len(promises) <= _FULL_BUTTONS:
            found.append(Button(f"不做了 {number}", f"todo.drop:{promise.id}"))
    return found

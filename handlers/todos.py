"""待办: the list, and marking one as done, by button or in words."""

from sqlmodel import col, select

from bot.domain.errors import NotFoundError
from bot.domain.todos import Bucket, Todo, bucket_of, meant, number_said
from bot.messages import Button, Reply
from bot.registry import Slots, capability, on_press
from bot.turn import Turn
from handlers.todo_lists import (
    PAGE,
    list_button,
    list_of,
    say_todo,
    shown_ids,
    todo_line,
    todo_list,
)
from handlers.whom import find_whom
from storage.next_steps import NextStep, StepStatus
from storage.people import Person, Role
from storage.scope import team_ids
from storage.todos import close_step, open_todos, own_step, reopen_step

_DONE = (
    r"^(?:第?\s*[0-9０-９一二三四五六七八九十]{1,3}\s*[条个项件]?\s*(?:已经)?(?:完成|做完|办完|搞定|办好)了?"
    r"|(?:完成|做完|办完)了?\s*第?\s*[0-9０-９一二三四五六七八九十]{1,3}\s*[条个项件]?)$"
    r"|^(?:给|答应|把|帮)?[^，。,！]{2,16}的?(?:[^，。,！]{2,12})"
    r"已经(?:给|跟)?(?:[他她])?(?:[发送给寄交带办弄做约订定问查回说转递]|完成|搞定|回复|安排|准备|联系|解决)"
    r"(?:过去|过|完|好|到|掉|妥|清)?了$"
)


class TodoSlots(Slots):
    """What was said about a promise."""

    words: str = ""


@capability(
    command="/todo",
    title="待办",
    example="我还有什么没做",
    words=("待办", "我的待办", "待办事项", "还有什么没做", "我还有什么没做", "我还欠谁什么"),
    intent="status_todo",
    slots=TodoSlots,
)
def todos(turn: Turn, slots: TodoSlots) -> Reply:
    """Everything that is open, the most urgent first; a manager may name a rep of the team."""
    whose = _rep_named(turn, slots.words)
    return list_of(turn, whose) if whose else todo_list(turn, 0)


@capability(
    command="/done",
    title="完成待办",
    example="第2条完成了",
    pattern=_DONE,
    slots=TodoSlots,
    over_dictation=True,
)
def finish(turn: Turn, slots: TodoSlots) -> Reply:
    """Close the promise that is meant; when that is not clear, ask which."""
    if not slots.words.strip():
        return todo_list(turn, 0)
    todo = one_meant(turn, slots.words, "todo.done", "完成")
    return todo if isinstance(todo, Reply) else _finish(turn, own(turn, str(todo.id)))


@on_press("todo.page")
def turn_page(turn: Turn, number: str) -> Reply:
    """Another page of the list."""
    return todo_list(turn, int(number))


@on_press("todo.done")
def press_done(turn: Turn, step_id: str) -> Reply:
    """Close a promise."""
    return _finish(turn, own(turn, step_id))


@on_press("todo.reopen")
def press_reopen(turn: Turn, step_id: str) -> Reply:
    """Take 完成 back."""
    step = own(turn, step_id)
    if step.status != StepStatus.OPEN:
        reopen_step(turn.session, step, at=turn.now)
    return Reply(f"又放回待办了：{say_todo(turn, step)}。", (list_button(),))


@on_press("todo.keep")
def press_keep(turn: Turn) -> Reply:
    """取消 on a question about which promise was meant."""
    turn.stop_asking()
    return Reply("好，什么都没改。", (list_button(),))


def _rep_named(turn: Turn, words: str) -> Person | None:
    """Somebody below the manager in the reporting line whom the words name."""
    if turn.person.role != Role.MANAGER:
        return None
    below = select(Person).where(col(Person.id).in_(team_ids(turn.session, turn.person)))
    team = turn.session.exec(below.order_by(col(Person.id))).all()
    return next((each for each in team if each.name in words and each.id != turn.me), None)


def own(turn: Turn, step_id: str) -> NextStep:
    """The person's own promise. Raises NotFoundError when it is not theirs."""
    step = own_step(turn.session, turn.me, int(step_id))
    if step is None:
        raise NotFoundError("这条待办不在您名下，发「待办」看看现在的。")
    return step


def one_meant(turn: Turn, words: str, verb: str, label: str) -> Todo | Reply:
    """The one promise that the words clearly mean, or a question with buttons named `verb`.

    Raises:
        NotFoundError: no open promise comes near.
    """
    found = open_todos(turn.session, turn.me)
    number = number_said(words)
    if number is not None:
        return _numbered(turn, found, number)
    whom = find_whom(turn, words)
    customers = frozenset(each.id for each in whom.customers)
    near, clear = meant(words, found, customers, whom.mention or "")
    if not near:
        raise NotFoundError(
            "没找到对得上的待办。发「待办」看看，再说「完成 2」就行；要记拜访，把经过多说一句。"
        )
    return near[0] if clear else _which(turn, near, verb, label)


def _which(turn: Turn, near: list[Todo], verb: str, label: str) -> Reply:
    cancel = Button("取消", "todo.keep")
    if len(near) == 1:
        line = todo_line(turn, near[0], bucket_of(near[0].due, turn.today))
        return Reply(f"是这一条吗？\n{line}", (Button("确认", f"{verb}:{near[0].id}"), cancel))
    shown = list(enumerate(near[:PAGE], 1))
    lines = [f"{place}. {todo_line(turn, todo, Bucket.LATER)}" for place, todo in shown]
    buttons = [Button(f"{label} {place}", f"{verb}:{todo.id}") for place, todo in shown]
    return Reply("是哪一条？\n" + "\n".join(lines), (*buttons, cancel))


def _numbered(turn: Turn, found: list[Todo], number: int) -> Todo:
    """Numbers are those of the list that was shown last, also after something on it was closed."""
    ids = shown_ids(turn) or [todo.id for todo in found]
    wanted = ids[number - 1] if 0 < number <= len(ids) else None
    todo = next((each for each in found if each.id == wanted), None)
    if todo is None:
        raise NotFoundError(f"第 {number} 条不在待办里了（一共 {len(found)} 条）。发「待办」看看。")
    return todo


def _finish(turn: Turn, step: NextStep) -> Reply:
    undo = Button("撤销", f"todo.reopen:{step.id}")
    if step.status == StepStatus.DONE:
        return Reply(f"这条早就完成了：{say_todo(turn, step)}。", (undo, list_button()))
    close_step(turn.session, step, at=turn.now)
    left = len(open_todos(turn.session, turn.me))
    rest = f"还剩 {left} 条。" if left else "待办都清了。"
    return Reply(f"完成：{say_todo(turn, step)}。{rest}", (undo, list_button()))

"""待办: the list, and marking one as done, by button or in words."""

from typing import Any

from bot.domain.clock import say_day
from bot.domain.errors import NotFoundError
from bot.domain.promises import say_late, shorten
from bot.domain.todos import Bucket, Todo, bucket_of, meant, number_said
from bot.messages import Button, Reply
from bot.registry import Slots, capability, on_press
from bot.turn import Turn
from handlers.whom import find_whom
from storage.customers import Customer
from storage.messages import Conversation
from storage.next_steps import NextStep, StepStatus
from storage.todos import close_step, open_todos, own_step, reopen_step

PAGE = 6
SHOWN = "todo.list"
_LISTING = (SHOWN, "todo.later")
_ASKING = (
    r"待办|(?:还有|还欠|剩)(?:啥|什么|哪些|几).{0,4}(?:没做|没办|没完成|没交|活儿?|事)|没(?:做完|办完|勾掉|关掉)的"
    r"|(?:欠|答应)(?:着|了)?(?:谁|哪些|客户).{0,4}(?:什么|东西|事)"
)
_DONE = (
    r"^(?:第?\s*[0-9０-９一二三四五六七八九十]{1,3}\s*[条个项件]?\s*(?:已经)?(?:完成|做完|办完|搞定|办好)了?"
    r"|(?:完成|做完|办完)了?\s*第?\s*[0-9０-９一二三四五六七八九十]{1,3}\s*[条个项件]?)$"
    r"|^(?:给|答应|把|帮)?[^，。,！]{2,16}的?(?:[^，。,！]{2,12})"
    r"(?:已经|都|也)(?:给|跟)?(?:[他她])?(?:[发送给寄交带办弄做约订定问查回说转递]|完成|搞定|回复|安排|准备|联系|解决)"
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
    pattern=_ASKING,
    slots=TodoSlots,
)
def todos(turn: Turn, _: TodoSlots) -> Reply:
    """Everything that is open, the most urgent first."""
    return todo_list(turn, 0)


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


def todo_list(turn: Turn, number: int) -> Reply:
    """One page of the open promises, numbered, with 完成 and 推迟 for each."""
    found = open_todos(turn.session, turn.me)
    if not found:
        return Reply(
            "待办都清了，没有欠着的。要加一条，例如「提醒我周五给李主任送文献」。", card="todo"
        )
    last = (len(found) - 1) // PAGE
    number = min(max(number, 0), last)
    first = number * PAGE
    shown = list(enumerate(found[first : first + PAGE], first + 1))
    turn.ask(SHOWN, ids=[todo.id for todo in found])
    pages = f"（第 {number + 1}/{last + 1} 页）" if last else ""
    lines = [f"待办 {len(found)} 条{pages}"]
    for bucket in Bucket:
        group = [
            (place, todo) for place, todo in shown if bucket_of(todo.due, turn.today) == bucket
        ]
        lines += [f"【{bucket.value}】"] if group else []
        lines += [f"{place}. {_line(turn, todo, bucket)}" for place, todo in group]
    return Reply("\n".join(lines), _buttons(shown, number, last), card="todo")


def own(turn: Turn, step_id: str) -> NextStep:
    """The person's own promise. Raises NotFoundError when it is not theirs."""
    step = own_step(turn.session, turn.me, int(step_id))
    if step is None:
        raise NotFoundError("这条待办不在您名下，发「待办」看看现在的。")
    return step


def say_todo(turn: Turn, step: NextStep) -> str:
    """「送文献 · 李建国 · 11月27日（周五）」."""
    customer = turn.session.get(Customer, step.customer_id) if step.customer_id else None
    due = say_day(step.due_on, today=turn.today) if step.due_on else None
    return " · ".join(part for part in (step.action, customer and customer.name, due) if part)


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


def shown_ids(turn: Turn) -> list[int]:
    """The list that was shown last, by its numbers; empty when something else was asked since."""
    asked = turn.session.get(Conversation, turn.me)
    about: dict[str, Any] = asked.about if asked is not None and asked.question in _LISTING else {}
    return list(about.get("ids") or ())


def list_button() -> Button:
    """Back to the list."""
    return Button("看待办", "todo.page:0")


def _which(turn: Turn, near: list[Todo], verb: str, label: str) -> Reply:
    cancel = Button("取消", "todo.keep")
    if len(near) == 1:
        line = _line(turn, near[0], bucket_of(near[0].due, turn.today))
        return Reply(f"是这一条吗？\n{line}", (Button("确认", f"{verb}:{near[0].id}"), cancel))
    shown = list(enumerate(near[:PAGE], 1))
    lines = [f"{place}. {_line(turn, todo, Bucket.LATER)}" for place, todo in shown]
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


def _line(turn: Turn, todo: Todo, bucket: Bucket) -> str:
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

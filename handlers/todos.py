"""待办: the list, and marking one as done, by button or in words."""

from sqlmodel import col, select

from bot.domain.asking import PATIENT_WORDS
from bot.domain.numerals import NUMERAL_CHARS
from bot.messages import Button, Reply
from bot.registry import WordsSlots, capability, on_press
from bot.turn import Turn
from handlers.todo_lists import keep_list, list_button, list_of, say_todo, todo_list
from handlers.which_todo import Action, one_meant, own
from storage.next_steps import NextStep, StepStatus
from storage.people import Person, Role
from storage.scope import team_ids
from storage.todos import close_step, open_todos, reopen_step

_N = rf"第?\s*[{NUMERAL_CHARS}]{{1,3}}\s*[条个项件]?\s*"
_ENDED = r"(?:完成|做完|办完|搞定|办好|做好|弄完|弄好)"
_KEPT = (
    r"(?:[发送寄交带给办弄约订定转递]|完成|搞定|做完|办完|回复|安排|准备|联系|解决|整理|提交|反馈)"
)
_TELLS_MORE = (
    rf"{PATIENT_WORDS}|见[了到过]|聊|谈|拜访|碰[到见]|遇|说|讲|觉得|反映"
    r"|[不没别]|忘|打算|明天|后天|下周"
)
_DONE = (
    rf"^(?:{_N}(?:已经|也|都)?{_ENDED}了?|{_ENDED}了?\s*{_N})[。！!]?$"
    rf"|^(?!.*(?:{_TELLS_MORE}))[^，。,！!？?；;]{{2,20}}?(?:(?:已经|都|也)?(?:给|跟)?(?:[他她])?{_KEPT}"
    r"(?:给(?:[他她]|[^，。,了]{2,4}))?(?:过去|[上出]去|过|完|好|到|掉|妥|清)?了"
    r"|(?:已经|都)给[^，。,了]{1,4}了|[都也已经]*(?:给|发|送|交)(?:给)?[他她]们?了)[。！!]?$"
)
"""What is kept, in few words and one clause; what tells of a talk or a patient is a dictation."""


@capability(
    command="/todo",
    title="待办",
    group="待办",
    example="我还有什么没做",
    words=("待办", "我的待办", "待办事项", "还有什么没做", "我还有什么没做", "我还欠谁什么"),
    intent="status_todo",
    slots=WordsSlots,
)
def todos(turn: Turn, slots: WordsSlots) -> Reply:
    """Everything that is open, the most urgent first; a manager may name a rep of the team."""
    whose = _rep_named(turn, slots.words)
    return list_of(turn, whose) if whose else todo_list(turn, 0)


@capability(
    command="/done",
    title="完成待办",
    example="第2条完成了",
    pattern=_DONE,
    slots=WordsSlots,
    over_dictation=True,
)
def finish(turn: Turn, slots: WordsSlots) -> Reply:
    """Close the promise that is meant; when that is not clear, ask which."""
    if not slots.words.strip():
        return todo_list(turn, 0)
    todo = one_meant(turn, slots.words, Action("todo.done", "完成"))
    return todo if isinstance(todo, Reply) else _finish(turn, own(turn, todo.id))


@on_press("todo.page")
def turn_page(turn: Turn, number: int) -> Reply:
    """Another page of the list."""
    return todo_list(turn, number)


@on_press("todo.done")
def press_done(turn: Turn, step_id: int) -> Reply:
    """Close a promise."""
    return _finish(turn, own(turn, step_id))


@on_press("todo.reopen")
def press_reopen(turn: Turn, step_id: int) -> Reply:
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


def _finish(turn: Turn, step: NextStep) -> Reply:
    undo = Button("撤销", f"todo.reopen:{step.id}")
    if step.status == StepStatus.DONE:
        return Reply(f"这条早就完成了：{say_todo(turn, step)}。", (undo, list_button()))
    close_step(turn.session, step, at=turn.now)
    keep_list(turn, undo=undo.id)
    left = len(open_todos(turn.session, turn.me))
    rest = f"还剩 {left} 条。" if left else "待办都清了。"
    return Reply(f"完成：{say_todo(turn, step)}。{rest}", (undo, list_button()))

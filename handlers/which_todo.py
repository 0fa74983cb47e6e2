"""Which 待办 a sentence means: by its number on the list, its customer and what was promised."""

from typing import NamedTuple

from bot.domain.errors import NotFoundError, UserError
from bot.domain.todos import Bucket, Todo, bucket_of, meant, number_said, numbers_said, things
from bot.messages import Button, Reply
from bot.turn import Turn
from handlers.todo_lists import PAGE, SHOWN, shown_ids, todo_line, todo_list
from handlers.whom import Whom, find_whom
from storage.next_steps import NextStep
from storage.people import Role
from storage.todos import open_todos, own_step


class Action(NamedTuple):
    """What will be done to the promise: the name of the button that does it, its label, the
    question about a single one, and what stands behind the promise in the button's id."""

    verb: str
    label: str
    question: str = "是这一条吗？"
    tail: str = ""

    def button(self, label: str, todo: Todo) -> Button:
        """The button that does it to this promise."""
        return Button(label, f"{self.verb}:{todo.id}{self.tail}")


def own(turn: Turn, step_id: int) -> NextStep:
    """The person's own promise. Raises NotFoundError when it is not theirs."""
    step = own_step(turn.session, turn.me, step_id)
    if step is None:
        raise NotFoundError("这条待办不在您名下，发「待办」看看现在的。")
    return step


def one_meant(turn: Turn, words: str, action: Action) -> Todo | Reply:
    """The one promise that the words clearly mean, or a card that asks. Raises NotFoundError."""
    near = _near(turn, words)
    return near.todos[0] if near.clear else _ask(turn, words, near, action)


def ask_about(turn: Turn, words: str, action: Action) -> Reply:
    """A card that asks, also when the words are clear. Raises NotFoundError."""
    return _ask(turn, words, _near(turn, words), action)


class _Near(NamedTuple):
    """The promises that come near; `whom` is None when a number was said."""

    todos: list[Todo]
    clear: bool
    whom: Whom | None = None


def _near(turn: Turn, words: str) -> _Near:
    found = open_todos(turn.session, turn.me)
    if numbers_said(words):
        raise UserError(
            "这件事一次说一条，例如「推迟 2 到周五」。做完了的可以一起说：「完成 1和3」。"
        )
    number = number_said(words)
    if number is not None:
        return _Near([numbered(turn, found, number)], clear=True)
    whom = find_whom(turn, words)
    customers = frozenset(each.id for each in whom.customers)
    todos, clear = meant(words, found, customers, whom.mention or "")
    return _Near(todos, clear, whom)


def numbered(turn: Turn, found: list[Todo], number: int) -> Todo:
    """The promise of this number. Numbers are those of the list that was shown last, also after
    something on it was closed. Raises NotFoundError."""
    ids = shown_ids(turn) or [todo.id for todo in found]
    wanted = ids[number - 1] if 0 < number <= len(ids) else None
    todo = next((each for each in found if each.id == wanted), None)
    if todo is None:
        raise NotFoundError(f"第 {number} 条不在待办里了（一共 {len(found)} 条）。发「待办」看看。")
    return todo


def _ask(turn: Turn, words: str, near: _Near, action: Action) -> Reply:
    if len(near.todos) > 1:
        return _choices(turn, near.todos, action, "是哪一条？")
    if not near.todos:
        return _nothing_like(turn, words, near.whom or Whom(None, ()), action)
    todo = near.todos[0]
    line = todo_line(turn, todo, bucket_of(todo.due, turn.today))
    yes = action.button("确认", todo)
    return Reply(f"{action.question}\n{line}", (yes, Button("取消", "todo.keep")))


def _nothing_like(turn: Turn, words: str, whom: Whom, action: Action) -> Reply:
    """Says what was not found, and what there is for that customer instead."""
    customers = {each.id for each in whom.customers}
    owed = [t for t in open_todos(turn.session, turn.me) if t.customer_id in customers]
    said = things(words, whom.mention or "")
    what = f"「{said[0]}」" if said else ""
    if not said and not whom.mention:
        return _of_all(turn, action)
    if owed:
        who = "、".join(dict.fromkeys(str(todo.customer) for todo in owed))
        return _choices(turn, owed, action, f"没有找到{what}这一条。{who}还有：")
    names = "、".join(each.name for each in whom.customers) or whom.mention
    missing = f"：{names}没有没做完的待办" if names else f"{what}的待办"
    visit = "；要记拜访，把经过多说一句" if turn.person.role == Role.REP else ""
    raise NotFoundError(f"没有找到{missing}。发「待办」看看，再说「完成 2」就行{visit}。")


def _of_all(turn: Turn, action: Action) -> Reply:
    """「推迟一周」 alone: any of them can be meant."""
    found = open_todos(turn.session, turn.me)
    return _choices(turn, found, action, "是哪一条？") if found else todo_list(turn, 0)


def _choices(turn: Turn, todos: list[Todo], action: Action, lead: str) -> Reply:
    """Numbered as they stand here, so that 「第2条」 means the second of these."""
    shown = list(enumerate(todos[:PAGE], 1))
    lines = [f"{place}. {todo_line(turn, todo, Bucket.LATER)}" for place, todo in shown]
    buttons = [action.button(f"{action.label} {n}", todo) for n, todo in shown]
    turn.ask(SHOWN, ids=[todo.id for todo in todos])
    return Reply("\n".join([lead, *lines]), (*buttons, Button("取消", "todo.keep")))

"""待办 that will not be done, all of them at once, and 「撤销」 in words."""

import re
from typing import Any

from bot.domain.asking import PATIENT_WORDS
from bot.domain.errors import StaleCardError
from bot.domain.promises import shorten
from bot.domain.todos import numbers_said
from bot.messages import Button, Reply
from bot.registry import NoSlots, Said, WordsSlots, capability, on_answer, on_press
from bot.turn import Turn
from handlers.postponing import press_restore
from handlers.postponing_several import press_back
from handlers.reminders import press_undo
from handlers.skips import suggest_again
from handlers.tags import press_remove
from handlers.todo_lists import SHOWN, keep_list, list_button, say_todo, todo_list
from handlers.todos import press_reopen
from handlers.which_todo import Action, ask_about, numbered, own
from storage.next_steps import NextStep, StepStatus
from storage.todos import close_step, drop_step, open_todos, own_step, reopen_step

_ALL = "todo.all"
_MOST_LINES = 10
_NOT_NEEDED = (
    rf"^(?!.*(?:{PATIENT_WORDS}|聊|谈|说|见了|拜访))[^，。,！!？?；;]{{2,20}}?"
    r"(?:(?:不用|不必|不需要|甭)(?:再)?(?:[做送发办给约弄寄带]|准备|安排|联系|整理|管)了"
    r"|不做了|(?<=[条项件])(?:取消|删掉|算了))[。！!]?$"
)
_REMOVED = re.compile(
    r"^(?:把|将)?[^，。,！!？?]{1,16}(?:[那这]一?|第[^，。]{1,3})条(?:待办)?(?:给?我)?"
    r"(?:删掉|删了|删除|取消|去掉)(?:吧)?[。！!]?$"
)
_N = r"第?\s*[\d一二三四五六七八九十]{1,3}\s*条?"
_ENDED = r"(?:[完做办][成完好]|搞定|弄完)了?"
_ALL_DONE = (
    rf"^(?=.*{_ENDED})(?:{_ENDED})?(?:{_N}\s*[、，,和跟及]\s*)+{_N}(?:都|全)?(?:已经)?(?:{_ENDED})?[。！!]?$"
    r"|^(?:这些|所有的?|全部的?|今天的?|我的?)*(?:待办|事情?)?(?:全部|全|都)(?:已经)?(?:[做办弄]|完成|搞定)(?:完|好)?了?[。！!]?$"
)
_UNDO = ("撤销", "撤回", "撤消", "点错了")
_DROP = Action("todo.drop", "不做", "不做了，从待办里去掉这一条吗？")


@capability(
    command="/drop",
    title="待办不做了",
    example="第2条不用做了",
    pattern=_NOT_NEEDED,
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def give_up(turn: Turn, slots: WordsSlots) -> Reply:
    """Take the promise that is meant off the list, after 确认."""
    return ask_about(turn, slots.words, _DROP)


@on_answer(SHOWN, accepts=lambda words: _REMOVED.search(words) is not None)
def give_up_listed(turn: Turn, words: str, _: dict[str, Any]) -> Reply:
    """「把张主任的那条删掉」 right after the list: one of the promises, not a visit."""
    return ask_about(turn, words, _DROP)


@on_press("todo.drop")
def press_drop(turn: Turn, step_id: int) -> Reply:
    """确认: it will not be done."""
    step = own(turn, step_id)
    if step.status == StepStatus.OPEN:
        drop_step(turn.session, step, at=turn.now)
    back = Button("撤销", f"todo.reopen:{step.id}")
    keep_list(turn, undo=back.id)
    return Reply(f"不做了，已从待办里去掉：{say_todo(turn, step)}。", (back, list_button()))


@capability(
    command="/alldone",
    title="待办都完成",
    example="都做完了",
    pattern=_ALL_DONE,
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def finish_all(turn: Turn, slots: WordsSlots) -> Reply:
    """Ask before several are closed at once: those whose numbers were said, or all that is open."""
    found = open_todos(turn.session, turn.me)
    numbers = numbers_said(slots.words)
    found = [numbered(turn, found, number) for number in numbers] if numbers else found
    if not found:
        return todo_list(turn, 0)
    turn.ask(_ALL, ids=[todo.id for todo in found])
    shown = [f"· {shorten(each.action, 24)}" for each in found[:_MOST_LINES]]
    more = [f"……一共 {len(found)} 条"] if len(found) > _MOST_LINES else []
    lines = [f"待办里的这 {len(found)} 条都做完了吗？", *shown, *more]
    return Reply("\n".join(lines), (Button("都完成", _ALL), Button("取消", "todo.keep")))


@on_press(_ALL)
def press_all(turn: Turn) -> Reply:
    """都完成: close those that were on the card."""
    steps = [step for step in _asked_steps(turn, _ALL, "ids") if step.status == StepStatus.OPEN]
    for step in steps:
        close_step(turn.session, step, at=turn.now)
    back = Button("撤销", "todo.unall")
    turn.ask(SHOWN, closed=[step.id for step in steps], undo=back.id)
    return Reply(f"完成：{len(steps)} 条。", (back, list_button()))


@on_press("todo.unall")
def press_none(turn: Turn) -> Reply:
    """Take 都完成 back."""
    steps = [step for step in _asked_steps(turn, SHOWN, "closed") if step.status == StepStatus.DONE]
    for step in steps:
        reopen_step(turn.session, step, at=turn.now)
    turn.stop_asking()
    return Reply(f"{len(steps)} 条又放回待办了。", (list_button(),))


@capability(command="/undo", title="撤销", example="撤销", words=_UNDO, listed=False)
def undo(turn: Turn, _: NoSlots) -> Said:
    """「撤销」 in words: what the last button of that name would do."""
    asked = turn.asked
    about = dict(asked.about) if asked is not None else {}
    name, *arguments = str(about.get("undo") or "").split(":")
    pressed = {each.name: each for each in _UNDOING}.get(name)
    if asked is None or pressed is None:
        return Reply("没有刚改过、还能撤销的。要改待办，发「待办」；要改拜访记录，直接说怎么改。")
    turn.ask(asked.question, **{**about, "undo": None})
    return pressed.press(turn, arguments)


_UNDOING = (
    press_reopen,
    press_restore,
    press_back,
    press_none,
    press_undo,
    suggest_again,
    press_remove,
)


def _asked_steps(turn: Turn, question: str, key: str) -> list[NextStep]:
    """The promises that the conversation is about. Raises StaleCardError when it went on."""
    asked = turn.asked
    if asked is None or asked.question != question or key not in asked.about:
        raise StaleCardError("这张卡片过期了，发「待办」看看现在的。")
    steps = (own_step(turn.session, turn.me, number) for number in asked.about[key])
    return [step for step in steps if step is not None]

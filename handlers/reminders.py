"""提醒我…: a new 待办 in words, stored after 确认."""

import re
from datetime import date
from typing import Any

from bot.domain.clock import say_day, to_local
from bot.domain.errors import StaleCardError, UserError
from bot.domain.postponing import festival_said
from bot.domain.promises import shorten
from bot.domain.todos import remind_day
from bot.domain.when import find_days
from bot.messages import Button, Reply
from bot.registry import WordsSlots, capability, on_answer, on_press
from bot.turn import Turn
from bot.understanding.screening import advise, forbidden_as_step
from handlers.nods import is_nod, is_yes
from handlers.todo_lists import keep_list, list_button, say_todo
from handlers.whom import Whom, choices_of, find_whom, own_customer
from storage.customers import Customer
from storage.rosters import roster_of
from storage.todos import add_step, drop_step, own_step

QUESTION = "todo.add"
_START = (
    r"^(?:请|麻烦)?(?:记得)?(?:提醒我|提醒一下我|帮我记(?:一下|个)?(?:待办)?"
    r"|(?:千万)?(?:别|不要)忘了?(?!.*(?:说|聊|见了|反映))"
    r"|(?:记|加)(?:一条|个)?待办|新增待办)"
)
_LEAD = re.compile(_START + r"[，,：:\s]*(?:要|得|去)?")


@capability(
    command="/remind",
    title="加一条待办",
    example="提醒我周五给李主任送文献",
    pattern=_START + r".{2,80}$",
    slots=WordsSlots,
    over_dictation=True,
)
def remind(turn: Turn, slots: WordsSlots) -> Reply:
    """A card with what to do, for whom and until when; nothing is stored before 确认."""
    return _new(turn, _LEAD.sub("", slots.words).strip())


def _new(turn: Turn, words: str) -> Reply:
    if not words:
        return Reply("要记什么待办？例如「提醒我周五给李主任送文献」。")
    _refuse_forbidden(turn, words)
    whom = find_whom(turn, words)
    found = find_days(words, now=to_local(turn.now), calendar=turn.calendar)
    due = _due_said(turn, words)
    known = whom.mention if whom.customers else None
    action = _action(words, [each.phrase for each in found], known or "")
    customer = whom.customers[0].id if len(whom.customers) == 1 else None
    pending = {"action": action, "customer": customer, "words": words}
    turn.ask(QUESTION, **pending, due=due.isoformat() if due else None)
    return _which_customer(whom, words) if len(whom.customers) > 1 else _card(turn)


@on_press("todo.for")
def press_customer(turn: Turn, customer_id: int) -> Reply:
    """Which of two customers it is for."""
    customer = own_customer(turn, customer_id)
    turn.ask(QUESTION, **{**_pending(turn), "customer": customer.id})
    return _card(turn)


@on_press("todo.add")
def press_add(turn: Turn) -> Reply:
    """确认: store it."""
    return _store(turn, _pending(turn))


@on_press("todo.forget")
def press_forget(turn: Turn) -> Reply:
    """取消: nothing is stored."""
    return _forget(turn)


def _forget(turn: Turn) -> Reply:
    turn.stop_asking()
    return Reply("好，没有记。")


@on_press("todo.undo")
def press_undo(turn: Turn, step_id: int) -> Reply:
    """Take a fresh 待办 back."""
    step = own_step(turn.session, turn.me, step_id)
    if step is None:
        raise StaleCardError("这条待办找不到了，发「待办」看看现在的。")
    drop_step(turn.session, step, at=turn.now)
    return Reply(f"撤掉了：{say_todo(turn, step)}。", (list_button(),))


@on_answer(QUESTION, accepts=is_nod)
def take_word(turn: Turn, words: str, about: dict[str, Any]) -> Reply:
    """确认 or 取消 in words."""
    return _store(turn, about) if is_yes(words) else _forget(turn)


def _pending(turn: Turn) -> dict[str, Any]:
    asked = turn.asked
    if asked is None or asked.question != QUESTION:
        raise StaleCardError("这张卡片过期了，把要提醒的事再说一遍就好。")
    return dict(asked.about)


def _card(turn: Turn) -> Reply:
    about = _pending(turn)
    due = _due(turn, about)
    customer = turn.session.get(Customer, about["customer"]) if about["customer"] else None
    lines = ["要记这条待办吗？", f"做什么：{about['action']}"]
    lines += [f"给谁：{customer.name}"] if customer else []
    lines.append(f"期限：{say_day(due, today=turn.today) if due else '没定日子'}")
    return Reply("\n".join(lines), (Button("确认", "todo.add"), Button("取消", "todo.forget")))


def _store(turn: Turn, about: dict[str, Any]) -> Reply:
    due = _due(turn, about)
    step = add_step(
        turn.session,
        owner_id=turn.me,
        customer_id=about["customer"],
        action=about["action"],
        due=due,
        remind=remind_day(due, turn.today, turn.calendar) if due else None,
        words=about["words"],
        at=turn.now,
    )
    undo = Button("撤销", f"todo.undo:{step.id}")
    keep_list(turn, undo=undo.id)
    return Reply(f"记下了：{say_todo(turn, step)}。", (undo, list_button()))


def _due_said(turn: Turn, words: str) -> date | None:
    """The day that is meant, for a festival the next one. Raises UserError for a past day."""
    now = to_local(turn.now)
    found = find_days(words, now=now, calendar=turn.calendar)
    if not found:
        return festival_said(words, now=now, calendar=turn.calendar)
    if found[0].day < turn.today:
        said = f"「{found[0].phrase}」（{say_day(found[0].day, today=turn.today)}）"
        raise UserError(f"{said}已经过了，没法记成待办。换一天再说一遍就行，例如「提醒我明天…」。")
    return found[0].day


def _due(turn: Turn, about: dict[str, Any]) -> date | None:
    due = date.fromisoformat(about["due"]) if about["due"] else None
    return max(due, turn.today) if due else None


def _which_customer(whom: Whom, words: str) -> Reply:
    asked = f"「{shorten(words, 30)}」里的「{whom.mention}」是哪一位？"
    return Reply(asked, choices_of(whom, "todo.for"))


def _refuse_forbidden(turn: Turn, words: str) -> None:
    """A forbidden thing never becomes a reminder (SY-09)."""
    code = forbidden_as_step(words, roster_of(turn.session, turn.person))
    if code is not None:
        raise UserError(f"这件事不能记成待办。{advise(code).reply}")


def _action(words: str, days: list[str], mention: str) -> str:
    """What is left without the day and the name: 「周五给李建国送文献」 is 送文献."""
    for phrase in days:
        words = words.replace(phrase, "", 1)
    if mention:
        words = re.sub(rf"(?:给|帮|替|为|向|跟|和|把){re.escape(mention)}的?", "", words, count=1)
    return shorten(words.strip(" ，,。.：:"), 80) or "联系一下"

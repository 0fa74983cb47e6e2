"""A rep's 待办: how they are ordered and grouped, and which one a sentence means."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from bot.domain.calendar import WorkCalendar
from bot.domain.numerals import NUMERAL_CHARS, parse_int


class Bucket(StrEnum):
    """The groups of the list, in the order in which they are shown."""

    OVERDUE = "过期了"
    TODAY = "今天"
    WEEK = "本周"
    LATER = "以后"
    UNDATED = "没定日子"


class Todo(NamedTuple):
    """An open promise: its id, what to do, for whom (id and name) and until when."""

    id: int
    action: str
    customer_id: int | None
    customer: str | None
    due: date | None
    due_phrase: str | None = None


_SPAN_UNITS = r"月日号天周点个星礼小"
_NUMBER = re.compile(
    rf"第\s*([{NUMERAL_CHARS}]{{1,3}})\s*[条个项件]"
    rf"|(?<![{NUMERAL_CHARS}])([{NUMERAL_CHARS}]{{1,3}})\s*条"
    rf"|(?:完成|做完|推迟|延后|改期|办完)\s*(?:了)?\s*(?:第)?([{NUMERAL_CHARS}]{{1,3}})"
    rf"(?!\s*[{_SPAN_UNITS}]|[{NUMERAL_CHARS}])"
    rf"|^\s*([{NUMERAL_CHARS}]{{1,3}})\s*(?:$|完成|做完|办完|推迟|延后|改期|搞定)"
)
_EACH = re.compile(rf"[{NUMERAL_CHARS}]{{1,3}}")
_NUMBERS = re.compile(
    rf"(?:第\s*)?{_EACH.pattern}\s*条?(?:\s*[、，,和跟及]\s*(?:第\s*)?{_EACH.pattern}\s*条?)+"
    rf"(?!\s*[{_SPAN_UNITS}])"
)
_FILLER = re.compile(
    r"待办|事情|东西|完成|做完|办完|搞定|推迟|延后|延期|改期|往后推|改到|挪到|推到|延到|答应|过去|"
    r"安排|准备|联系|解决|回复|已经|[这那][条个件份]|不用|不必|不需要|不做|取消|删掉|算了|"
    r"今天|昨天|刚才|刚刚|早上|上午|中午|下午|晚上|之前|和|跟|、|"
    r"[的了把将给帮替我他她那这都也就到好完过吧呢啊再缓]|"
    r"[，。,.！!？?\s\"「」]"
)
_LOOSE = frozenset({"资料", "材料", "文件", "东西"})
"""What anything that was promised may be called."""

_VERB = re.compile(r"(?<=..)[发送寄交带办弄做约订定问查回转递]$")
_CLEAR_OF_CUSTOMER = 0.6
_CLEAR_OF_ALL = 0.8
"""Which part of what was said must be in a promise to act on it: less when the customer is named,
for then the words only choose among a few."""


def bucket_of(due: date | None, today: date) -> Bucket:
    """Which group a due day belongs to; the week ends on Sunday."""
    if due is None:
        return Bucket.UNDATED
    if due <= today:
        return Bucket.TODAY if due == today else Bucket.OVERDUE
    sunday = today + timedelta(days=6 - today.weekday())
    return Bucket.WEEK if due <= sunday else Bucket.LATER


def in_order(todos: Sequence[Todo]) -> list[Todo]:
    """The earliest due first, undated last, older promises before newer ones."""
    return sorted(todos, key=lambda todo: (todo.due or date.max, todo.id))


def remind_day(due: date, today: date, calendar: WorkCalendar) -> date:
    """When to be reminded of a promise: the working day before it is due, never in the past."""
    return max(today, calendar.add_workdays(due, -1))


def number_said(words: str) -> int | None:
    """The number of the list that a sentence names (「第2条完成了」「推迟 3 到周五」)."""
    match = _NUMBER.search(words)
    said = next((group for group in match.groups() if group), None) if match else None
    return parse_int(said) if said else None


def numbers_said(words: str) -> list[int]:
    """Several numbers of the list in one sentence (「第1、2条」「1和3」); empty when there are not
    several."""
    match = _NUMBERS.search(words)
    found = [parse_int(said) for said in _EACH.findall(match[0])] if match else []
    return [number for number in found if number is not None]


def meant(
    words: str, todos: Sequence[Todo], customers: frozenset[int], mention: str = ""
) -> tuple[list[Todo], bool]:
    """The todos that a sentence can mean, and whether it is exactly one clear match.

    `customers` are those named in it, as `mention`: only their todos are meant. Every thing that is
    named must be in the todo, some of it for a customer's own; what names neither means nothing.
    """
    said = things(words, mention)
    if customers:
        own = [todo for todo in todos if todo.customer_id in customers]
        return _best(said, own, _CLEAR_OF_CUSTOMER) if said else (own, len(own) == 1)
    if mention or not said:
        return [], False
    every = [
        todo
        for todo in todos
        if all(thing in _LOOSE or _shared(thing, todo.action) for thing in said)
    ]
    return _best(said, every, _CLEAR_OF_ALL)


def things(words: str, mention: str = "") -> list[str]:
    """What a sentence is about, without the name, verbs and small words: 文献, 科室会方案."""
    bare = words.replace(mention, " ") if mention else words
    parts = (_VERB.sub("", part) for part in _FILLER.sub("\n", bare).split("\n"))
    return [part for part in parts if len(part) > 1]


def _best(said: list[str], todos: Sequence[Todo], clear: float) -> tuple[list[Todo], bool]:
    """Those that fit everything best; when every thing fits another one, all of these."""
    fitting = [_fitting(thing, todos) for thing in said]
    both = set.intersection(*fitting) or set.union(*fitting)
    found = [todo for todo in todos if todo.id in both]
    score = sum(_shared(thing, todo.action) for thing in said for todo in found)
    return found, len(found) == 1 and score >= clear * sum(map(len, said))


def _fitting(thing: str, todos: Sequence[Todo]) -> set[int]:
    scores = {todo.id: _shared(thing, todo.action) for todo in todos}
    best = max(scores.values(), default=0)
    return {number for number, score in scores.items() if best and score == best}


def _shared(thing: str, action: str) -> int:
    """How many characters of `thing` stand in `action` beside a neighbour: enough to tell 文献 from
    病例 without a dictionary."""
    pairs = (place for place in range(len(thing) - 1) if thing[place : place + 2] in action)
    return len({place + step for place in pairs for step in (0, 1)})

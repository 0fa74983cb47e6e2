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


_NUMBER = re.compile(
    rf"第?\s*([{NUMERAL_CHARS}]{{1,3}})\s*[条个项件]"
    rf"|(?:完成|做完|推迟|延后|改期|办完)\s*(?:了)?\s*(?:第)?([{NUMERAL_CHARS}]{{1,3}})(?![月日号天周点个])"
    rf"|^\s*([{NUMERAL_CHARS}]{{1,3}})\s*(?:$|完成|做完|办完|推迟|延后|改期|搞定)"
)
_FILLER = re.compile(
    r"[的了已经把给帮替我他她那这条个件份都也就刚到好完吧呢啊]|待办|事情|完成|做完|办完|搞定|推迟|延后|改期|改到|下周|"
    r"[，。,.！!？?\s\"「」]"
)


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


def meant(
    words: str, todos: Sequence[Todo], customers: frozenset[int], mention: str = ""
) -> tuple[list[Todo], bool]:
    """The todos that a sentence can mean, and whether it is exactly one clear match.

    `customers` are those named in it, as `mention`. Clear is one todo that shares words with the
    sentence more than any other; a name alone is clear when it has a single todo and nothing else
    was said.
    """
    named = [todo for todo in todos if todo.customer_id in customers]
    topic = _pairs(
        _FILLER.sub("", words.replace(mention, "")) if mention else _FILLER.sub("", words)
    )
    pool = named if customers else list(todos)
    scored = [(len(topic & _pairs(todo.action)), todo) for todo in pool]
    best = max((score for score, _ in scored), default=0)
    if best:
        found = [todo for score, todo in scored if score == best]
        return found, len(found) == 1
    return named, len(named) == 1 and not topic


def _pairs(text: str) -> set[str]:
    """Every two neighbouring characters: enough to tell 文献 from 病例 without a dictionary."""
    return {text[place : place + 2] for place in range(len(text) - 1)}

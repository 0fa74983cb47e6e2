"""Edits of the lists on a card: points, next steps, quotes, needs, facts."""

import re
from collections.abc import Sequence
from typing import Any

from bot.domain.clock import say_day
from bot.domain.note import GroundedVisit, NextStep
from bot.domain.numerals import parse_int
from bot.domain.people import find_people, resolve
from bot.domain.when import find_days, parse_day
from bot.understanding.edits.model import Context, Edit, EditNotUnderstoodError
from bot.understanding.edits.wording import ADD, CHANGE, DROP

_LISTS = {
    "要点": "key_points",
    "待办": "next_steps",
    "原话": "quotes",
    "需求": "needs",
    "档案": "profile_updates",
    "竞品": "competitors",
    "协访": "co_visitors",
}
_NAME = "|".join(_LISTS)
_NUMBER = r"第?\s*(?P<number>[一二两三四五六七八九十\d]+)\s*[条个句]?"
_WHICH = re.compile(
    rf"(?:{_NUMBER}(?:的)?)?(?P<list>{_NAME})(?:的?{_NUMBER.replace('number', 'after')})?"
)
_ALL = re.compile(r"都|全|所有")
_CHANGE = re.compile(rf"(?:{CHANGE})(?P<value>.+)$")


def remove(text: str, context: Context) -> Edit | None:
    """「删掉第三条要点」, 「原话不要了」."""
    if re.search(DROP, text) is None:
        return None
    found = _which(text, context.visit)
    if found is None:
        return None
    label, field, entries, index = found
    if index is None and not _ALL.search(text):
        raise _say_which(label, entries)
    if index is None:
        return context.edited(f"{label}：全部去掉", **{field: []})
    kept = [entry for place, entry in enumerate(entries) if place != index]
    return context.edited(f"去掉{label}：{_say(entries[index])}", **{field: kept})


def add(text: str, context: Context) -> Edit | None:
    """「加一条待办：周五前给李主任发文献」, 「加一条要点：他想看亚组」."""
    match = re.search(rf"{ADD}[个条]?(?P<list>要点|待办)[，,：: ]*(?P<value>.+)$", text)
    if match is None:
        return None
    value = match["value"].strip()
    if match["list"] == "要点":
        return context.edited(f"加要点：{value}", key_points=[*context.visit.key_points, value])
    step = _new_step(value, context)
    return context.edited(f"加待办：{_say(step)}", next_steps=[*context.visit.next_steps, step])


def change(text: str, context: Context) -> Edit | None:
    """「第二条待办改到下周五」, 「第一条要点改成他要看亚组」."""
    match = _CHANGE.search(text)
    found = _which(text[: match.start()], context.visit) if match else None
    if match is None or found is None:
        return None
    label, field, entries, index = found
    if field not in {"key_points", "next_steps"}:
        raise EditNotUnderstoodError(
            f"{label}要和您说的原话一致，不能改写；不对的可以说「删掉{label}」。"
        )
    if index is None and len(entries) != 1:
        raise _say_which(label, entries)
    place = index or 0
    new = _changed(entries[place], match["value"].strip(), context)
    after = [new if at == place else entry for at, entry in enumerate(entries)]
    return context.edited(f"{label}：{_say(entries[place])} → {_say(new)}", **{field: after})


def _which(text: str, visit: GroundedVisit) -> tuple[str, str, Sequence[Any], int | None] | None:
    """The list that is named, and the place in it: None when no number was said."""
    match = _WHICH.search(text)
    if match is None:
        return None
    label = match["list"]
    entries: Sequence[Any] = getattr(visit, _LISTS[label])
    said = match["number"] or match["after"]
    if not entries:
        raise EditNotUnderstoodError(f"这条记录里没有{label}。")
    if said is None:
        return label, _LISTS[label], entries, _by_words(text, entries)
    number = parse_int(said)
    if number is None or not 1 <= number <= len(entries):
        raise EditNotUnderstoodError(f"{label}只有 {len(entries)} 条，没有第{said}条。")
    return label, _LISTS[label], entries, number - 1


def _by_words(text: str, entries: Sequence[Any]) -> int | None:
    """The place of the only entry, or of the only one whose customer is named."""
    if len(entries) == 1:
        return 0
    named = [
        place
        for place, entry in enumerate(entries)
        if (whom := getattr(entry, "customer", None)) and whom in text
    ]
    return named[0] if len(named) == 1 else None


def _say_which(label: str, entries: Sequence[Any]) -> EditNotUnderstoodError:
    return EditNotUnderstoodError(
        f"{label}有 {len(entries)} 条，请说第几条，例如「删掉第二条{label}」；"
        f"都不要就说「{label}都删掉」。"
    )


def _changed(entry: Any, value: str, context: Context) -> Any:
    if not isinstance(entry, NextStep):
        return value
    day = parse_day(value, now=context.now, calendar=context.calendar)
    if day is None:
        return entry.model_copy(update={"action": value})
    if day < context.today:
        raise EditNotUnderstoodError(f"{say_day(day)} 已经过去了，请说今天以后的日子。")
    return entry.model_copy(update={"due": day, "due_phrase": value})


def _new_step(value: str, context: Context) -> NextStep:
    days = find_days(value, now=context.now, calendar=context.calendar)
    people = [p for p in find_people(value, context.roster) if not p.colleague]
    fitting = resolve(people[0].mention, context.roster) if people else ()
    customers = context.visit.customers
    whom = fitting[0] if len(fitting) == 1 else customers[0] if len(customers) == 1 else None
    action = value[: days[0].start] + value[days[0].end :] if days else value
    return NextStep(
        action=action.strip(" ，,。") or value,
        customer_id=whom.id if whom else None,
        customer=whom.name if whom else None,
        due=days[0].day if days else None,
        due_phrase=days[0].phrase if days else None,
        evidence=value,
    )


def _say(entry: Any) -> str:
    if isinstance(entry, NextStep):
        return f"{entry.action}（{say_day(entry.due)}）" if entry.due else entry.action
    text = entry if isinstance(entry, str) else getattr(entry, "text", None) or entry.value
    return str(text)

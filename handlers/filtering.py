"""按标签找客户: 「心内科+青年医师+关注药物涂层球囊」, a page at a time."""

import re
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from bot.domain.errors import StaleCardError
from bot.domain.filters import Filed, common_words, find_filed
from bot.messages import Button, Reply
from bot.registry import WordsSlots, bare_words, capability, on_answer, on_press
from bot.turn import Turn
from handlers.brief import READERS
from storage.candidates import customers_query
from storage.customers import Customer, CustomerTag
from storage.places import Hospital
from storage.scope import customers_of

PAGE = 8
_ONLY = re.compile(r"^(?:只|就|单独?)(?:想)?(?:看|要|列|找)(?:一下)?")
_LONGEST_TERM = 8
_EVERYBODY = ("找客户", "筛选客户", "我的客户", "我负责的客户", "我有哪些客户")
_TURNS = {"下一页": 1, "下页": 1, "上一页": -1, "上页": -1}


@dataclass(frozen=True, slots=True)
class Listed:
    """Everybody within the person's scope: a line each, the words they are found by, and the tags
    (or else departments) to offer as conditions."""

    lines: dict[int, tuple[str, str]]
    filed: list[Filed]
    offered: list[str]


@capability(
    command="/find",
    title="按标签找客户",
    example="心内科+青年医师",
    words=_EVERYBODY,
    pattern=_ONLY.pattern + r"[^，,。；;！!？?]{2,16}$",
    intent="filter_customers",
    roles=READERS,
    slots=WordsSlots,
)
def find_customers(turn: Turn, slots: WordsSlots) -> Reply:
    """The customers who carry everything that was said; without a condition, all of them."""
    listed = filed_of(turn)
    asked = "" if bare_words(slots.words) in _EVERYBODY else _ONLY.sub("", slots.words)
    if not asked.strip():
        return _page(turn, listed, [each.id for each in listed.filed], "全部客户", 0)
    found = find_filed(asked, listed.filed)
    if found.unknown or not found.terms:
        said = found.unknown or [asked.strip()]
        is_short = sum(map(len, said)) <= _LONGEST_TERM * len(said)
        unknown = f"「{'」「'.join(said)}」" if is_short else "这个条件"
        return Reply(
            f"您的客户里没有{unknown}。可以用这些词，用 + 连起来：{'、'.join(listed.offered)}。"
        )
    return _page(turn, listed, found.ids, " + ".join(found.terms), 0)


@on_press("filter.page", roles=READERS)
def turn_page(turn: Turn, number: int) -> Reply:
    """Another page of the list that was shown last."""
    asked = turn.asked
    if asked is None or asked.question != "filter.page":
        raise StaleCardError("这份名单已经翻过去了，把条件再说一遍就好。")
    return _again(turn, asked.about, number)


@on_answer("filter.page", accepts=lambda words: words.strip() in _TURNS)
def say_page(turn: Turn, words: str, about: dict[str, Any]) -> Reply:
    """「下一页」 in words."""
    return _again(turn, about, about["page"] + _TURNS[words.strip()])


def _again(turn: Turn, about: dict[str, Any], number: int) -> Reply:
    listed = filed_of(turn)
    still = [each for each in about["ids"] if each in listed.lines]
    return _page(turn, listed, still, about["title"], number)


def _page(turn: Turn, listed: Listed, ids: list[int], title: str, number: int) -> Reply:
    if not ids:
        return Reply(f"同时符合「{title}」的客户一位也没有，去掉一个条件试试。")
    last = (len(ids) - 1) // PAGE
    number = min(max(number, 0), last)
    turn.ask("filter.page", ids=ids, title=title, page=number)
    start = number * PAGE
    shown = list(enumerate(ids[start : start + PAGE], start + 1))
    pages = f"，第 {number + 1}/{last + 1} 页" if last else ""
    lines = [f"{title}：{len(ids)} 位{pages}"]
    lines += [f"{place}. {listed.lines[each][1]}" for place, each in shown]
    buttons = [
        Button(f"{place} {listed.lines[each][0]}", f"customer.show:{each}") for place, each in shown
    ]
    if number > 0:
        buttons.append(Button("上一页", f"filter.page:{number - 1}"))
    if number < last:
        buttons.append(Button("下一页", f"filter.page:{number + 1}"))
    return Reply("\n".join(lines), tuple(buttons), card="filter")


def filed_of(turn: Turn) -> Listed:
    """Everybody within the person's scope, by name."""
    tags = _tags(turn)
    query = customers_query(turn.session, turn.person, turn.today)
    rows = sorted(turn.session.exec(query), key=lambda row: (row[0].name, row[0].id or 0))
    lines, filed = {}, []
    for customer, hospital, department, last in rows:
        number = customer.id or 0
        own = tags.get(number, set())
        ago = f"{(turn.today - last).days} 天前" if last else "没见过"
        place = f"{hospital.said_name} {department}"
        line = f"{customer.name} · {place} · {customer.tier.label} · {ago}"
        lines[number] = (customer.name, line)
        filed.append(Filed(number, customer.name, _words(customer, hospital, department) | own))
    wards = [frozenset([department]) for _, _, department, _ in rows]
    return Listed(lines, filed, common_words([frozenset(each) for each in tags.values()] or wards))


def _words(customer: Customer, hospital: Hospital, department: str) -> frozenset[str]:
    named = (hospital.name, hospital.city, department, customer.post, customer.title)
    known = (word for word in named if word)
    kinds = (customer.tier.label, customer.kind.value)
    return frozenset((*known, *kinds, *hospital.aliases, *customer.interests))


def _tags(turn: Turn) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    own = select(Customer.id).where(customers_of(turn.session, turn.person))
    for tag in turn.session.exec(select(CustomerTag).where(col(CustomerTag.customer_id).in_(own))):
        found.setdefault(tag.customer_id, set()).add(tag.tag)
    return found

"""按标签找客户: 「心内科+青年医师+关注药物涂层球囊」, a page at a time."""

from typing import Any

from sqlmodel import col, select

from bot.domain.errors import StaleCardError
from bot.domain.filters import Filed, common_words, find_filed
from bot.messages import Button, Reply
from bot.registry import Slots, capability, on_answer, on_press
from bot.turn import Turn
from handlers.brief import READERS
from storage.candidates import customers_query
from storage.customers import Customer, CustomerTag
from storage.messages import Conversation
from storage.places import Hospital
from storage.scope import customers_of

PAGE = 8
_TERM = r"[^\s，。,！？!?+＋]{1,20}"
ASKING = (
    rf"^{_TERM}(?:\s*[+＋]\s*{_TERM})+$|筛(?:选|出)?|挑出来|拉个名单"
    r"|(?:都有|有|是)(?:谁|哪些人|哪几位|哪些客户|哪些医生)|(?:里头?|当中|中间|里面)谁|哪些(?:医生|客户|主任)"
)
_TURNS = {"下一页": 1, "下页": 1, "上一页": -1, "上页": -1}


class FilterSlots(Slots):
    """The words that the customers must carry, as said."""

    words: str = ""


class _Row:
    """A customer of a list, as one line says it."""

    def __init__(self, customer: Customer, hospital: Hospital, department: str, ago: str) -> None:
        self.id, self.name = customer.id or 0, customer.name
        place = f"{hospital.said_name} {department}"
        self.line = f"{customer.name} · {place} · {customer.tier.label} · {ago}"
        self.words = frozenset(
            [
                hospital.name,
                *hospital.aliases,
                department,
                customer.tier.label,
                customer.kind.value,
                *customer.interests,
                *(word for word in (customer.post, customer.title) if word),
            ]
        )


@capability(
    command="/find",
    title="按标签找客户",
    example="心内科+青年医师",
    words=("找客户", "筛选客户", "我的客户"),
    pattern=ASKING,
    roles=READERS,
    slots=FilterSlots,
)
def find_customers(turn: Turn, slots: FilterSlots) -> Reply:
    """The customers who carry everything that was said; without a condition, all of them."""
    rows, filed = _filed(turn)
    asked = "" if slots.words in {"找客户", "筛选客户", "我的客户"} else slots.words
    if not asked.strip():
        return _page(turn, list(rows.values()), "全部客户", 0)
    found = find_filed(asked, filed)
    if found.unknown or not found.terms:
        unknown = f"「{'」「'.join(found.unknown)}」" if found.unknown else "这个条件"
        known = "、".join(common_words(filed))
        return Reply(f"您的客户里没有{unknown}。可以用这些词，用 + 连起来：{known}。")
    return _page(turn, [rows[each] for each in found.ids], " + ".join(found.terms), 0)


@on_press("filter.page", roles=READERS)
def turn_page(turn: Turn, number: str) -> Reply:
    """Another page of the list that was shown last."""
    asked = turn.session.get(Conversation, turn.me)
    if asked is None or asked.question != "filter.page":
        raise StaleCardError("这份名单已经翻过去了，把条件再说一遍就好。")
    return _again(turn, asked.about, int(number))


@on_answer("filter.page", accepts=lambda words: words.strip() in _TURNS)
def say_page(turn: Turn, words: str, about: dict[str, Any]) -> Reply:
    """「下一页」 in words."""
    return _again(turn, about, about["page"] + _TURNS[words.strip()])


def _again(turn: Turn, about: dict[str, Any], number: int) -> Reply:
    rows, _ = _filed(turn)
    shown = [rows[each] for each in about["ids"] if each in rows]
    return _page(turn, shown, about["title"], number)


def _page(turn: Turn, rows: list[_Row], title: str, number: int) -> Reply:
    if not rows:
        return Reply(f"同时符合「{title}」的客户一位也没有，去掉一个条件试试。")
    last = (len(rows) - 1) // PAGE
    number = min(max(number, 0), last)
    shown = rows[number * PAGE : (number + 1) * PAGE]
    turn.ask("filter.page", ids=[row.id for row in rows], title=title, page=number)
    first = number * PAGE + 1
    pages = f"，第 {number + 1}/{last + 1} 页" if last else ""
    lines = [f"{title}：{len(rows)} 位{pages}"]
    lines += [f"{place}. {row.line}" for place, row in enumerate(shown, first)]
    buttons = [
        Button(f"{place} {row.name}", f"customer.show:{row.id}")
        for place, row in enumerate(shown, first)
    ]
    if number > 0:
        buttons.append(Button("上一页", f"filter.page:{number - 1}"))
    if number < last:
        buttons.append(Button("下一页", f"filter.page:{number + 1}"))
    return Reply("\n".join(lines), tuple(buttons), card="filter")


def _filed(turn: Turn) -> tuple[dict[int, _Row], list[Filed]]:
    """Everybody within the person's scope, by name, with all the words they can be found by."""
    tags: dict[int, list[str]] = {}
    own = select(Customer.id).where(customers_of(turn.session, turn.person))
    for tag in turn.session.exec(select(CustomerTag).where(col(CustomerTag.customer_id).in_(own))):
        tags.setdefault(tag.customer_id, []).append(tag.tag)
    query = customers_query(turn.session, turn.person, turn.today)
    rows = [
        _Row(
            customer, hospital, department, f"{(turn.today - last).days} 天前" if last else "没见过"
        )
        for customer, hospital, department, last in turn.session.exec(query)
    ]
    rows.sort(key=lambda row: (row.name, row.id))
    filed = [Filed(row.id, row.name, row.words | set(tags.get(row.id, ()))) for row in rows]
    return {row.id: row for row in rows}, filed

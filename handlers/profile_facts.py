"""档案更新: facts heard in a visit are proposed on one card; only the rep's 采纳 files them."""

from collections.abc import Sequence

from sqlmodel import col, select

from bot.domain.errors import StaleCardError
from bot.messages import Button, Reply
from bot.registry import on_press
from bot.turn import Turn
from storage.customers import Customer, CustomerTag, FactStatus, ProfileFact
from storage.notes import VisitNote

_SHOWN = 5


def facts_card(turn: Turn, facts: Sequence[ProfileFact]) -> Reply | None:
    """The question whether to file what was heard; None when nothing was."""
    if not facts:
        return None
    names = _names(turn, facts)
    lines = [
        f"{number}. {names[fact.customer_id]} · {fact.field}：{fact.value}"
        for number, fact in enumerate(facts[:_SHOWN], start=1)
    ]
    note_id = facts[0].note_id
    one_by_one = [
        Button(f"只采纳 {number}", f"facts.one:{fact.id}")
        for number, fact in enumerate(facts[:_SHOWN], start=1)
    ]
    return Reply(
        "\n".join(["客户档案要更新吗？", *lines]),
        buttons=(
            Button("采纳" if len(facts) == 1 else "全部采纳", f"facts.all:{note_id}"),
            *(one_by_one if len(facts) > 1 else ()),
            Button("不用", f"facts.none:{note_id}"),
        ),
        card=f"facts:{note_id}",
    )


@on_press("facts.all")
def accept_all(turn: Turn, note_id: int) -> Reply:
    """File every fact that a note proposed."""
    facts = _proposed(turn, note_id)
    for fact in facts:
        _decide(turn, fact, FactStatus.ACCEPTED)
    names = "、".join(dict.fromkeys(_names(turn, facts).values()))
    return Reply(f"已更新{names}的档案，共 {len(facts)} 条。", card=f"facts:{note_id}")


@on_press("facts.one")
def accept_one(turn: Turn, fact_id: int) -> list[Reply]:
    """File one fact, and ask about the others again."""
    fact = turn.session.get(ProfileFact, fact_id)
    note_id = fact.note_id if fact else None
    rest = _proposed(turn, note_id or 0)
    if fact not in rest or fact is None:
        raise StaleCardError("这一条已经处理过了。")
    _decide(turn, fact, FactStatus.ACCEPTED)
    rest.remove(fact)
    done = Reply(f"已采纳：{fact.field}：{fact.value}")
    asked = facts_card(turn, rest)
    return [done, asked] if asked else [done]


@on_press("facts.none")
def reject_all(turn: Turn, note_id: int) -> Reply:
    """Leave the file as it is."""
    for fact in _proposed(turn, note_id):
        _decide(turn, fact, FactStatus.REJECTED)
    return Reply("好的，档案不动。原话仍在这条记录里。", card=f"facts:{note_id}")


def _proposed(turn: Turn, note_id: int) -> list[ProfileFact]:
    """The open proposals of one of the person's own notes. Raises StaleCardError without any."""
    wanted = (
        select(ProfileFact)
        .join(VisitNote, col(VisitNote.id) == ProfileFact.note_id)
        .where(
            VisitNote.id == note_id,
            VisitNote.author_id == turn.me,
            ProfileFact.status == FactStatus.PROPOSED,
        )
        .order_by(col(ProfileFact.id))
    )
    facts = list(turn.session.exec(wanted).all())
    if not facts:
        raise StaleCardError("这张卡片已经处理过了。")
    return facts


def _names(turn: Turn, facts: Sequence[ProfileFact]) -> dict[int, str]:
    ids = {fact.customer_id for fact in facts}
    wanted = select(Customer).where(col(Customer.id).in_(ids))
    return {customer.id or 0: customer.name for customer in turn.session.exec(wanted).all()}


def _decide(turn: Turn, fact: ProfileFact, status: FactStatus) -> None:
    fact.status, fact.decided_by_id, fact.decided_at = status, turn.me, turn.now
    turn.session.add(fact)
    if status == FactStatus.ACCEPTED:
        _file(turn, fact)
    turn.record(f"fact.{status.value}", f"fact:{fact.id}", customer=fact.customer_id)


def _file(turn: Turn, fact: ProfileFact) -> None:
    """A tag joins the customer's tags; other facts are read from the accepted rows."""
    if fact.field != "标签":
        return
    if turn.session.get(CustomerTag, (fact.customer_id, fact.value[:64])) is None:
        turn.session.add(CustomerTag(customer_id=fact.customer_id, tag=fact.value[:64]))

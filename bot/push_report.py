"""`python -m bot pushes`: what is due and why it waits, what went out, and what did not arrive."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlmodel import Session

from bot.domain.clock import local_day, say_day, to_local
from bot.domain.pushing import Verdict
from bot.domain.quiet import at
from bot.domain.reach import why_unsent
from bot.push_items import Item, Outlook, Place
from bot.pusher import Pusher
from storage.deliveries import Delivery, DeliveryStatus
from storage.pushes import Pushed, PushStatus, made_between, pushed_since

LOOK_BACK = timedelta(hours=24)

_VERDICTS = {
    Verdict.SEND: "现在就说",
    Verdict.HOLD: "今天满了，放进下一次简报",
    Verdict.WAIT: "安静时间、暂停或休假，等着",
    Verdict.DROP: "过了时候，不说了",
}
_DELIVERED = {
    DeliveryStatus.WAITING: "在路上",
    DeliveryStatus.SENDING: "在路上",
    DeliveryStatus.DELIVERED: "送到了",
}
_MADE = {
    PushStatus.HELD: "今天满了，等下一次简报",
    PushStatus.TOLD: "放进简报说了",
}
_REASONS = {"too_late": "过了时候，没说", "nothing": "没什么要说的", "broken": "程序出错，没说成"}


def report_pushes(pusher: Pusher, now: datetime) -> Iterator[str]:
    """The lines of the report, everything that was due by then, and the last day before it."""
    titles = {push.kind: push.title for push in pusher.pushes}
    with Session(pusher.engine) as session:
        yield f"到 {_say(now)} 该说的："
        lines = [line for place in Place for line in _due(session, pusher, now, place)]
        yield from lines or ["（没有）"]
        yield "之前 24 小时里的："
        made = made_between(session, now - LOOK_BACK, now)
        for row, person, delivery in made:
            title = titles.get(row.kind, row.kind)
            yield f"· {_say(row.made_at)} {person.name} {title}：{_outcome(row, delivery)}"
        if not made:
            yield "（没有）"


def _due(session: Session, pusher: Pusher, now: datetime, place: Place) -> Iterator[str]:
    outlook = pusher.outlook(session, now, place)
    judge = pusher.judge(now, outlook.wishes)
    ids = sorted({item.to for item in outlook.items})
    counted = pushed_since(session, ids, at(local_day(now), time()))
    for item in sorted(outlook.items, key=lambda item: (item.due.at, item.to, item.key)):
        verdict = judge.verdict(item, judge.room(counted.get(item.to, 0)))
        yield _line(item, outlook, verdict, place)


def _line(item: Item, outlook: Outlook, verdict: Verdict, place: Place) -> str:
    to = outlook.people[item.to]
    where = "（没有聊天账号，只在终端说）" if place == Place.TERMINAL else ""
    instead = f"（代{item.owner}）" if item.owner else ""
    due = f"{_say(item.due.at)} {to.name}{instead} {item.push.title}"
    return f"· {due}：{_VERDICTS[verdict]}{where}"


def _outcome(row: Pushed, delivery: Delivery | None) -> str:
    if row.status != PushStatus.SENT:
        return _MADE.get(row.status) or _REASONS.get(row.reason or "", "没说")
    if delivery is None:
        return "送出去了，送达的记录已清理"
    if delivery.status == DeliveryStatus.FAILED:
        return f"没送到（{why_unsent(delivery.problem or '')}）"
    return _DELIVERED[delivery.status]


def _say(moment: datetime) -> str:
    local = to_local(moment)
    return f"{say_day(local.date())} {local:%H:%M}"

"""不去: why not, until when the customer is not suggested, and taking it back."""

import re
from datetime import date, timedelta
from typing import Any

from bot.domain.asking import is_request
from bot.domain.clock import say_day, to_local
from bot.domain.pause import read_pause
from bot.messages import Button, Reply
from bot.registry import on_answer, on_press
from bot.turn import Turn
from handlers.next_visit import REPS
from handlers.whom import own_customer
from storage.customers import Customer

_LONGEST_REASON = 40
_NO_REASON = re.compile(
    r"没(?:有)?(?:什么|啥)?(?:特别的?)?(?:原因|理由)|不为(?:什么|啥)|没(?:什么|啥)"
)
_SOMETHING_ELSE = re.compile(
    r"第.{1,2}条|推迟|延后|标签|撤销|(?:[发送寄交给办]|完成|搞定)(?:过去|过|完|好)?了[。！!]?$|不用[做送发]"
)
_TELLS_A_VISIT = re.compile(r"刚(?:才|刚)?(?:见|从|拜访|跟|和)|聊了|谈了|拜访了")


def is_reason(words: str) -> bool:
    """A reason for 「不去」 is short, tells of no visit and asks for nothing."""
    is_short = 0 < len(words.strip()) <= _LONGEST_REASON
    if not is_short or _TELLS_A_VISIT.search(words) or _SOMETHING_ELSE.search(words):
        return False
    return _NO_REASON.match(words.strip()) is not None or not is_request(words)


@on_press("next.skip", roles=REPS)
def ask_why(turn: Turn, customer_id: int) -> Reply:
    """Ask for the reason, in words or by a button."""
    return ask_reason(turn, own_customer(turn, customer_id))


def ask_reason(turn: Turn, customer: Customer) -> Reply:
    """「是因为？」, with the most usual answers as buttons."""
    turn.ask("next.skip", customer=customer.id)
    monday = turn.today + timedelta(days=7 - turn.today.weekday())
    month = (turn.today.replace(day=1) + timedelta(days=32)).replace(day=1)
    default = turn.today + timedelta(days=turn.policy.skip.default_days)
    return Reply(
        f"{customer.name}先不去，是因为？说一句就行，例如「进修到年底」「下周三再说」「不在」。",
        (
            Button("下周再说", f"next.pause:{customer.id}:{monday}"),
            Button("下个月再说", f"next.pause:{customer.id}:{month}"),
            Button("不说原因", f"next.pause:{customer.id}:{default}"),
        ),
    )


@on_answer("next.skip", accepts=is_reason)
def take_reason(turn: Turn, words: str, about: dict[str, Any]) -> Reply:
    """Turn the reason into a day, and say which."""
    return pause_for(turn, own_customer(turn, about["customer"]), words)


def pause_for(turn: Turn, customer: Customer, words: str) -> Reply:
    """Not to be suggested until the day that the reason names, or for the policy's usual time."""
    pause = read_pause(
        words,
        now=to_local(turn.now),
        calendar=turn.calendar,
        default_days=turn.policy.skip.default_days,
    )
    hint = "" if pause.said else "没听到日子，先按这个算；要改就再点一次「不去」，说个日子。"
    reason = "" if _NO_REASON.match(words.strip()) else words.strip()
    return _pause(turn, customer, pause.until, reason, hint)


@on_press("next.pause", roles=REPS)
def pause_until(turn: Turn, customer_id: int, day: date) -> Reply:
    """A reason by button: only the day counts."""
    return _pause(turn, own_customer(turn, customer_id), day, "", "")


@on_press("next.unskip", roles=REPS)
def suggest_again(turn: Turn, customer_id: int) -> Reply:
    """Take a 「不去」 back."""
    customer = own_customer(turn, customer_id)
    customer.skip_until = customer.skip_reason = None
    turn.session.add(customer)
    _record(turn, "customer.unskip", customer)
    return Reply(f"好，{customer.name}照常推荐。", (_list_button(turn),))


def _pause(turn: Turn, customer: Customer, until: date, reason: str, hint: str) -> Reply:
    customer.skip_until, customer.skip_reason = until, reason[:200] or None
    turn.session.add(customer)
    back = Button("恢复推荐", f"next.unskip:{customer.id}")
    turn.ask("next.skipped", undo=back.id)
    _record(turn, "customer.skip", customer)
    because = f"（{reason}）" if reason else ""
    return Reply(
        f"好，{customer.name}{say_day(until, today=turn.today)}起再推荐{because}。{hint}",
        (back, _list_button(turn)),
    )


def _list_button(turn: Turn) -> Button:
    return Button("再看名单", f"next.more:{turn.today}")


def _record(turn: Turn, action: str, customer: Customer) -> None:
    until = customer.skip_until.isoformat() if customer.skip_until else None
    turn.record(action, f"customer:{customer.id}", until=until)

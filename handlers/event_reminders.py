"""Adverse events that wait: compliance is told again until somebody takes one up, and the rep is
asked for what is missing until it is closed (SY-03)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from bot.alerts import ask_detail, detail_question, say_missing
from bot.domain.clock import local_day, say_day, to_local
from bot.domain.event_repeats import (
    FollowUp,
    OpenEvent,
    Repeats,
    UnseenEvent,
    follow_ups,
    unseen_events,
)
from bot.domain.promises import shorten
from bot.domain.pushing import Due
from bot.messages import Button, Reply
from bot.policy import Policy
from bot.pushes import Told, push
from bot.understanding.screening import missing_elements
from storage.due_rows import open_events, unseen_events_of_all
from storage.events import told_of_events
from storage.people import Role


class _Lack(NamedTuple):
    """An event as it was told, and which of the four elements are missing."""

    told: str
    missing: Sequence[str]


def choose_unseen(now: datetime, rows: Sequence[UnseenEvent], policy: Policy) -> Iterable[Due]:
    """Each event at the moments of the policy."""
    told = policy.adverse_event
    return unseen_events(
        rows, now, Repeats(told.unseen_hours, told.unseen_every_hours, told.report_hours)
    )


@push(
    kind="unseen_event",
    title="不良事件没人处理",
    read=unseen_events_of_all,
    choose=choose_unseen,
    at_night=True,
)
def remind_compliance(told: Told) -> Reply:
    """The words with 由我处理; an admin, who may not read them, is told that they wait."""
    event: UnseenEvent = told.dues[0].about
    raised = to_local(event.raised_at)
    hours = int((told.now - event.raised_at).total_seconds() // 3600)
    when = f"{say_day(raised.date(), today=local_day(told.now))} {raised:%H:%M}"
    lead = f"【不良事件没人处理】{event.teller} {when} 报的，过了 {hours} 小时还没有人处理。"
    if told.role == Role.ADMIN and told.dues[0].person_id not in event.receivers:
        return Reply(f"{lead}请马上联系合规同事。")
    report = policy_line(told.policy, hours)
    text = f"{lead}\n原文：{event.words}\n第0天：{say_day(raised.date())}。{report}"
    button = Button("由我处理", f"flag.seen:{event.id}")
    return Reply(text, (button,) if told.role == Role.COMPLIANCE else ())


def policy_line(policy: Policy, hours: int) -> str:
    """How much is left of the time for the report inside the company."""
    left = policy.adverse_event.report_hours - hours
    return f"内部时限还有 {left} 小时。" if left > 0 else "内部时限已经过了。"


def choose_follow_up(now: datetime, rows: Sequence[OpenEvent], policy: Policy) -> Iterable[Due]:
    """Each event that is not closed at the moments of SY-03."""
    told = policy.adverse_event
    times = FollowUp(told.follow_up_hours, told.follow_up_at, told.follow_up_days)
    return follow_ups(rows, now, times, policy.quiet_hours())


def gather_lacks(
    session: Session, people: Sequence[int], _: datetime, __: Policy
) -> Mapping[int, Mapping[int, _Lack]]:
    """What is missing in the events of these people."""
    found: dict[int, dict[int, _Lack]] = {}
    for flag, words, roster in told_of_events(session, people):
        lack = _Lack(words, missing_elements(words, roster))
        found.setdefault(flag.person_id, {})[flag.id or 0] = lack
    return found


@push(
    kind="event_more",
    title="不良事件缺信息",
    read=open_events,
    choose=choose_follow_up,
    gather=gather_lacks,
)
def ask_for_more(told: Told) -> Reply | None:
    """What is missing, with the answers as buttons; nothing when the four elements are there."""
    event: OpenEvent = told.dues[0].about
    lack: _Lack | None = (told.facts or {}).get(event.id)
    if lack is None or not lack.missing:
        return None
    quoted = shorten(lack.told.split("\n", maxsplit=1)[0], 40)
    question = detail_question(lack.told)
    lines = [f"【不良事件还缺信息】「{quoted}」", say_missing(lack.missing), question]
    buttons = ask_detail(event.id, lack.told)
    return Reply("\n".join(line for line in lines if line), buttons, card=f"event:{event.id}")

"""早安简报: on working days, whom to see and why, promises due, needs running, and what could not
be said before; 今天去 / 换一个 / 预案."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session

from bot.domain.clock import local_day, say_day, to_local
from bot.domain.errors import StaleCardError
from bot.domain.promises import say_late, shorten
from bot.domain.pushing import Due
from bot.domain.ranking import Asked, Suggestion, rank
from bot.domain.reminding import Reader, due_briefings
from bot.messages import Button, Reply
from bot.policy import Policy
from bot.pushes import Told, push
from bot.registry import on_press
from bot.turn import Turn
from handlers.next_visit import REPS, suggestions_on
from storage.briefings import Morning, Owed, mornings
from storage.due_rows import briefing_readers
from storage.people import Role
from storage.pushes import BRIEFING

_SHOWN = 3
_HELD = 5
_CARD = "morning"


def choose(now: datetime, rows: Sequence[Reader], policy: Policy) -> Iterable[Due]:
    """Today's, at each person's time."""
    told = policy.pushes
    return due_briefings(rows, now, told.briefing_at, told.briefing_hours, policy.work_calendar())


def gather(
    session: Session, people: Sequence[int], now: datetime, policy: Policy
) -> Mapping[int, Morning]:
    """The facts of everybody's briefing."""
    since = now - timedelta(days=policy.drafts.keep_days)
    cut = policy.par
    return mornings(session, people, local_day(now), high=cut.high, low=cut.low, drafts_since=since)


@push(
    kind=BRIEFING,
    title="早安简报",
    read=briefing_readers,
    choose=choose,
    gather=gather,
    takes_held=True,
)
def brief(told: Told) -> Reply | None:
    """One screen, for others than reps only what could not be said before; nothing when there is
    nothing to tell."""
    today = local_day(told.now)
    morning: Morning = told.facts or Morning()
    ranked = _ranked(morning, today, told.policy) if told.role == Role.REP else []
    lines = [*_whom(ranked), *_promised(morning, today), *_asked_for(morning, today)]
    if told.role != Role.REP:
        lines = []
    lines += [*_waiting(morning), *_held_back(told.held)]
    if not lines:
        return None
    title = f"【早安简报】{say_day(today)}"
    buttons = _buttons(ranked, 0, today) if ranked else ()
    return Reply("\n".join([title, *lines]), buttons, card=_CARD)


@on_press("morning.other", roles=REPS)
def press_other(turn: Turn, day: date, number: int) -> Reply:
    """换一个: the next one of the list as it stands now; after the last the first again."""
    ranked = suggestions_on(turn, day)
    if not ranked:
        raise StaleCardError("名单有变化了，再问一声「下一个该见谁」。")
    place = number % len(ranked)
    lines = _first(ranked[place], place)
    return Reply("\n".join(["换一位：", *lines]), _buttons(ranked, place, day), card=_CARD)


def _ranked(morning: Morning, today: date, policy: Policy) -> list[Suggestion]:
    return rank(morning.candidates, Asked(today), policy.cadences(), policy.ranking)


def _whom(ranked: Sequence[Suggestion]) -> list[str]:
    if not ranked:
        return []
    others = "、".join(each.candidate.name for each in ranked[1:_SHOWN])
    return ["建议先见：", *_first(ranked[0], 0), *([f"其次：{others}"] if others else [])]


def _first(suggestion: Suggestion, place: int) -> list[str]:
    who = suggestion.candidate
    return [f"{place + 1}. {who.name}（{who.hospital} {who.department}）", suggestion.line]


def _buttons(ranked: Sequence[Suggestion], place: int, day: date) -> tuple[Button, ...]:
    who = ranked[place].candidate
    visit = Button("今天去", f"next.go:{who.id}:{day}")
    if who.planned:
        visit = Button("今天不去了", f"next.drop:{who.id}:{day}")
    other = Button("换一个", f"morning.other:{day}:{place + 1}")
    more = (other,) if len(ranked) > 1 else ()
    return (visit, *more, Button("预案", f"brief.show:{who.id}"))


def _promised(morning: Morning, today: date) -> list[str]:
    due = [owed for owed in morning.promises if owed.due is not None and owed.due <= today]
    due.sort(key=lambda owed: (owed.due or today, owed.words))
    if not due:
        return []
    lines = [f"到期的待办 {len(due)} 条："]
    return lines + [f"· {_said(owed)}（{say_late(owed.due, today)}）" for owed in due[:_SHOWN]]


def _asked_for(morning: Morning, today: date) -> list[str]:
    if not morning.needs:
        return []
    lines = [f"等着回的需求 {len(morning.needs)} 条："]
    return lines + [f"· {_said(owed)}（{_until(owed, today)}）" for owed in morning.needs[:_SHOWN]]


def _said(owed: Owed) -> str:
    words = shorten(owed.words, 20)
    return f"{words} · {owed.customer}" if owed.customer else words


def _until(owed: Owed, today: date) -> str:
    until = to_local(owed.until) if owed.until else None
    if until is None:
        return "没定时限"
    day = "今天" if until.date() == today else say_day(until.date(), today=today)
    return f"{day} {until:%H:%M} 前"


def _waiting(morning: Morning) -> list[str]:
    return [f"没确认的记录 {morning.drafts} 条，发「没确认的记录」看。"] if morning.drafts else []


def _held_back(held: Sequence[str]) -> list[str]:
    if not held:
        return []
    rest = len(held) - _HELD
    more = [f"……另有 {rest} 条"] if rest > 0 else []
    return ["之前没来得及说的：", *(f"· {line}" for line in held[:_HELD]), *more]

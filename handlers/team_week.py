"""本周团队: the manager's digest on Friday: each rep's visits, and what is late."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.domain.clock import local_day, say_day
from bot.domain.pushing import Due
from bot.domain.weekly import due_weekly, week_name
from bot.messages import Reply
from bot.policy import Policy
from bot.pushes import Told, push
from storage.digests import RepWeek, managers_without, team_weeks

_KIND = "team_week"
_SHOWN = 15


def read(session: Session, now: datetime) -> Sequence[int]:
    """Managers who had none this week."""
    return managers_without(session, now, _KIND, week_name(local_day(now)))


def choose(now: datetime, rows: Sequence[int], policy: Policy) -> Iterable[Due]:
    """On the last working day up to Friday."""
    clock, calendar = policy.pushes.team_week_at, policy.work_calendar()
    return due_weekly(rows, now, clock, "本周团队", calendar)


def gather(
    session: Session, people: Sequence[int], now: datetime, _: Policy
) -> Mapping[int, list[RepWeek]]:
    """Each manager's reps."""
    return team_weeks(session, people, now)


@push(kind=_KIND, title="本周团队", read=read, choose=choose, gather=gather)
def tell(told: Told) -> Reply | None:
    """A line for each rep; who has no visit on file comes first."""
    reps: list[RepWeek] = sorted(told.facts or [], key=lambda rep: (rep.visits, rep.name))
    if not reps:
        return None
    today = local_day(told.now)
    monday = today - timedelta(days=today.weekday())
    total = sum(rep.visits for rep in reps)
    lines = [
        f"【本周团队】{say_day(monday)}到{say_day(today)}",
        f"{len(reps)} 位代表，已确认的拜访 {total} 次。",
        *(_line(rep) for rep in reps[:_SHOWN]),
    ]
    rest = len(reps) - _SHOWN
    return Reply("\n".join([*lines, *([f"……另有 {rest} 位"] if rest > 0 else [])]))


def _line(rep: RepWeek) -> str:
    late = (
        (rep.drafts, "没确认的记录"),
        (rep.promises, "过期的待办"),
        (rep.needs, "超时的需求"),
    )
    parts = [f"拜访 {rep.visits} 次" if rep.visits else "本周没有拜访记录"]
    parts += [f"{name} {count} 条" for count, name in late if count]
    return f"· {rep.name}：{'，'.join(parts)}"

"""超期的客户: once a week, by tier, whom a rep has not seen within the cadence."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session

from bot.domain.clock import local_day
from bot.domain.pushing import Due
from bot.domain.ranking import Candidate
from bot.domain.tiers import Cadence, Tier
from bot.domain.weekly import due_weekly, week_name
from bot.messages import Button, Reply
from bot.policy import Policy
from bot.pushes import Told, push
from handlers.morning import gather
from storage.briefings import Morning
from storage.digests import reps_without

_KIND = "cadence"
_NAMED = 4


def read(session: Session, now: datetime) -> Sequence[int]:
    """Reps who had none this week."""
    return reps_without(session, now, _KIND, week_name(local_day(now)))


def choose(now: datetime, rows: Sequence[int], policy: Policy) -> Iterable[Due]:
    """On the last working day up to Friday, in time to plan the next week."""
    clock, calendar = policy.pushes.cadence_at, policy.work_calendar()
    return due_weekly(rows, now, clock, "超期的客户", calendar)


@push(kind=_KIND, title="超期的客户", read=read, choose=choose, gather=gather)
def tell(told: Told) -> Reply | None:
    """The longest overdue of each tier; nothing when nobody is."""
    morning: Morning = told.facts or Morning()
    today = local_day(told.now)
    overdue = overdue_by_tier(morning.candidates, today, told.policy.cadences())
    if not overdue:
        return None
    lines = ["【超期的客户】", *(_line(tier, found) for tier, found in overdue.items())]
    lines.append("先不去的已经排除。下周可以先排他们。")
    monday = today + timedelta(days=7 - today.weekday())
    return Reply("\n".join(lines), (Button("下周一先见谁", f"next.more:{monday}"),))


def overdue_by_tier(
    candidates: Iterable[Candidate], today: date, cadences: Mapping[Tier, Cadence]
) -> dict[Tier, list[tuple[int, str]]]:
    """Days past the cadence and names, the longest first; who is to be left alone is left out."""
    found: dict[Tier, list[tuple[int, str]]] = {}
    for tier in Tier:
        late = [
            ((today - who.last_visit).days - cadences[tier].due_days, who.name)
            for who in candidates
            if who.tier == tier and who.last_visit and not _is_skipped(who, today)
        ]
        if any(days > 0 for days, _ in late):
            found[tier] = sorted((one for one in late if one[0] > 0), key=lambda x: (-x[0], x[1]))
    return found


def _is_skipped(who: Candidate, today: date) -> bool:
    return who.skip_until is not None and today < who.skip_until


def _line(tier: Tier, found: Sequence[tuple[int, str]]) -> str:
    named = "、".join(f"{name}（超 {days} 天）" for days, name in found[:_NAMED])
    more = " 等" if len(found) > _NAMED else ""
    return f"{tier.label} {len(found)} 位：{named}{more}"

"""The core of the `structure` command: dictations to notes in the evaluation format."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from bot.domain.calendar import WorkCalendar
from bot.domain.note import Flag, GroundedVisit, ProposedNote
from bot.domain.roster import Roster
from bot.understanding import rules
from bot.understanding.grounding import ground
from bot.understanding.screening import mask

RosterOf = Callable[[str], Roster]
Propose = Callable[[str, Roster, datetime], ProposedNote]
T = TypeVar("T")


def _by_rules(text: str, roster: Roster, now: datetime) -> ProposedNote:
    return rules.propose(text, roster, now=now)


def structure(
    cases: Iterable[Mapping[str, str]],
    roster_of: RosterOf,
    *,
    calendar: WorkCalendar,
    propose: Propose = _by_rules,
) -> Iterator[dict[str, Any]]:
    """One output object per case (`id`, `as`, `at`, `text`), in order; masked before any engine
    sees it. Raises KeyError for a case without these keys, ValueError for a bad `at`."""
    for case in cases:
        roster, now = roster_of(case["as"]), datetime.fromisoformat(case["at"])
        masked = mask(case["text"], roster)
        proposed = propose(masked.text, roster, now)
        visits = ground(proposed, masked.text, roster, now=now, calendar=calendar)
        note = merged(visits, masked.flags) if visits else None
        yield {"id": case["id"], "kind": "note" if note else "not_note", "note": note}


def merged(visits: list[GroundedVisit], masked: Iterable[Flag] = ()) -> dict[str, Any]:
    """Several visits of one dictation as one note: lists joined, a single value only when all agree
    on it (hospital, department) or the first one said (times, goal)."""
    return {
        "visit_date": visits[0].visit_date.isoformat(),
        "start_time": _first(v.start_time.strftime("%H:%M") for v in visits if v.start_time),
        "duration_minutes": _first(v.duration_minutes for v in visits if v.duration_minutes),
        "channel": _first(v.channel.value for v in visits if v.channel),
        "hospital": _same(v.hospital for v in visits),
        "department": _same(v.department for v in visits),
        "customers": _unique(c.name for v in visits for c in v.customers),
        "ambiguous": _unique(a.mention for v in visits for a in v.ambiguous),
        "new_people": _unique(p.name for v in visits for p in v.new_people),
        "goal": "；".join(v.goal for v in visits if v.goal) or None,
        "key_points": _unique(point for v in visits for point in v.key_points),
        "quotes": [q.model_dump() for v in visits for q in v.quotes],
        **_about_customers(visits),
        "flags": _unique(flag.code.value for flag in [*_flags(visits), *masked]),
    }


def _about_customers(visits: list[GroundedVisit]) -> dict[str, Any]:
    return {
        "profile_updates": [
            {"customer": u.customer, "field": u.field, "value": u.value}
            for v in visits
            for u in v.profile_updates
        ],
        "next_steps": [
            {
                "action": s.action,
                "customer": s.customer,
                "due": s.due.isoformat() if s.due else None,
            }
            for v in visits
            for s in v.next_steps
        ],
        "needs": [{"level": n.level, "text": n.text} for v in visits for n in v.needs],
    }


def _flags(visits: list[GroundedVisit]) -> Iterator[Flag]:
    return (flag for visit in visits for flag in visit.flags)


def _first(values: Iterable[T]) -> T | None:
    return next(iter(values), None)


def _same(values: Iterable[str | None]) -> str | None:
    """The one value that all visits share; None when they differ or nobody said it."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))

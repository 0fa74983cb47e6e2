"""Whether a visit was recorded in time: target 30 minutes after its end, late after 60."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from bot.domain.clock import SHANGHAI, local_day
from bot.domain.note import GroundedVisit


class Timeliness(StrEnum):
    """`unknown` when the dictation does not tell when the visit ended."""

    ON_TIME = "on_time"
    SLOW = "slow"
    LATE = "late"
    UNKNOWN = "unknown"


class RecordingLimits(NamedTuple):
    """Minutes from the end of a visit to its record."""

    target_minutes: int
    late_minutes: int


def ended_at(visit: GroundedVisit) -> datetime | None:
    """When the visit ended, as far as it was said: the start, plus its length when known."""
    if visit.start_time is None:
        return None
    start = datetime.combine(visit.visit_date, visit.start_time, SHANGHAI)
    return start + timedelta(minutes=visit.duration_minutes or 0)


def minutes_waited(visit: GroundedVisit, said_at: datetime) -> int | None:
    """Minutes from the end of the visit to the rep's message; None when the end is not known."""
    end = ended_at(visit)
    return None if end is None else int((said_at - end).total_seconds() // 60)


def judge(visit: GroundedVisit, said_at: datetime, limits: RecordingLimits) -> Timeliness:
    """How timely the record is, from what was said about the visit's time."""
    if visit.visit_date < local_day(said_at):
        waited = minutes_waited(visit, said_at)
        is_late = waited is None or waited > limits.late_minutes
        return Timeliness.LATE if is_late else Timeliness.SLOW
    waited = minutes_waited(visit, said_at)
    if waited is None or waited < 0:
        return Timeliness.UNKNOWN
    if waited <= limits.target_minutes:
        return Timeliness.ON_TIME
    return Timeliness.SLOW if waited <= limits.late_minutes else Timeliness.LATE

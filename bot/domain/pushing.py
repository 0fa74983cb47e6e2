"""What the assistant says on its own: what is due, and whether it goes out now, waits, or is told
in the next briefing. All of it decided from values, with `now` among them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar

from bot.domain.clock import local_day
from bot.domain.quiet import QuietHours, at

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Due:
    """A push for one person. Subject and period make it unique within its kind and person; of one
    subject the newest takes the place of all before it. It is of no use from `until` on. `line` is
    how the next briefing tells it when it could not be sent, `about` what the words are made of."""

    person_id: int
    subject: str
    period: str
    at: datetime
    until: datetime
    line: str
    urgent: bool = False
    about: Any = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asked for. `away_until` is the first day back, `deputy_id` who stands in."""

    briefing_at: time | None = None
    paused_until: datetime | None = None
    away_until: date | None = None
    deputy_id: int | None = None

    def is_away(self, now: datetime) -> bool:
        """Whether the person is on leave."""
        return self.away_until is not None and local_day(now) < self.away_until

    def is_silent(self, now: datetime) -> bool:
        """Whether only what is urgent may come."""
        paused = self.paused_until is not None and now < self.paused_until
        return paused or self.is_away(now)

    def free_from(self, moment: datetime) -> datetime:
        """This moment, or the end of the pause that it falls into."""
        ends = [self.paused_until, at(self.away_until, time()) if self.away_until else None]
        return max([moment, *(end for end in ends if end is not None)])


class Verdict(StrEnum):
    """What becomes of a push now."""

    SEND = "send"
    HOLD = "hold"
    WAIT = "wait"
    DROP = "drop"


def judge(
    due: Due, now: datetime, quiet: QuietHours, wishes: Wishes, *, room: int, exempt: bool = False
) -> Verdict:
    """What becomes of a push whose time has come; `room` is how many more may go out today, which
    does not bind one that is `exempt` (the briefing itself)."""
    if not due.urgent and (quiet.covers(now) or wishes.is_silent(now)):
        return Verdict.WAIT
    if now >= due.until:
        return Verdict.DROP
    return Verdict.SEND if due.urgent or exempt or room > 0 else Verdict.HOLD


def goes_at(due: Due, now: datetime, quiet: QuietHours, wishes: Wishes) -> datetime:
    """When a push goes out at the earliest, as things are now."""
    moment = max(due.at, now)
    return moment if due.urgent else quiet.first_allowed(wishes.free_from(moment))


def newest(items: Iterable[T], topic: Callable[[T], str], when: Callable[[T], datetime]) -> list[T]:
    """Of each topic the one that was due last; of two at the same time the one that comes later."""
    found: dict[str, T] = {}
    for item in items:
        before = found.get(topic(item))
        if before is None or when(before) <= when(item):
            found[topic(item)] = item
    return list(found.values())

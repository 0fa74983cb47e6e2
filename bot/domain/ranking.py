"""「下一个该见谁」: which customers to see on a day, in which order, and every reason for it.

The inputs are closed (SY-06): prescriptions and sales may not become a field of `Candidate`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.clinic import Half, Sitting, halves_on, say_clinic
from bot.domain.promises import Promise, by_urgency, say_undone, shorten
from bot.domain.tiers import Cadence, Segment, Tier

SUGGESTIONS = 5
"""How many are suggested at once: what fits on one screen of a phone with its reasons."""


class RankingWeights(BaseModel):
    """Points of each reason, from `policy.toml`; closed as the inputs are (SY-06)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    never_seen: float = Field(ge=0)
    due: float = Field(ge=0)
    overdue_per_day: float = Field(ge=0)
    overdue_at_most: float = Field(ge=0)
    tier: dict[Tier, float]
    segment: dict[Segment, float]
    promise_due: float = Field(ge=0)
    promise_open: float = Field(ge=0)
    need_running: float = Field(ge=0)
    clinic_on_day: float = Field(ge=0)
    same_hospital: float = Field(ge=0)
    planned: float = Field(ge=0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known about one of the rep's customers on the day asked for."""

    id: int
    name: str
    hospital: str
    department: str
    tier: Tier
    segment: Segment
    last_visit: date | None = None
    promises: tuple[Promise, ...] = ()
    needs: tuple[str, ...] = ()
    clinic: frozenset[Sitting] = frozenset()
    planned: bool = False
    skip_until: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The day asked for, what the rep calls it, and the half of it when one was said."""

    day: date
    half: Half | None = None
    called: str = "今天"


class Point(NamedTuple):
    """A part of the score, with the words that the rep reads."""

    points: float
    reason: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A customer to see, and why."""

    candidate: Candidate
    points: tuple[Point, ...]

    @property
    def score(self) -> float:
        """The sum of the points; for ordering only, never shown."""
        return round(sum(point.points for point in self.points), 6)

    @property
    def line(self) -> str:
        """All reasons in one line: 「KOL · 上次 18 天前 · 文献还没送 · 周三下午出门诊」."""
        return " · ".join(point.reason for point in self.points)


def rank(
    candidates: Iterable[Candidate],
    asked: Asked,
    cadences: Mapping[Tier, Cadence],
    weights: RankingWeights,
    *,
    limit: int = SUGGESTIONS,
) -> list[Suggestion]:
    """The customers to see on the day asked for, best first; equal scores go by name, then id.

    Who was seen sooner than the cap of the tier, or is not to be suggested yet, is left out. Each
    one who is chosen makes the others of that hospital a little better: one trip for two.
    """
    left = sorted(
        (
            Suggestion(each, tuple(_points(each, asked, cadences[each.tier], weights)))
            for each in candidates
            if may_suggest(each, asked.day, cadences[each.tier])
        ),
        key=_order,
    )
    chosen: list[Suggestion] = []
    while left and len(chosen) < limit:
        best = _best(left, chosen, weights.same_hospital)
        left = [each for each in left if each.candidate.id != best.candidate.id]
        chosen.append(best)
    return chosen


def may_suggest(candidate: Candidate, day: date, cadence: Cadence) -> bool:
    """Whether a visit on `day` is allowed: not over-visiting, and no 「不去」 that still lasts."""
    if candidate.skip_until is not None and day < candidate.skip_until:
        return False
    return candidate.last_visit is None or (day - candidate.last_visit).days >= cadence.cap_days


def free_from(candidate: Candidate, cadence: Cadence) -> date:
    """The first day on which the customer may be suggested again; `date.min` when always."""
    seen = candidate.last_visit
    rested = seen + timedelta(days=cadence.cap_days) if seen else date.min
    return max(rested, candidate.skip_until or date.min)


def _points(
    candidate: Candidate, asked: Asked, cadence: Cadence, weights: RankingWeights
) -> Iterable[Point]:
    yield Point(weights.tier[candidate.tier], candidate.tier.label)
    yield _cadence_point(candidate.last_visit, asked.day, cadence, weights)
    extra = (
        _promise_point(candidate.promises, asked.day, weights),
        _need_point(candidate.needs, weights),
        _clinic_point(candidate.clinic, asked, weights),
        Point(weights.planned, f"已列入{asked.called}") if candidate.planned else None,
        Point(weights.segment[candidate.segment], candidate.segment.value),
    )
    yield from (point for point in extra if point and point.points)


def _cadence_point(
    last: date | None, day: date, cadence: Cadence, weights: RankingWeights
) -> Point:
    """Grows through the window from cap to due, then by each day overdue."""
    if last is None:
        return Point(weights.never_seen, "还没有拜访记录")
    days = (day - last).days
    overdue = max(0, days - cadence.due_days)
    window = 1 + cadence.due_days - cadence.cap_days
    ripe = min(1.0, (1 + days - cadence.cap_days) / window)
    late = min(weights.overdue_at_most, overdue * weights.overdue_per_day)
    said = f"上次 {days} 天前" if days else "今天见过"
    return Point(weights.due * ripe + late, said + (f"，超期 {overdue} 天" if overdue else ""))


def _promise_point(
    promises: tuple[Promise, ...], day: date, weights: RankingWeights
) -> Point | None:
    if not promises:
        return None
    first = by_urgency(promises)[0]
    is_due = first.due is not None and first.due <= day
    more = f"等 {len(promises)} 件" if len(promises) > 1 else ""
    points = weights.promise_due if is_due else weights.promise_open
    return Point(points, say_undone(first.action) + more)


def _need_point(needs: tuple[str, ...], weights: RankingWeights) -> Point | None:
    if not needs:
        return None
    return Point(weights.need_running, f"需求等着回：{shorten(min(needs), 12)}")


def _clinic_point(
    clinic: frozenset[Sitting], asked: Asked, weights: RankingWeights
) -> Point | None:
    halves = halves_on(clinic, asked.day, asked.half)
    return Point(weights.clinic_on_day, say_clinic(asked.day, halves)) if halves else None


def _best(left: Sequence[Suggestion], chosen: Sequence[Suggestion], points: float) -> Suggestion:
    """The first of those left, or the first of a hospital that is visited anyway."""
    visited = {each.candidate.hospital for each in chosen}
    near = next((each for each in left if each.candidate.hospital in visited), left[0])
    return min((_beside(each, chosen, points) for each in (left[0], near)), key=_order)


def _beside(suggestion: Suggestion, chosen: Sequence[Suggestion], points: float) -> Suggestion:
    hospital = suggestion.candidate.hospital
    other = next((each for each in chosen if each.candidate.hospital == hospital), None)
    if other is None or not points:
        return suggestion
    reason = Point(points, f"和{other.candidate.name}同院")
    return Suggestion(suggestion.candidate, (*suggestion.points, reason))


def _order(suggestion: Suggestion) -> tuple[float, str, int]:
    return -suggestion.score, suggestion.candidate.name, suggestion.candidate.id

"""The business numbers of `policy.toml`, validated, with an error that names the line to mend."""

import re
import tomllib
from collections.abc import Iterable
from datetime import date, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.complaints import complain
from bot.domain.calendar import WorkCalendar
from bot.domain.needs import NeedClocks
from bot.domain.quiet import QuietHours
from bot.domain.ranking import RankingWeights
from bot.domain.tiers import Cadence, Segment, Tier
from bot.domain.timeliness import RecordingLimits

DEFAULT_POLICY = Path(__file__).with_name("policy.toml")

MOST_POINTS = 1000
"""Of one reason in the ranking: more would drown all others."""

Minutes = Annotated[int, Field(strict=True, ge=1, le=24 * 60)]
Hours = Annotated[int, Field(strict=True, ge=1, le=365 * 24)]
Days = Annotated[int, Field(strict=True, ge=1, le=3650)]
Workdays = Annotated[int, Field(strict=True, ge=1, le=250)]
Score = Annotated[int, Field(strict=True, ge=1, le=5)]
OwnDays = Annotated[frozenset[date], Field(max_length=1000)]

_LINE = re.compile(r"at line (\d+)")


class PolicyError(ValueError):
    """The policy file cannot be used; the message says in Chinese which file, where and why."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CadenceDays(_Section):
    """Days between visits of one tier."""

    cap_days: int = Field(strict=True, ge=0, le=3650)
    due_days: Days

    @model_validator(mode="after")
    def _ordered(self) -> "CadenceDays":
        if self.cap_days > self.due_days:
            raise ValueError("cap_days 不能大于 due_days")
        return self


class ParCut(_Section):
    """From where on a PAR score is high, and up to where it is low."""

    high: Score
    low: Score

    @model_validator(mode="after")
    def _ordered(self) -> "ParCut":
        _require_order("low", self.low, "high", self.high)
        return self


class Recording(_Section):
    """Minutes from the end of a visit to its record."""

    target_minutes: Minutes
    late_minutes: Minutes

    @model_validator(mode="after")
    def _ordered(self) -> "Recording":
        _require_order("target_minutes", self.target_minutes, "late_minutes", self.late_minutes)
        return self


class Span(_Section):
    """A span of minutes, both ends included."""

    from_minutes: Minutes
    to_minutes: Minutes

    @model_validator(mode="after")
    def _ordered(self) -> "Span":
        _require_order("from_minutes", self.from_minutes, "to_minutes", self.to_minutes)
        return self


class VisitLength(_Section):
    """How long a visit should take."""

    academic: Span
    business: Span


class Level1(_Section):
    """Round the clock, in hours."""

    respond_hours: Hours
    solve_hours: Hours

    @model_validator(mode="after")
    def _ordered(self) -> "Level1":
        _require_order("respond_hours", self.respond_hours, "solve_hours", self.solve_hours)
        return self


class WorkdayClock(_Section):
    """A response clock in working days."""

    respond_workdays: Workdays


class Needs(_Section):
    """The response clocks of the three levels."""

    level1: Level1
    level2: WorkdayClock
    level3: WorkdayClock


class AdverseEvent(_Section):
    """Hours from the rep's message to the report inside the company, and the duty line's number.
    While nobody took it up it is told again `unseen_hours` after the message, then every so often;
    what is missing is asked for by the three `follow_up` numbers (SY-03)."""

    report_hours: Hours
    duty_phone: str = ""
    unseen_hours: Annotated[tuple[Hours, ...], Field(min_length=1, max_length=20)]
    unseen_every_hours: Hours
    follow_up_hours: Hours
    follow_up_at: time
    follow_up_days: Days

    @model_validator(mode="after")
    def _ascending(self) -> "AdverseEvent":
        if list(self.unseen_hours) != sorted(set(self.unseen_hours)):
            raise ValueError("unseen_hours 要从小到大")
        return self


class Pushes(_Section):
    """When and how much the assistant says on its own; times of day are Asia/Shanghai."""

    quiet_from: time
    quiet_until: time
    most_a_day: int = Field(strict=True, ge=2, le=50)
    briefing_at: time
    briefing_hours: int = Field(strict=True, ge=1, le=12)
    promises_at: time
    promises_late_at: time
    drafts_at: time
    cadence_at: time
    team_week_at: time
    need_share: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _waking(self) -> "Pushes":
        """Everything with a time of its own comes between the quiet hours."""
        if self.quiet_until >= self.quiet_from:
            raise ValueError("quiet_until 要早于 quiet_from")
        for name in (name for name in type(self).model_fields if name.endswith("_at")):
            if not self.quiet_until <= getattr(self, name) < self.quiet_from:
                raise ValueError(f"{name} 要在 quiet_until 和 quiet_from 之间")
        return self


class Gift(_Section):
    """Above this value a gift is flagged."""

    limit_yuan: int = Field(strict=True, ge=0, le=1_000_000)


class Skip(_Section):
    """How long 「不去」 lasts when the reason names no day."""

    default_days: Days


class Conversation(_Section):
    """How long the assistant waits for an answer in words."""

    question_hours: Hours


class Drafts(_Section):
    """How long words can go on with a dictation, and how long a draft can be confirmed."""

    join_minutes: int = Field(strict=True, ge=0, le=24 * 60)
    keep_days: Days


class CompanyCalendar(_Section):
    """The company's own days, beside the public calendar."""

    extra_holidays: OwnDays = frozenset()
    extra_workdays: OwnDays = frozenset()

    @model_validator(mode="after")
    def _apart(self) -> "CompanyCalendar":
        both = min(self.extra_holidays & self.extra_workdays, default=None)
        if both:
            raise ValueError(f"{both} 不能既是 extra_holidays 又是 extra_workdays")
        return self


def _require_order(lower: str, low: int, higher: str, high: int) -> None:
    if low >= high:
        raise ValueError(f"{lower} 要小于 {higher}")


def _require_points(weights: RankingWeights) -> None:
    for name, points in weights.model_dump().items():
        for one in points.values() if isinstance(points, dict) else (points,):
            if not 0 <= one <= MOST_POINTS:
                raise ValueError(f"ranking.{name} 要在 0 到 {MOST_POINTS} 之间")


def _require(section: str, expected: type[StrEnum], given: Iterable[str]) -> None:
    missing = set(expected) - set(given)
    if missing:
        raise ValueError(f"{section} 缺少 {'、'.join(sorted(missing))}")


class Policy(_Section):
    """Everything a company may change without touching code."""

    cadence: dict[Tier, CadenceDays]
    par: ParCut
    recording: Recording
    visit_length: VisitLength
    needs: Needs
    adverse_event: AdverseEvent
    gift: Gift
    ranking: RankingWeights
    skip: Skip
    conversation: Conversation
    drafts: Drafts
    pushes: Pushes
    calendar: CompanyCalendar

    @model_validator(mode="after")
    def _complete(self) -> "Policy":
        _require("cadence", Tier, self.cadence)
        _require("ranking.tier", Tier, self.ranking.tier)
        _require("ranking.segment", Segment, self.ranking.segment)
        _require_points(self.ranking)
        return self

    def cadences(self) -> dict[Tier, Cadence]:
        """Days between visits of every tier."""
        return {tier: self.cadence_of(tier) for tier in Tier}

    def cadence_of(self, tier: Tier) -> Cadence:
        """Days between visits of a tier."""
        days = self.cadence[tier]
        return Cadence(days.cap_days, days.due_days)

    def recording_limits(self) -> RecordingLimits:
        """Minutes within which a visit is recorded on time, and after which it is late."""
        return RecordingLimits(self.recording.target_minutes, self.recording.late_minutes)

    def need_clocks(self) -> NeedClocks:
        """The response clocks of the three levels of needs."""
        return NeedClocks(
            self.needs.level1.respond_hours,
            self.needs.level1.solve_hours,
            self.needs.level2.respond_workdays,
            self.needs.level3.respond_workdays,
        )

    def quiet_hours(self) -> QuietHours:
        """When people are left alone."""
        return QuietHours(self.pushes.quiet_from, self.pushes.quiet_until, self.work_calendar())

    def work_calendar(self) -> WorkCalendar:
        """The public calendar with the company's own days."""
        return WorkCalendar(self.calendar.extra_holidays, self.calendar.extra_workdays)


def load_policy(path: Path = DEFAULT_POLICY) -> Policy:
    """Read and check a policy file.

    Raises:
        PolicyError: no readable file, not TOML, an unknown or missing key, or a number that is out
            of bounds or does not fit another.
    """
    try:
        return Policy.model_validate(_read(path))
    except ValidationError as error:
        places = "\n".join(complain(found) for found in error.errors())
        raise PolicyError(f"{path} 里有写错的地方：\n{places}") from error
    except RecursionError as error:
        raise PolicyError(f"{path} 里嵌套得太深，请对照 policy.toml 改。") from error


def _read(path: Path) -> dict[str, Any]:
    text = _text_of(path)
    try:
        return tomllib.loads(text)
    except ValueError as error:
        # TOMLDecodeError, or a number of thousands of digits.
        line = _LINE.search(str(error))
        where = f"第 {line[1]} 行" if line else "有一处"
        raise PolicyError(f"{path} {where}写得不对，请对照 policy.toml 改。") from error


def _text_of(path: Path) -> str:
    try:
        if path.is_file():
            return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise PolicyError(f"{path} 读不了，请检查文件权限。") from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{path} 不是 UTF-8 编码的文字文件，请重新保存。") from error
    raise PolicyError(f"{path} 不存在或不是文件，请检查 POLICY_FILE。")

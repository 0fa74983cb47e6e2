"""The business numbers of `policy.toml`, validated, with an error that names the line to mend."""

import tomllib
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.domain.calendar import WorkCalendar
from bot.domain.needs import NeedClocks
from bot.domain.ranking import RankingWeights
from bot.domain.tiers import Cadence, Segment, Tier
from bot.domain.timeliness import RecordingLimits

DEFAULT_POLICY = Path(__file__).with_name("policy.toml")


class PolicyError(ValueError):
    """The policy file cannot be used; the message says where and why."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CadenceDays(_Section):
    """Days between visits of one tier."""

    cap_days: int = Field(ge=0)
    due_days: int = Field(ge=1)

    @model_validator(mode="after")
    def _ordered(self) -> "CadenceDays":
        if self.cap_days > self.due_days:
            raise ValueError("cap_days must not be more than due_days")
        return self


class ParCut(_Section):
    """From where on a PAR score is high, and up to where it is low."""

    high: int = Field(ge=1, le=5)
    low: int = Field(ge=1, le=5)


class Recording(_Section):
    """Minutes from the end of a visit to its record."""

    target_minutes: int = Field(gt=0)
    late_minutes: int = Field(gt=0)


class Minutes(_Section):
    """A span of minutes, both ends included."""

    from_minutes: int = Field(gt=0)
    to_minutes: int = Field(gt=0)


class VisitLength(_Section):
    """How long a visit should take."""

    academic: Minutes
    business: Minutes


class Level1(_Section):
    """Round the clock, in hours."""

    respond_hours: int = Field(gt=0)
    solve_hours: int = Field(gt=0)


class WorkdayClock(_Section):
    """A response clock in working days."""

    respond_workdays: int = Field(gt=0)


class Needs(_Section):
    """The response clocks of the three levels."""

    level1: Level1
    level2: WorkdayClock
    level3: WorkdayClock


class AdverseEvent(_Section):
    """Hours from the rep's message to the report inside the company."""

    report_hours: int = Field(gt=0)


class Gift(_Section):
    """Above this value a gift is flagged."""

    limit_yuan: int = Field(ge=0)


class Skip(_Section):
    """How long 「不去」 lasts when the reason names no day."""

    default_days: int = Field(gt=0)


class Conversation(_Section):
    """How long the assistant waits for an answer in words."""

    question_hours: int = Field(gt=0)


class Drafts(_Section):
    """How long words can go on with a dictation, and how long a draft can be confirmed."""

    join_minutes: int = Field(ge=0)
    keep_days: int = Field(gt=0)


class CompanyCalendar(_Section):
    """The company's own days, beside the public calendar."""

    extra_holidays: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()


def _require(section: str, expected: type[StrEnum], given: Iterable[str]) -> None:
    missing = set(expected) - set(given)
    if missing:
        raise ValueError(f"{section} lacks {', '.join(sorted(missing))}")


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
    calendar: CompanyCalendar

    @model_validator(mode="after")
    def _complete(self) -> "Policy":
        _require("cadence", Tier, self.cadence)
        _require("ranking.tier", Tier, self.ranking.tier)
        _require("ranking.segment", Segment, self.ranking.segment)
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

    def work_calendar(self) -> WorkCalendar:
        """The public calendar with the company's own days."""
        return WorkCalendar(self.calendar.extra_holidays, self.calendar.extra_workdays)


def load_policy(path: Path = DEFAULT_POLICY) -> Policy:
    """Read and check a policy file.

    Raises:
        PolicyError: missing, not TOML, an unknown or missing key, or a number out of bounds.
    """
    try:
        return Policy.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise PolicyError(f"{path}: no such policy file") from error
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path}: {error}") from error
    except ValidationError as error:
        places = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise PolicyError(f"{path}: " + "; ".join(places)) from error

"""Tiers, PAR and segments: who matters how much, and how often to see them (PRODUCT.md)."""

from enum import StrEnum
from typing import NamedTuple


class Tier(StrEnum):
    """The customer's tier, set per customer, dated, changed by approval."""

    KOL = "kol"
    KEY = "key"
    POTENTIAL = "potential"

    @property
    def label(self) -> str:
        """What users read: KOL, 重点 or 潜力, as in the territory file."""
        return _LABELS[self]


_LABELS = {Tier.KOL: "KOL", Tier.KEY: "重点", Tier.POTENTIAL: "潜力"}


class Segment(StrEnum):
    """What PAR says to do with a customer."""

    MAINTAIN = "核心维护"
    WIN = "重点攻坚"
    ROUTINE = "常规维护"
    WATCH = "观察"


class Par(NamedTuple):
    """Potential 潜力, attitude 意愿, relationship 关系, each 1 to 5 (seed model P-A-R)."""

    potential: int
    attitude: int
    relationship: int


class Cadence(NamedTuple):
    """Days between visits: sooner than `cap_days` is too often, later than `due_days` overdue."""

    cap_days: int
    due_days: int


def segment_of(par: Par, *, high: int = 4, low: int = 2) -> Segment:
    """The segment of a customer; `high` and `low` are the policy's cut, inclusive."""
    if par.potential >= high and par.attitude >= high and par.relationship >= high:
        return Segment.MAINTAIN
    if par.potential >= high and par.attitude <= low:
        return Segment.WIN
    if par.potential <= low and par.attitude >= high:
        return Segment.ROUTINE
    return Segment.WATCH

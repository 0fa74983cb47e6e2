"""Compliance on the rep's words: mask before storage and model, flag by dated rules with a source."""

from dataclasses import dataclass

from bot.domain.note import Flag, FlagCode
from bot.domain.roster import Roster


@dataclass(frozen=True, slots=True)
class Masked:
    """The dictation that may be stored and sent to a model, and what was taken out of it.
    `flags` carry the masked words as evidence (never the number or the identity)."""

    text: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What the rep is told about one flag: the rule, what to do instead, who is notified."""

    code: FlagCode
    rule_id: str
    title: str
    reply: str
    source: str
    notify: str | None


def mask(text: str, roster: Roster) -> Masked:
    """Prescription counts of named doctors and patient identity, masked. Idempotent."""
    raise NotImplementedError


def screen(text: str, roster: Roster) -> list[Flag]:
    """Every flag that the (masked) words raise, each with the exact words, speaker- and negation-aware."""
    raise NotImplementedError


def advise(code: FlagCode) -> Advice:
    """What to tell the rep, from the dated rule data."""
    raise NotImplementedError

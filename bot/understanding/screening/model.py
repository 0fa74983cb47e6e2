"""What the screen hands to the rest of the program: the masked text and the advice on a flag."""

from dataclasses import dataclass

from bot.domain.note import Flag, FlagCode


@dataclass(frozen=True, slots=True)
class Masked:
    """The dictation that may be stored and sent to a model, and what was taken out of it.
    `flags` carry the masked words as evidence (never the number or the identity)."""

    text: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What the rep is told about one flag: the rule, what to do instead, who is notified.
    `version` is the rule's, for the audit trail."""

    code: FlagCode
    rule_id: str
    title: str
    reply: str
    source: str
    notify: str | None
    version: int = 1

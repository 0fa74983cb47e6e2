"""Compliance on the rep's words: mask before storage and model, flag by dated rules."""

from bot.understanding.screening.elements import missing_elements
from bot.understanding.screening.flags import advise, competitor_event, screen
from bot.understanding.screening.gate import forbidden_as_step, refuse_question
from bot.understanding.screening.masking import mask
from bot.understanding.screening.model import Advice, Masked
from bot.understanding.screening.safety import is_serious, is_special

__all__ = [
    "Advice",
    "Masked",
    "advise",
    "competitor_event",
    "forbidden_as_step",
    "is_serious",
    "is_special",
    "mask",
    "missing_elements",
    "refuse_question",
    "screen",
]

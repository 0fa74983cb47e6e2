"""The tables of `words.toml`, validated when they are loaded."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _compiles(pattern: str) -> str:
    try:
        found = re.compile(pattern).search("")
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    if found:
        raise ValueError("would match everywhere")
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]
Patterns = Annotated[tuple[Pattern, ...], Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MadeUp(_Table):
    """What speech models hear in silence: cut at the ends, or nothing when alone."""

    ends: Patterns
    alone: Patterns


class Live(_Table):
    """What gives away a recorded conversation, and what does not."""

    called: Patterns
    called_unless: Patterns
    addressed: Patterns
    narrated: Patterns
    reported: Pattern


class Words(_Table):
    """Everything in the file."""

    made_up: MadeUp
    live: Live


@cache
def words() -> Words:
    """The tables. Raises pydantic's ValidationError when one is damaged."""
    raw = files("bot.speech").joinpath("words.toml").read_text(encoding="utf-8")
    return Words.model_validate(tomllib.loads(raw))


@cache
def any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all of them."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)

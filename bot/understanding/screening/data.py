"""The dated rules and word classes of the screen, validated when they are loaded."""

import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.note import FlagCode

_FOLDER = Path(__file__).parent


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Frame(_Data):
    """One structure of words that raises a rule: patterns over word classes, and what excuses them.

    `giver` drops what the customer's side gives; `ours` drops what the customer's side says;
    `stands` keeps the match although a principle or a negation stands before it."""

    any: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()
    giver: bool = False
    ours: bool = False
    stands: bool = False


class Rule(_Data):
    """One rule for people to read and correct: what, where from, what to tell the rep.
    `variant` names a second rule for the same code (asked, serious, special, competitor)."""

    id: str
    code: FlagCode | None = None
    variant: Literal["", "asked", "serious", "special", "competitor"] = ""
    title: str
    stage: tuple[str, ...]
    action: str
    reply: str
    notify: str | None = None
    source: str
    basis: Literal["S", "I", "M"]
    valid_from: date
    version: int = Field(ge=1)
    triggers: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    note: str = ""
    frame: tuple[Frame, ...] = ()


class RuleBook(_Data):
    """All rules; the file is refused when a field is missing, unknown or of the wrong kind."""

    rule: tuple[Rule, ...] = Field(min_length=1)


class Words(_Data):
    """Word classes by name."""

    classes: dict[str, tuple[str, ...]]


class Scene(_Data):
    """Parts that make a violation when they all stand within `reach` characters of the first one,
    in any order, and what excuses them; `word_for` says in words what happens. `giver` drops what
    the customer's side gives."""

    code: FlagCode
    word_for: str
    parts: tuple[str, ...] = Field(min_length=1)
    reach: int = Field(default=24, ge=1)
    unless: tuple[str, ...] = ()
    giver: bool = False


class SceneBook(Words):
    """All scenes with the word classes that only they need."""

    scene: tuple[Scene, ...] = Field(min_length=1)


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in force. Raises pydantic.ValidationError when the file is not well formed."""
    return RuleBook.model_validate(_read("rules.toml")).rule


@cache
def words() -> dict[str, tuple[str, ...]]:
    """The word classes. Raises pydantic.ValidationError when a file is not well formed."""
    general, names = (Words.model_validate(_read(f)) for f in ("words.toml", "names.toml"))
    return general.classes | names.classes | _scene_book().classes


@cache
def scenes() -> tuple[Scene, ...]:
    """The scenes. Raises pydantic.ValidationError when the file is not well formed."""
    return _scene_book().scene


@cache
def _scene_book() -> SceneBook:
    return SceneBook.model_validate(_read("scenes.toml"))


@cache
def pattern(template: str) -> re.Pattern[str]:
    """A compiled pattern in which `{class}` stands for the words of that class.

    Raises KeyError for an unknown class."""
    return re.compile(_expand(template))


def _expand(template: str) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda hit: _alternatives(hit[1]), template)


def _alternatives(name: str) -> str:
    return "(?:" + "|".join(_expand(word) for word in words()[name]) + ")"


def _read(name: str) -> dict[str, object]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))

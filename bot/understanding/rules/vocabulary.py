"""Loads the engine's word lists (`words/*.toml`) and turns a list into one pattern."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

Sections = dict[str, dict[str, list[str]]]

_GAP = ".{0,14}?"


@cache
def load(name: str) -> Sections:
    """The sections of one word file. Raises ValueError when it is not section, key, words."""
    source = files(__package__).joinpath("words", f"{name}.toml").read_text("utf-8")
    sections = TypeAdapter(Sections).validate_python(tomllib.loads(source))
    blank = [key for lists in sections.values() for key, words in lists.items() if not all(words)]
    if blank:
        raise ValueError(f"{name}.toml has an empty word in {blank[0]}")
    return sections


@cache
def pattern(path: str) -> re.Pattern[str]:
    """One pattern for the list at `file.section.key`; the longest word wins.

    In a word 「…」 stands for a short gap and 「{见碰遇}」 for any one of the characters.
    Raises KeyError when there is no such list.
    """
    name, section, key = path.split(".")
    words = sorted(load(name)[section][key], key=len, reverse=True)
    return re.compile("|".join(_to_regex(word) for word in words))


def has(path: str, text: str) -> bool:
    """Whether any word of the list occurs in the text."""
    return pattern(path).search(text) is not None


@cache
def endings(path: str) -> tuple[str, ...]:
    """The plain words of a list, for `str.startswith` and `str.endswith`."""
    name, section, key = path.split(".")
    return tuple(load(name)[section][key])


def _to_regex(word: str) -> str:
    parts = re.split(r"(…|\{[^}]+\})", word)
    return "".join(_to_pattern(part) for part in parts)


def _to_pattern(part: str) -> str:
    if part == "…":
        return _GAP
    return f"[{part[1:-1]}]" if part.startswith("{") else re.escape(part)

"""Loads the words of questions (`topics.toml`, `slots.toml`) and compiles them."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.registry import NoSlots, Slots

_GAP = ".{0,10}?"
_CLASS = re.compile(r"\{([a-z_]+)\}")
_MOST = 3
_WEIGHTS = {"certain": 19, "sure": 6, "likely": 2, "hint": 1}


class _TopicWords(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    title: str
    example: str
    certain: list[str] = []
    sure: list[str] = []
    likely: list[str] = []
    hint: list[str] = []


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that can be asked about, and how much each of its words speaks for it."""

    name: str
    title: str
    example: str
    words: tuple[tuple[re.Pattern[str], int], ...]

    @property
    def slots(self) -> type[Slots]:
        """Nothing to fill for a model that chooses it: names and days are read by the rules."""
        return NoSlots

    def weigh(self, plain: str) -> int:
        """How much the words of a text speak for this topic."""
        found = sorted((weight for word, weight in self.words if word.search(plain)), reverse=True)
        return sum(found[:_MOST])


@cache
def load_topics() -> tuple[Topic, ...]:
    """The topics in the order of the file. Raises ValueError for a file that cannot be used."""
    raw = tomllib.loads(_read("topics"))
    classes = TypeAdapter(dict[str, list[str]]).validate_python(raw["class"])
    return tuple(
        Topic(topic.name, topic.title, topic.example, tuple(_weighted(topic, classes)))
        for topic in TypeAdapter(list[_TopicWords]).validate_python(raw["topic"])
    )


@cache
def load_chat() -> Topic:
    """What is said for company's sake, weighed as a topic is. Raises as `load_topics` does."""
    raw = tomllib.loads(_read("topics"))
    words = _TopicWords.model_validate(raw["chat"] | {"name": "other", "title": "", "example": ""})
    return Topic(words.name, words.title, words.example, tuple(_weighted(words, {})))


@cache
def slot_words(path: str) -> re.Pattern[str]:
    """One pattern for the list at `section.key` of the slots file. Raises KeyError."""
    section, key = path.split(".")
    return re.compile("|".join(slot_lists(section)[key]))


@cache
def slot_lists(section: str) -> Mapping[str, list[str]]:
    """The lists of one section of the slots file, in its order. Raises KeyError."""
    sections = TypeAdapter(dict[str, dict[str, list[str]]])
    return sections.validate_python(tomllib.loads(_read("slots")))[section]


def _read(name: str) -> str:
    return files(__package__).joinpath(f"{name}.toml").read_text("utf-8")


def _weighted(
    topic: _TopicWords, classes: Mapping[str, list[str]]
) -> list[tuple[re.Pattern[str], int]]:
    return [
        (_compile(word, classes), weight)
        for kind, weight in _WEIGHTS.items()
        for word in getattr(topic, kind)
    ]


def _compile(word: str, classes: Mapping[str, list[str]]) -> re.Pattern[str]:
    """「…」 is a short gap, {see} any word of the class. Raises KeyError for an unknown class."""
    spelt = _CLASS.sub(lambda match: f"(?:{'|'.join(classes[match[1]])})", word)
    return re.compile(spelt.replace("…", _GAP))

"""Capabilities: one declaration gives the slash command, the Chinese words, the help line, the role
it needs, the buttons and the LLM tool."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from inspect import signature
from types import ModuleType
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from bot.arguments import read_arguments
from bot.messages import Attachment, Reply
from bot.pushes import Push
from bot.turn import Ability, Dictation, Turn
from storage.people import Role

EVERYONE = frozenset(Role)

Said = Reply | Sequence[Reply]
Pressed = Callable[..., Said]


class Slots(BaseModel):
    """What a capability can be asked about. Field names are slot kinds that both the sentence
    matcher and the model fill: `customer` (a name as said), `day` (a phrase as said) and `words`
    (all that was said). A capability declares the ones that it takes, each with a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoSlots(Slots):
    """For a capability that takes nothing."""


class WordsSlots(Slots):
    """For a capability that reads the message itself."""

    words: str = ""


@dataclass(frozen=True, slots=True)
class Capability:
    """Something the assistant can do for a person."""

    name: str
    run: Callable[[Turn, Any], Said]
    command: str
    title: str
    example: str
    roles: frozenset[Role]
    slots: type[Slots]
    words: tuple[str, ...]
    pattern: re.Pattern[str] | None
    intent: str | None
    over_dictation: bool
    listed: bool
    group: str | None

    @property
    def ability(self) -> Ability:
        """Its line of 「帮助」."""
        return Ability(self.title, self.example, self.command, self.group)


@dataclass(frozen=True, slots=True)
class PressHandler:
    """What a button does; `name` is the part of its id before the first colon. One that `rereads`
    names a draft whose dictation is structured once more before it runs."""

    name: str
    run: Pressed
    roles: frozenset[Role]
    rereads: bool = False

    def press(self, turn: Turn, arguments: Sequence[str]) -> Said:
        """Run it with the arguments of a button's id, read as the function's parameters want them.

        Raises:
            StaleCardError: the id was not made by this version of the program.
        """
        return self.run(turn, *self.read(arguments))

    def read(self, arguments: Sequence[str]) -> list[Any]:
        """The arguments as the function's parameters want them. Raises StaleCardError."""
        wanted = [each.annotation for each in signature(self.run).parameters.values()][1:]
        return read_arguments(wanted, arguments)


@dataclass(frozen=True, slots=True)
class AnswerHandler:
    """Takes the answer in words to a question that was asked with `Turn.ask`. `accepts` tells,
    without looking anything up, whether the words can be an answer at all. A dictation goes before
    an answer, unless the handler goes `over_dictation` (details of an adverse event)."""

    question: str
    run: Callable[[Turn, str, dict[str, Any]], Said]
    accepts: Callable[[str], bool]
    over_dictation: bool = False


@dataclass(frozen=True, slots=True)
class FileHandler:
    """Takes a file sent in chat, by its ending."""

    suffix: str
    run: Callable[[Turn, Attachment], Said]
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class DictationHandler:
    """Takes what was understood of a dictation; there is exactly one."""

    name: str
    run: Callable[[Turn, Dictation], Said]
    roles: frozenset[Role]


def capability(
    *,
    command: str,
    title: str,
    example: str,
    words: Iterable[str] = (),
    pattern: str | None = None,
    intent: str | None = None,
    roles: frozenset[Role] = EVERYONE,
    slots: type[Slots] = NoSlots,
    over_dictation: bool = False,
    listed: bool = True,
    group: str | None = None,
) -> Callable[[Callable[[Turn, Any], Said]], Capability]:
    """Declare a capability.

    `words` are whole messages that mean it; `pattern` is a regular expression that is searched in
    other messages, for what is no question; `intent` is the topic of questions that it answers, as
    `understanding/questions/topics.toml` names it. `over_dictation` says that the pattern is strict
    enough to be tried before the message is read as a dictation (「时长改成三十分钟」). What is not
    `listed` is not in 「帮助」. `group` is the heading in a menu that has few places; what has none
    is not in such a menu.
    """

    def declare(run: Callable[[Turn, Any], Said]) -> Capability:
        return Capability(
            name=run.__name__,
            run=run,
            command=command,
            title=title,
            example=example,
            roles=roles,
            slots=slots,
            words=tuple(words),
            pattern=re.compile(pattern) if pattern else None,
            intent=intent,
            over_dictation=over_dictation,
            listed=listed,
            group=group,
        )

    return declare


def on_press(
    name: str, *, roles: frozenset[Role] = EVERYONE, rereads: bool = False
) -> Callable[[Pressed], PressHandler]:
    """Declare what the buttons named `name` do; the rest of a button's id becomes the function's
    parameters after the turn, each annotated `int`, `date` or `str`."""
    return lambda run: PressHandler(name, run, roles, rereads)


def on_answer(
    question: str, *, accepts: Callable[[str], bool], over_dictation: bool = False
) -> Callable[[Callable[[Turn, str, dict[str, Any]], Said]], AnswerHandler]:
    """Declare who takes the answer to `question`."""
    return lambda run: AnswerHandler(question, run, accepts, over_dictation)


def on_file(
    suffix: str, *, roles: frozenset[Role] = EVERYONE
) -> Callable[[Callable[[Turn, Attachment], Said]], FileHandler]:
    """Declare who takes files whose name ends with `suffix`."""
    return lambda run: FileHandler(suffix, run, roles)


def on_dictation(
    *, roles: frozenset[Role]
) -> Callable[[Callable[[Turn, Dictation], Said]], DictationHandler]:
    """Declare who takes dictations, and which roles dictate."""
    return lambda run: DictationHandler("dictation", run, roles)


@dataclass(frozen=True)
class Registry:
    """Everything that was declared, looked up by what a person can do: say, press, answer, send."""

    capabilities: tuple[Capability, ...]
    presses: dict[str, PressHandler]
    answers: dict[str, AnswerHandler]
    files: tuple[FileHandler, ...]
    dictation: DictationHandler | None
    pushes: tuple[Push, ...] = ()

    @classmethod
    def collect(cls, modules: Iterable[ModuleType]) -> "Registry":
        """Everything the modules declare. Raises ValueError when two declare the same thing."""
        found = [value for module in modules for value in vars(module).values()]
        capabilities = _declared(found, Capability, "command")
        return cls(
            capabilities=tuple(sorted(capabilities.values(), key=lambda c: c.command)),
            presses=_declared(found, PressHandler, "name"),
            answers=_declared(found, AnswerHandler, "question"),
            files=tuple(_declared(found, FileHandler, "suffix").values()),
            dictation=_declared(found, DictationHandler, "name").get("dictation"),
            pushes=tuple(_declared(found, Push, "kind").values()),
        )

    def for_role(self, role: Role) -> list[Capability]:
        """What a person of this role can ask for."""
        return [c for c in self.capabilities if role in c.roles]

    def abilities(self, role: Role) -> tuple[Ability, ...]:
        """What 「帮助」 tells a person of this role, what few others can do first."""
        listed = [c for c in self.for_role(role) if c.listed]
        return tuple(c.ability for c in sorted(listed, key=lambda c: len(c.roles)))

    def questions(self, role: Role) -> list[str]:
        """An example of each question that people of this role get answered."""
        return [c.example for c in self.for_role(role) if c.intent]

    def file_handler(self, name: str) -> FileHandler | None:
        """Who takes a file of this name."""
        ending = name.lower()
        return next((each for each in self.files if ending.endswith(each.suffix)), None)

    def takes_dictation(self, role: Role) -> bool:
        """Whether people of this role dictate visits."""
        return self.dictation is not None and role in self.dictation.roles

    def dictate(self, turn: Turn, dictation: Dictation | None) -> Said:
        """Hand a dictation over. Raises LookupError when nobody takes dictations."""
        if self.dictation is None or dictation is None:
            raise LookupError("nobody takes dictations")
        return self.dictation.run(turn, dictation)

    def named(self, name: str) -> Capability:
        """The capability of this name. Raises KeyError."""
        return next(c for c in self.capabilities if c.name == name)

    def answering(self, intent: str) -> Capability | None:
        """The capability that answers questions about this topic, if there is one yet."""
        return next((c for c in self.capabilities if c.intent == intent), None)

    def said(self, text: str) -> Capability | None:
        """The capability that a whole message names: its command, or one of its words."""
        bare = bare_words(text)
        command = text.split(maxsplit=1)[0].lower() if text.startswith("/") else None
        for candidate in self.capabilities:
            if command == candidate.command or bare in candidate.words:
                return candidate
        return None

    def matched(self, text: str, role: Role, *, over_dictation: bool) -> Capability | None:
        """The capability of this role whose pattern covers most of the message."""
        best: tuple[int, Capability] | None = None
        for candidate in self.for_role(role):
            if candidate.pattern is None or candidate.over_dictation != over_dictation:
                continue
            match = candidate.pattern.search(text)
            if match and (best is None or len(match[0]) > best[0]):
                best = (len(match[0]), candidate)
        return best[1] if best else None


def bare_words(text: str) -> str:
    """A message without its closing punctuation and particles, for comparing with trigger words."""
    return re.sub(r"[\s，。！？!?,.~～]+|[呢吗啊呀吧嘛]$", "", text.strip())


Declared = TypeVar(
    "Declared", Capability, PressHandler, AnswerHandler, FileHandler, DictationHandler, Push
)


def _declared(found: list[object], kind: type[Declared], key: str) -> dict[str, Declared]:
    declared: dict[str, Declared] = {}
    for item in found:
        if not isinstance(item, kind):
            continue
        name = getattr(item, key)
        if declared.get(name, item) is not item:
            raise ValueError(f"{key} {name} is declared twice")
        declared[name] = item
    return declared

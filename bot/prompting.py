"""Prompts are files with a version; a value too many or too few is an error, never a blank."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

PROMPTS = Path(__file__).parent.parent / "prompts"

_VARIABLE = re.compile(r"\{\{(\w+)\}\}")
_HEAD = re.compile(r"---\nversion: *(?P<version>\S+) *\n---\n")
_PARTS = re.compile(r"\s*# system\n(?P<system>.*?)\n# user\n(?P<user>.*)", re.DOTALL)


class PromptError(ValueError):
    """A prompt file is not as it must be, or was not given exactly its variables."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent to a model; `label` goes on record with what came of it."""

    name: str
    version: str
    system: str
    user: str

    @property
    def label(self) -> str:
        """Name and version, e.g. `structure_note/1`."""
        return f"{self.name}/{self.version}"

    def render(self, **values: str) -> "Prompt":
        """The prompt with its variables filled in; text inside a value is never a variable.

        Raises:
            PromptError: a variable has no value, or a value no variable.
        """
        wanted = set(_VARIABLE.findall(self.system + self.user))
        if wanted != values.keys():
            odd = ", ".join(sorted(wanted ^ values.keys()))
            raise PromptError(f"{self.name}: missing or unknown variable: {odd}")
        system, user = (
            _VARIABLE.sub(lambda name: values[name[1]], part) for part in (self.system, self.user)
        )
        return Prompt(self.name, self.version, system, user)


@functools.cache
def load_prompt(name: str, folder: Path = PROMPTS) -> Prompt:
    """Read `name`.md: a version between two `---` lines, then `# system` and `# user`.

    Raises:
        PromptError: there is no such file, or it has another form.
    """
    try:
        text = (folder / f"{name}.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PromptError(f"{name}: no such prompt in {folder}") from None
    head = _HEAD.match(text)
    parts = _PARTS.fullmatch(text[head.end() :]) if head else None
    if head is None or parts is None:
        raise PromptError(f"{name}: needs a version between --- lines, then # system and # user")
    return Prompt(name, head["version"], parts["system"].strip(), parts["user"].strip())

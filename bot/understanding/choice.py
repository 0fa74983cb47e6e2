"""Lets a model choose the capability that a question means, and fill its slots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.domain.roster import Roster
from bot.llm.answers import fit, json_of, text_of
from bot.llm.calls import ModelAnswerError
from bot.llm.client import ModelClient, Task
from bot.llm.exchange import Body
from bot.llm.formats import Tool, tool_choice
from bot.prompting import load_prompt
from bot.registry import Slots
from bot.understanding.model import fence, moment, with_names
from bot.understanding.pseudonyms import pseudonyms
from bot.understanding.screening import mask

CHOOSE_CAPABILITY = "choose_capability"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A capability or topic by name, with arguments that its slots accept."""

    name: str
    arguments: dict[str, Any]


class Choosable(Protocol):
    """Something that can be chosen: a capability, or a topic of questions."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def example(self) -> str: ...
    @property
    def slots(self) -> type[Slots]: ...


def choose(
    question: str,
    roster: Roster,
    capabilities: Sequence[Choosable],
    *,
    now: datetime,
    client: ModelClient,
    sends_names: bool,
) -> Chosen | None:
    """What the person wants of these capabilities; None when the model finds none fitting.

    Raises:
        ModelUnavailableError, ModelAnswerError: there is no usable answer.
    """
    safe = mask(question, roster).text
    names = None if sends_names else pseudonyms(safe, roster)
    prompt = load_prompt(CHOOSE_CAPABILITY).render(
        now=moment(now), question=names.hide(safe) if names else safe, fence=fence(safe)
    )
    by_name = {capability.name: capability for capability in capabilities}
    task = Task(prompt, tool_choice([_tool(c) for c in capabilities]), lambda m: _read(m, by_name))
    chosen = client.ask(task).value
    if chosen is None or names is None:
        return chosen
    return Chosen(chosen.name, with_names(chosen.arguments, names))


def _tool(capability: Choosable) -> Tool:
    description = f"{capability.title}，例如「{capability.example}」"
    return Tool(capability.name, description, capability.slots.model_json_schema())


def _read(message: Body, capabilities: dict[str, Choosable]) -> Chosen | None:
    """The choice in a tool call, or written out as JSON by a model without tools."""
    name, arguments = _said(message)
    if not name:
        return None
    if name not in capabilities:
        raise ModelAnswerError("unknown_tool", f"没有这个功能。只能选：{'、'.join(capabilities)}")
    slots = fit(arguments, capabilities[name].slots)
    return Chosen(name, slots.model_dump(mode="json"))


def _said(message: Body) -> tuple[str, Body]:
    calls = message.get("tool_calls")
    call = calls[0].get("function") if isinstance(calls, list) and calls else None
    if call is None:
        return _written(message)
    arguments = call.get("arguments") or {}
    return str(call.get("name")), arguments if isinstance(arguments, dict) else json_of(arguments)


def _written(message: Body) -> tuple[str, Body]:
    """A choice written as text; plain words instead of JSON mean that nothing was chosen."""
    try:
        said = json_of(text_of(message))
    except ModelAnswerError as wrong:
        if wrong.reason == "not_json":
            return "", {}
        raise
    arguments = said.get("arguments")
    return str(said.get("name") or ""), arguments if isinstance(arguments, dict) else {}

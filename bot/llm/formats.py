"""The ways in which a service can be made to answer in JSON, from the strictest to plain text.

The last of them has nothing that a service could refuse: no answer format, no temperature.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from bot.config import AnswerFormat
from bot.llm.exchange import Body

_STEADY: Body = {"temperature": 0}


@dataclass(frozen=True, slots=True)
class Format:
    """One way: what goes into the request, and what the instructions must add in words. Some
    services take a schema and ignore it: `reminder` tells the form after a wrong answer."""

    params: Body
    hint: str = ""
    reminder: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """Something the model can choose; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Body


def structured(answer: type[BaseModel]) -> tuple[Format, ...]:
    """Three ways to get one JSON object of this model."""
    schema = strict_schema(answer)
    wrapped = {"name": answer.__name__, "schema": schema, "strict": True}
    hint = f"\n只输出一个JSON对象，符合：{_sketch(schema)}"
    return (
        Format(
            _STEADY | {"response_format": {"type": "json_schema", "json_schema": wrapped}},
            reminder=hint,
        ),
        Format(_STEADY | {"response_format": {"type": "json_object"}}, hint),
        Format({}, hint),
    )


def tool_choice(tools: Sequence[Tool]) -> tuple[Format, ...]:
    """Three ways to let the model choose one tool or none."""
    calls = [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
            },
        }
        for tool in tools
    ]
    listed = "\n".join(
        f"{tool.name}：{tool.description} 参数 {_sketch(tool.parameters)}" for tool in tools
    )
    hint = f'\n可选的功能：\n{listed}\n只输出JSON：{{"name": 功能名或null, "arguments": {{…}}}}'
    return (
        Format(_STEADY | {"tools": calls, "tool_choice": "auto"}),
        Format(_STEADY | {"response_format": {"type": "json_object"}}, hint),
        Format({}, hint),
    )


def allowed(formats: tuple[Format, ...], wanted: AnswerFormat) -> tuple[Format, ...]:
    """The formats to try: all of them, or the one that the settings fix."""
    order = [AnswerFormat.JSON_SCHEMA, AnswerFormat.JSON_OBJECT, AnswerFormat.TEXT]
    return formats if wanted is AnswerFormat.AUTO else (formats[order.index(wanted)],)


def strict_schema(model: type[BaseModel]) -> Body:
    """The form of the answer as strict services take it: no references, bounds, titles or
    descriptions. What the fields mean is said once, in the prompt, where it has a version."""
    return _plain(model.model_json_schema(), model.model_json_schema().get("$defs", {}))


def _plain(part: Body, defs: Body) -> Body:
    if "$ref" in part:
        return _plain(defs[part["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in part:
        return _any_of([_plain(option, defs) for option in part["anyOf"]])
    if "properties" in part:
        inner = {name: _plain(field, defs) for name, field in part["properties"].items()}
        return {
            "type": "object",
            "properties": inner,
            "required": list(inner),
            "additionalProperties": False,
        }
    if "items" in part:
        return {"type": "array", "items": _plain(part["items"], defs)}
    return {key: part[key] for key in ("type", "enum") if key in part}


def _any_of(options: list[Body]) -> Body:
    """`{"type": ["string", "null"]}` where it can be said so briefly."""
    if all(option.keys() == {"type"} for option in options):
        return {"type": [option["type"] for option in options]}
    return {"anyOf": options}


def _sketch(schema: Body) -> str:
    """The same form in a third of the characters, for services that read it in the prompt."""
    if "enum" in schema:
        return "|".join(f'"{value}"' for value in schema["enum"])
    if "anyOf" in schema:
        return "|".join(map(_sketch, schema["anyOf"]))
    if "properties" in schema:
        parts = (f'"{name}":{_sketch(part)}' for name, part in schema["properties"].items())
        return "{" + ",".join(parts) + "}"
    if schema.get("type") == "array":
        return f"[{_sketch(schema['items'])}]"
    kinds = schema.get("type", "string")
    return kinds if isinstance(kinds, str) else "|".join(kinds)

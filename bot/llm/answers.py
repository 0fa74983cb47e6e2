"""Reading what a model said: is it an answer at all, where is the JSON in it, does it fit."""

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.llm.calls import FormatRefusedError, ModelAnswerError, ModelUnavailableError
from bot.llm.exchange import Body, Response

M = TypeVar("M", bound=BaseModel)

_FENCE = re.compile(r"```[a-zA-Z]*\s*\n(.*?)```", re.DOTALL)
_MOST_COMPLAINTS = 5
_OVERLOADED = {408, 409, 425, 429}
_UNSUPPORTED = {400, 422, 501}


def message_of(response: Response) -> tuple[Body, Body]:
    """The assistant's message and the token use of a response.

    Raises:
        ModelUnavailableError: an error status, or an error body under status 200.
        FormatRefusedError: the service refuses this kind of request; an easier one may do.
        ModelAnswerError: the answer was cut off, or the model refused.
    """
    _check_status(response)
    body = response.body or {}
    choice = _first(body.get("choices"))
    message = choice.get("message")
    if not isinstance(message, dict):
        raise ModelUnavailableError("error_body")
    usage = body.get("usage")
    return message | {"finish_reason": choice.get("finish_reason")}, (
        usage if isinstance(usage, dict) else {}
    )


def _check_status(response: Response) -> None:
    status, error = response.status, (response.body or {}).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if status in _OVERLOADED:
        passing = code != "insufficient_quota"
        raise ModelUnavailableError(
            f"http_{status}", passing=passing, retry_after=response.retry_after
        )
    if status in _UNSUPPORTED:
        raise FormatRefusedError(f"http_{status}")
    if status >= 400:
        raise ModelUnavailableError(
            f"http_{status}", passing=status >= 500, retry_after=response.retry_after
        )


def _first(choices: Any) -> Body:
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def text_of(message: Body) -> str:
    """What the model said. Raises ModelAnswerError when it refused, was cut off or said nothing."""
    if message.get("refusal") or message.get("finish_reason") == "content_filter":
        raise ModelAnswerError("refusal")
    text = message.get("content")
    if message.get("finish_reason") == "length":
        raise ModelAnswerError("truncated", "回答被截断了。请写得更短，只输出一个完整的JSON。")
    if not isinstance(text, str) or not text.strip():
        raise ModelAnswerError("empty", "没有收到内容。请只输出一个JSON。")
    return text


def json_of(text: str) -> Body:
    """The JSON object in a model's words, without its thoughts, fences and pleasantries.

    Raises:
        ModelAnswerError: there is none.
    """
    said = text.rpartition("</think>")[2]
    for candidate in (said, *reversed(_FENCE.findall(said)), _braced(said)):
        try:
            value = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    raise ModelAnswerError("not_json", "这不是完整的JSON。请只输出一个JSON对象，不要别的文字。")


def _braced(text: str) -> str:
    return text[text.find("{") : text.rfind("}") + 1]


def fit(value: Body, model: type[M]) -> M:
    """The value as `model`; keys left out become empty where the model allows it, unknown keys go.

    Raises:
        ModelAnswerError: it does not fit; the complaint lists where and why.
    """
    try:
        return model.model_validate(_completed(value, model.model_json_schema()))
    except ValidationError as error:
        wrong = (
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:_MOST_COMPLAINTS]
        )
        complaint = "JSON不符合要求，请改正后重新输出完整的JSON：\n" + "\n".join(wrong)
        raise ModelAnswerError("wrong_schema", complaint) from None


def _completed(value: Any, schema: Body, root: Body | None = None) -> Any:
    root = root or schema
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list) and "items" in schema:
        return [_completed(item, schema["items"], root) for item in value]
    if isinstance(value, dict) and "properties" in schema:
        parts: Body = schema["properties"]
        kept = {name: _completed(value[name], parts[name], root) for name in parts if name in value}
        return _empty_parts(parts) | kept
    return value


def _empty_parts(parts: Body) -> Body:
    """What a left-out key may stand for: nothing said."""
    lists: Body = {name: [] for name, part in parts.items() if part.get("type") == "array"}
    nulls = {
        name: None for name, part in parts.items() if {"type": "null"} in part.get("anyOf", ())
    }
    return lists | nulls

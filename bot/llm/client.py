"""Asks a model within a deadline: retries, a second model, easier formats, and repairs."""

import json
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from bot.config import AnswerFormat
from bot.llm.answers import message_of
from bot.llm.calls import (
    FormatRefusedError,
    ModelAnswerError,
    ModelCall,
    ModelError,
    ModelUnavailableError,
    OnUse,
    RequestRefusedError,
    Spent,
)
from bot.llm.exchange import Body, Exchange
from bot.llm.formats import Format, allowed
from bot.llm.outage import Outage
from bot.prompting import Prompt

log = structlog.get_logger(__name__)
T = TypeVar("T")

Waiting = Callable[[], AbstractContextManager[None]]
"""What surrounds the time in which a thread only waits, as Gate.outside does."""

REPAIRS = 2
"""How often a model may mend an unusable answer."""

_PAUSES_SECONDS = (0.2, 1.0)
"""Between the tries of one request, unless the service says how long to wait."""

_SHARE_OF_FIRST_MODEL = 0.6
"""Of the whole wait, when there is a second model to ask."""


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """What to ask, in which formats, and how to read the assistant's message.

    `read` raises ModelAnswerError when the message is unusable. `spent` counts while it is asked.
    """

    prompt: Prompt
    formats: tuple[Format, ...]
    read: Callable[[Body], T]
    spent: Spent = field(default_factory=Spent)


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """A usable answer, the model that gave it, and what it cost."""

    value: T
    model: str
    spent: Spent


@dataclass(frozen=True, slots=True)
class _Said:
    message: Body
    usage: Body
    milliseconds: int


class ModelClient:
    """One service with its models, safe to share between threads. `waiting` surrounds the time in
    which a thread has nothing to do but to wait."""

    def __init__(
        self,
        exchange: Exchange,
        models: tuple[str, ...],
        *,
        seconds: float,
        wanted: AnswerFormat = AnswerFormat.AUTO,
        extra: Body | None = None,
        on_use: OnUse = lambda _: None,
        waiting: Waiting = nullcontext,
    ) -> None:
        self._exchange = exchange
        self._models = models
        self._seconds = seconds
        self._wanted = wanted
        self._extra = extra or {}
        self._on_use = on_use
        self._waiting = waiting
        self._works: dict[tuple[str, str], int] = {}
        self._outage = Outage()

    def ask(self, task: Task[T]) -> Answered[T]:
        """The first usable answer; never takes longer than the configured seconds.

        Raises:
            ModelUnavailableError: no model answered in time, or none did the last times.
            ModelAnswerError: a model answered, but not usably, even after repairs.
        """
        self._outage.check(time.monotonic())
        try:
            with self._waiting():
                answered = self._ask_models(task)
        except (RequestRefusedError, ModelAnswerError):
            self._outage.answered()
            raise
        except ModelUnavailableError:
            self._outage.failed(time.monotonic())
            raise
        self._outage.answered()
        return answered

    def _ask_models(self, task: Task[T]) -> Answered[T]:
        started = time.monotonic()
        *others, last = self._models
        for model in others:
            try:
                end = started + self._seconds * _SHARE_OF_FIRST_MODEL
                return Answered(self._ask_model(task, model, end), model, task.spent)
            except ModelUnavailableError as error:
                log.warning("model_unavailable", model=model, reason=error.reason)
        value = self._ask_model(task, last, started + self._seconds)
        return Answered(value, last, task.spent)

    def _ask_model(self, task: Task[T], model: str, end: float) -> T:
        """Try the formats from the strictest that may work; remember the one that did."""
        formats = allowed(task.formats, self._wanted)
        known = (model, task.prompt.name)
        for index in range(self._works.get(known, 0), len(formats)):
            try:
                value = self._converse(task, formats[index], model, end)
            except FormatRefusedError as refused:
                log.info("format_refused", model=model, level=index, reason=refused.reason)
            else:
                self._works[known] = index
                return value
        raise RequestRefusedError

    def _converse(self, task: Task[T], form: Format, model: str, end: float) -> T:
        """Ask, and tell the model what is wrong with its answer, until it is usable."""
        messages = [
            {"role": "system", "content": task.prompt.system + form.hint},
            {"role": "user", "content": task.prompt.user},
        ]
        for repairs_left in range(REPAIRS, -1, -1):
            request = {"model": model, "messages": messages, **form.params, **self._extra}
            said = self._send(task, request, end)
            try:
                value = task.read(said.message)
            except ModelAnswerError as wrong:
                self._report(task, model, said, wrong.reason)
                if wrong.complaint is None or not repairs_left:
                    raise
                messages = [*messages, *_correction(said.message, wrong.complaint + form.reminder)]
            else:
                self._report(task, model, said, "ok")
                return value
        raise AssertionError("the last repair answers or raises")

    def _send(self, task: Task[T], request: Body, end: float) -> _Said:
        """One request, tried again while that may help and there is time."""
        for pause in (*_PAUSES_SECONDS, None):
            try:
                return self._send_once(task, request, end)
            except ModelUnavailableError as error:
                wait = _wait(error, pause)
                if wait is None or time.monotonic() + wait >= end:
                    raise
                time.sleep(wait)
        raise AssertionError("the last try answers or raises")

    def _send_once(self, task: Task[T], request: Body, end: float) -> _Said:
        started = time.monotonic()
        if started >= end:
            raise ModelUnavailableError("timeout")
        try:
            response = self._exchange(request, end - started)
            message, usage = message_of(response)
        except ModelError as error:
            said = _Said({}, {}, _milliseconds(started))
            self._report(task, request["model"], said, error.reason)
            raise
        return _Said(message, usage, _milliseconds(started))

    def _report(self, task: Task[T], model: str, said: _Said, outcome: str) -> None:
        call = ModelCall(
            purpose=task.prompt.name,
            model=model,
            prompt_version=task.prompt.version,
            input_tokens=_count(said.usage, "prompt_tokens"),
            output_tokens=_count(said.usage, "completion_tokens"),
            milliseconds=said.milliseconds,
            outcome=outcome,
        )
        task.spent.add(call)
        self._on_use(call)


def _wait(error: ModelUnavailableError, pause: float | None) -> float | None:
    """Seconds until the next try; None when there is none."""
    if pause is None or not error.passing:
        return None
    if error.retry_after is not None:
        return error.retry_after
    return pause * random.uniform(0.5, 1.5)  # noqa: S311 - spreads the load, hides nothing


def _correction(message: Body, complaint: str) -> list[Body]:
    """The model's own answer, and what is wrong with it."""
    said = message.get("content") or json.dumps(message.get("tool_calls"), ensure_ascii=False)
    return [{"role": "assistant", "content": said}, {"role": "user", "content": complaint}]


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _count(usage: Body, key: str) -> int:
    value = usage.get(key)
    return value if isinstance(value, int) else 0

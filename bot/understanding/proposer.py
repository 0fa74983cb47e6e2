"""Who structures a dictation: the rules engine alone, or a model corrected by it."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from bot.config import Settings
from bot.domain.note import ProposedNote
from bot.domain.roster import Roster
from bot.llm.calls import ModelCall, ModelError, OnUse, Spent
from bot.llm.client import ModelClient, Waiting
from bot.llm.connect import open_client
from bot.prompting import load_prompt
from bot.understanding import choice, model, rules
from bot.understanding.choice import Choosable, Chosen
from bot.understanding.merge import merge
from storage.messages import ModelUse

log = structlog.get_logger(__name__)

RULES = "rules"
_LONGEST_LABEL = 64


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed note and who made it: `engine` is 「rules」, or the model with the prompt's
    version. `offline` says that a model was configured but had no usable answer; `spent` is what
    the model's answer cost."""

    note: ProposedNote
    engine: str
    offline: bool = False
    spent: Spent = field(default_factory=Spent, compare=False)


class Proposer(Protocol):
    """Structures dictations, and understands questions if it can."""

    def propose(self, text: str, roster: Roster, *, now: datetime) -> Proposal:
        """The visits of a masked dictation; always answers."""
        ...

    def choose(
        self, question: str, roster: Roster, capabilities: Sequence[Choosable], *, now: datetime
    ) -> Chosen | None:
        """The capability that a question means, or None when it cannot be told."""
        ...


class RulesProposer:
    """Without a model."""

    def propose(self, text: str, roster: Roster, *, now: datetime) -> Proposal:
        """What the rules engine makes of it."""
        return Proposal(rules.propose(text, roster, now=now), RULES)

    def choose(
        self, question: str, roster: Roster, capabilities: Sequence[Choosable], *, now: datetime
    ) -> Chosen | None:
        """Nothing: the words and patterns of the capabilities were tried before."""
        return None


class ModelProposer:
    """With a model; the rules engine corrects it, and stands in for it when it fails."""

    def __init__(self, client: ModelClient, *, sends_names: bool) -> None:
        self._client = client
        self._sends_names = sends_names

    def propose(self, text: str, roster: Roster, *, now: datetime) -> Proposal:
        """The model's points with the rules engine's people, dates and quotes. Whether it is a
        dictation at all is the rules engine's word, as everywhere: a greeting costs no call."""
        own = rules.propose(text, roster, now=now)
        if not own.visits:
            return Proposal(own, RULES)
        try:
            answered = model.propose(
                text, roster, now=now, client=self._client, sends_names=self._sends_names
            )
        except ModelError as error:
            log.warning("proposed_offline", reason=error.reason)
            return Proposal(own, RULES, offline=True)
        note = merge(answered.value, own, text)
        return Proposal(note, _label(answered.model), spent=answered.spent)

    def choose(
        self, question: str, roster: Roster, capabilities: Sequence[Choosable], *, now: datetime
    ) -> Chosen | None:
        """The model's choice; None when it has none or fails."""
        try:
            return choice.choose(
                question,
                roster,
                capabilities,
                now=now,
                client=self._client,
                sends_names=self._sends_names,
            )
        except ModelError as error:
            log.warning("question_not_understood", reason=error.reason)
            return None


def open_proposer(
    settings: Settings,
    engine: Engine,
    *,
    heard: OnUse = lambda _: None,
    waiting: Waiting = nullcontext,
) -> Proposer:
    """The proposer that the settings ask for; each model call is recorded in `model_use`, and
    `heard` is told of it. `waiting` surrounds the time in which a model is waited for."""
    record = recorder(engine, lambda: datetime.now(UTC))

    def on_use(call: ModelCall) -> None:
        record(call)
        heard(call)

    client = open_client(settings, on_use, waiting=waiting)
    if client is None:
        return RulesProposer()
    return ModelProposer(client, sends_names=settings.sends_names)


def recorder(engine: Engine, clock: Callable[[], datetime]) -> Callable[[ModelCall], None]:
    """Writes what a model call cost, in a transaction of its own: it was paid for in any case."""

    def record(call: ModelCall) -> None:
        with Session(engine) as session:
            session.add(
                ModelUse(
                    at=clock(),
                    purpose=call.purpose,
                    model=call.model[:128],
                    prompt_version=call.prompt_version,
                    input_tokens=call.input_tokens,
                    output_tokens=call.output_tokens,
                    milliseconds=call.milliseconds,
                    outcome=call.outcome,
                )
            )
            session.commit()

    return record


def _label(model_name: str) -> str:
    prompt = load_prompt(model.STRUCTURE_NOTE).label
    return f"{model_name[: _LONGEST_LABEL - len(prompt) - 1]}+{prompt}"

"""A question in plain words is given to the model with the capabilities of the role."""

from collections.abc import Callable

import pytest

from bot.config import Settings
from bot.llm.connect import open_client
from bot.messages import Reply
from bot.registry import Capability, Slots, capability
from bot.turn import Turn
from bot.understanding.choice import Chosen
from bot.understanding.proposer import ModelProposer
from tests.llm.server import Answer, Step, calls, fails, refuses, says, scripted
from tests.llm.territory import NOW, ROSTER


class Whom(Slots):
    """A customer and a day."""

    customer: str | None = None
    day: str | None = None


@capability(command="/brief", title="预案", example="给李主任做个预案", slots=Whom)
def brief(turn: Turn, slots: Whom) -> Reply:
    """Never run here."""
    raise NotImplementedError


@capability(command="/help", title="帮助", example="你会做什么")
def help_me(turn: Turn, slots: Slots) -> Reply:
    """Never run here."""
    raise NotImplementedError


CAPABILITIES: list[Capability] = [brief, help_me]
Choose = Callable[..., Chosen | None]


def _choose(
    *steps: Step, question: str = "明天见沈若兰前看什么", outside: bool = False
) -> tuple[Chosen | None, str]:
    with scripted(*steps) as model:
        settings = Settings(
            _env_file=None, llm_base_url=model.base_url, llm_model="glm", llm_timeout_seconds=1
        )
        client = open_client(settings, lambda _: None)
        assert client is not None
        proposer = ModelProposer(client, sends_names=not outside)
        return proposer.choose(question, ROSTER, CAPABILITIES, now=NOW), model.heard


def test_the_model_chooses_a_capability_and_fills_its_slots() -> None:
    chosen, heard = _choose(calls("brief", '{"customer": "沈若兰", "day": "明天"}'))
    assert chosen == Chosen("brief", {"customer": "沈若兰", "day": "明天"})
    assert "给李主任做个预案" in heard
    assert "2026年11月18日（周三）17:40 +0800" in heard


def test_what_was_not_said_stays_empty() -> None:
    chosen, _ = _choose(calls("brief", "{}"))
    assert chosen == Chosen("brief", {"customer": None, "day": None})


def test_a_capability_without_slots_can_be_chosen() -> None:
    assert _choose(calls("help_me", ""))[0] == Chosen("help_me", {})


@pytest.mark.parametrize(
    "nothing", [says("今天天气不错。"), says('{"name": null, "arguments": {}}')]
)
def test_the_model_may_choose_nothing(nothing: Answer) -> None:
    assert _choose(nothing)[0] is None


@pytest.mark.parametrize(
    "bad",
    [
        calls("delete_everything", "{}"),
        calls("brief", "{oops"),
        calls("brief", '{"customer": ["沈若兰"]}'),
    ],
)
def test_a_choice_that_cannot_be_is_mended(bad: Answer) -> None:
    good = calls("brief", '{"customer": "沈若兰"}')
    assert _choose(bad, good)[0] == Chosen("brief", {"customer": "沈若兰", "day": None})


def test_a_service_without_tools_writes_its_choice_as_json() -> None:
    written = says('{"name": "brief", "arguments": {"customer": "沈若兰"}}')
    chosen, heard = _choose(refuses("tools")(written))
    assert chosen == Chosen("brief", {"customer": "沈若兰", "day": None})
    assert "brief：预案" in heard


def test_an_outside_model_sees_no_names_and_the_slots_have_them_again() -> None:
    chosen, heard = _choose(calls("brief", '{"customer": "〔客户1〕"}'), outside=True)
    assert chosen == Chosen("brief", {"customer": "沈若兰", "day": None})
    assert "沈若兰" not in heard


def test_what_has_to_be_masked_is_masked_in_a_question_too() -> None:
    _, heard = _choose(says("无"), question="顾明远主任上个月开了37盒，下次聊什么")
    assert "下次聊什么" in heard
    assert "37" not in heard


@pytest.mark.parametrize("failure", [fails(500), Answer(wait=30), says(None, refusal="no")])
def test_a_failing_model_understands_nothing(failure: Answer) -> None:
    assert _choose(failure)[0] is None

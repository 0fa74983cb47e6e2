"""The `route` command as an operator runs it: with the rules, and with a model over real HTTP."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from bot.config import Settings
from bot.entry import main
from bot.policy import load_policy
from bot.sample.customers import SAMPLE_REP
from bot.sample.history import seed_sample
from storage.database import open_engine
from storage.migrate import migrate
from tests.llm.server import calls, fails, scripted

AT = "2026-11-18T10:00:00+08:00"
OVERDUE = {"intent": "status_overdue", "slots": {"rep": SAMPLE_REP, "tier": "重点"}}
Route = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def route(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Route:
    """Asks questions as the sample's rep, where only the sample is; gives what is printed."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    _seed(tmp_path / "data" / "repmate.db")

    def route(*texts: str, engine: str = "rules", model: str = "") -> list[dict[str, Any]]:
        if model:
            monkeypatch.setenv("LLM_BASE_URL", model)
            monkeypatch.setenv("LLM_MODEL", "glm")
        cases = (
            {"id": f"q{n}", "as": SAMPLE_REP, "at": AT, "text": t} for n, t in enumerate(texts)
        )
        lines = "\n".join(json.dumps(case) for case in cases)
        (tmp_path / "questions.jsonl").write_text(lines, encoding="utf-8")
        assert main(("route", "questions.jsonl", "--engine", engine)) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return route


def _seed(path: Path) -> None:
    path.parent.mkdir()
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    with Session(engine) as session:
        seed_sample(session, load_policy(), now=datetime.fromisoformat(AT))
        session.commit()
    engine.dispose()


def test_each_question_gets_its_intent_and_slots(route: Route) -> None:
    overdue, chat = route("我有哪些重点客户超期了", "早上好")
    assert overdue == {"id": "q0"} | OVERDUE
    assert chat == {"id": "q1", "intent": "other", "slots": {}}


def test_a_model_chooses_the_intent_and_the_rules_read_the_names_and_days(route: Route) -> None:
    with scripted(calls("status_needs", "{}")) as model:
        (asked,) = route("李崇文上周催的那件呢", engine="llm", model=model.base_url)
    assert asked["intent"] == "status_needs"
    assert asked["slots"]["customer"] == "李崇文"
    assert asked["slots"]["period"] == {"from": "2026-11-09", "to": "2026-11-15"}
    assert "催的那件" in model.heard


def test_without_an_answer_of_the_model_the_rules_choose(route: Route) -> None:
    with scripted(fails(500)) as model:
        (asked,) = route("我有哪些重点客户超期了", engine="llm", model=model.base_url)
    assert asked == {"id": "q0"} | OVERDUE

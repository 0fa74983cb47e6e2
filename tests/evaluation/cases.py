"""A case and a perfect answer to it; tests change one thing and look at the score."""

import json
from typing import Any

from bot.evaluation.answer import Answer
from bot.evaluation.gold import Case
from bot.evaluation.score import CaseScore, score_case
from bot.evaluation.tally import Tally

TEXT = (
    "刚从青屿人民心内出来，三点一刻见了顾明远主任，聊了二十分钟。我说「疗效肯定好」，"
    "他看完撂下一句「样本量太小，说服不了我」，还说有效率才百分之七十八。"
    "下周三前把完整版的文献发他邮箱。"
)

EXPECTED: dict[str, Any] = {
    "visit_date": "2026-11-18",
    "start_time": "15:15",
    "duration_minutes": 20,
    "channel": "面访",
    "hospital": "青屿市人民医院",
    "department": "心内科",
    "customers": ["顾明远"],
    "key_points": [["样本量"], ["78%"]],
    "quotes": ["样本量太小，说服不了我"],
    "next_steps": [{"words": ["文献|全文"], "customer": "顾明远", "due": "2026-11-25"}],
    "rep_words": ["疗效肯定好"],
}

GIVEN: dict[str, Any] = {
    "visit_date": "2026-11-18",
    "start_time": "15:15",
    "duration_minutes": 20,
    "channel": "面访",
    "hospital": "青屿市人民医院",
    "department": "心内科",
    "customers": ["顾明远"],
    "key_points": ["他嫌样本量太小", "有效率才百分之七十八"],
    "quotes": [{"speaker": "顾明远", "text": "样本量太小，说服不了我"}],
    "next_steps": [{"action": "把完整版的文献发他", "customer": "顾明远", "due": "2026-11-25"}],
}


def line(*, kind: str = "note", expect: dict[str, Any] | None = None, **changed: Any) -> str:
    """A line of a case file."""
    case = {"id": "a", "as": "luoxiao", "at": "2026-11-18T17:40:00+08:00", "text": TEXT}
    return json.dumps(
        {**case, "kind": kind, "expect": EXPECTED if expect is None else expect, **changed},
        ensure_ascii=False,
    )


def case(*, text: str = TEXT, kind: str = "note", **expected: Any) -> Case:
    """The case with some expectations changed."""
    wanted = EXPECTED | expected if kind == "note" else {}
    return Case.model_validate_json(line(text=text, kind=kind, expect=wanted))


def answer(*, kind: str = "note", **given: Any) -> Answer:
    """The perfect answer with some fields changed."""
    note = GIVEN | given if kind == "note" else None
    return Answer.model_validate({"id": "a", "kind": kind, "note": note})


def scored(one: Case | None = None, other: Answer | None = None) -> CaseScore:
    """The score of a case and an answer."""
    return score_case(one or case(), other or answer())


def tally(field: str, one: Case | None = None, other: Answer | None = None) -> Tally:
    """What was counted for one field."""
    return scored(one, other).fields[field]

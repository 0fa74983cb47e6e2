"""The `structure` command's core: case in, note in the evaluation format out."""

from typing import Any

import pytest

from bot.domain.calendar import WorkCalendar
from bot.structure import structure
from tests.understanding.ward import ROSTER

AT = "2026-11-18T18:00:00+08:00"


def _out(text: str) -> dict[str, Any]:
    case = {"id": "c1", "as": "rep", "at": AT, "text": text}
    return next(structure([case], lambda _: ROSTER, calendar=WorkCalendar()))


def test_a_dictation_becomes_one_note_in_the_agreed_format() -> None:
    out = _out("昨天下午三点去东院见了陆长风主任，聊了二十分钟，他想要那篇综述，下周三前给他。")
    note = out["note"]
    assert (out["id"], out["kind"]) == ("c1", "note")
    assert note["visit_date"] == "2026-11-17"
    assert (note["start_time"], note["duration_minutes"]) == ("15:00", 20)
    assert (note["hospital"], note["department"]) == ("云州市东院", "呼吸内科")
    assert note["customers"] == ["陆长风"]
    (step,) = note["next_steps"]
    assert (step["customer"], step["due"]) == ("陆长风", "2026-11-25")


def test_chat_has_no_note() -> None:
    assert _out("早上好") == {"id": "c1", "kind": "not_note", "note": None}


def test_several_visits_are_merged_without_a_single_place() -> None:
    note = _out("上午东院呼吸内科陆长风主任，下午西湖儿科白秋月医生，都讲了宁康。")["note"]
    assert note["customers"] == ["陆长风", "白秋月"]
    assert (note["hospital"], note["department"]) == (None, None)


def test_who_a_patient_is_never_gets_into_the_note() -> None:
    out = _out("在东院见了陆长风主任，看了个病例，患者王桂芬，住院号0081276，用宁康后好转。")
    assert "0081276" not in str(out)
    assert "王桂芬" not in str(out)
    assert "patient_pii" in out["note"]["flags"]


def test_a_moment_that_is_none_is_an_error() -> None:
    case = {"id": "c1", "as": "rep", "at": "昨天", "text": "见了陆长风主任"}
    with pytest.raises(ValueError, match="isoformat"):
        list(structure([case], lambda _: ROSTER, calendar=WorkCalendar()))

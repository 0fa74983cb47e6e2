"""What costs a point, what is excused, and what counts as made up; one field at a time."""

from typing import Any

import pytest

from bot.evaluation.score import evaluate
from bot.evaluation.tally import Tally
from tests.evaluation.cases import EXPECTED, GIVEN, TEXT, answer, case, scored, tally

RIGHT, MISSED, EXTRA = Tally(1, 1, 1, 1), Tally(0, 1, 0, 0), Tally(0, 0, 0, 1)
WRONG, NOTHING = Tally(0, 1, 0, 1), Tally()
STEP = EXPECTED["next_steps"][0]
GIVEN_STEP = GIVEN["next_steps"][0]


def test_a_perfect_answer_scores_one_in_every_field() -> None:
    result = evaluate([case()], [answer()])
    assert result.overall == 1.0
    assert (len(result.fields), result.worst(9), result.inventions) == (19, [], [])


@pytest.mark.parametrize(
    ("field", "expected", "given", "counted"),
    [
        ("visit_date", {}, {"visit_date": "2026-11-17"}, WRONG),
        (
            "visit_date",
            {"optional": {"visit_date": ["2026-11-17"]}},
            {"visit_date": "2026-11-17"},
            RIGHT,
        ),
        ("start_time", {}, {"start_time": None}, MISSED),
        ("start_time", {}, {"start_time": "16:00"}, WRONG),
        ("start_time", {"start_time": None}, {"start_time": None}, NOTHING),
        ("start_time", {"start_time": None}, {}, EXTRA),
        ("channel", {"channel": None, "optional": {"channel": ["面访"]}}, {}, NOTHING),
        ("channel", {"optional": {"channel": [None]}}, {"channel": None}, NOTHING),
        ("hospital", {}, {"hospital": "青屿市 人民医院。"}, RIGHT),
        ("customers", {}, {"customers": ["顾明远", "顾明远"]}, Tally(1, 1, 1, 2)),
        ("customers", {}, {"customers": ["顾思齐"]}, WRONG),
        ("customers", {"optional": {"customers": ["顾思齐"]}}, {"customers": ["顾思齐"]}, MISSED),
        ("ambiguous", {"ambiguous": ["顾主任"]}, {"ambiguous": ["心内顾主任"]}, RIGHT),
        ("new_people", {"new_people": ["小罗医生"]}, {"new_people": ["小罗老师"]}, RIGHT),
        ("new_people", {"new_people": ["罗医生"]}, {"new_people": ["罗老师"]}, WRONG),
        ("flags", {"flags": ["off_label"]}, {"flags": ["off_label", "x"]}, Tally(1, 1, 1, 2)),
        ("goal", {"goal": ["文献"]}, {"goal": "送文献"}, RIGHT),
        ("goal", {"goal": ["文献"]}, {"goal": "拜访"}, WRONG),
        ("goal", {}, {"goal": "聊了二十分钟"}, NOTHING),
        ("goal", {}, {"goal": "推动进院谈判"}, EXTRA),
    ],
)  # fmt: skip
def test_single_values_and_people(
    field: str, expected: dict[str, Any], given: dict[str, Any], counted: Tally
) -> None:
    assert tally(field, case(**expected), answer(**given)) == counted


@pytest.mark.parametrize(
    ("points", "counted"),
    [
        (["样本量太小，有效率78%"], Tally(2, 2, 1, 1)),  # one point may serve two
        (["有效率178%"], Tally(0, 2, 1, 1)),  # another number, though it is from the text
        (["完全是另外一回事情"], Tally(0, 2, 0, 1)),
        ([TEXT * 2], Tally(0, 2, 0, 1)),  # the whole note again is no point
        ([], Tally(0, 2, 0, 0)),
    ],
)
def test_points(points: list[str], counted: Tally) -> None:
    assert tally("key_points", case(), answer(key_points=points)) == counted


@pytest.mark.parametrize(
    ("speaker", "words", "counted"),
    [
        ("顾明远", "样本量太小", WRONG),  # not even two thirds of it
        ("顾明远", "疗效肯定好", WRONG),  # the rep's own words
        ("代表", "疗效肯定好", MISSED),  # told to be the rep's
        ("顾明远", "有效率才百分之七十八", MISSED),  # indirect speech is excused
        ("顾明远", "聊了二十分钟", WRONG),
    ],
)
def test_quotes(speaker: str, words: str, counted: Tally) -> None:
    quotes = [{"speaker": speaker, "text": words}]
    assert tally("quotes", case(), answer(quotes=quotes)) == counted


def test_a_fact_in_two_halves_is_one_and_another_persons_is_none() -> None:
    one = case(profile_updates=[{"customer": "顾明远", "words": ["周四"]}])
    half = {"customer": "顾明远", "field": "门诊时间", "value": "周四上午"}
    assert tally("profile_updates", one, answer(profile_updates=[half, half])) == RIGHT
    other = half | {"customer": "沈若兰"}
    assert tally("profile_updates", one, answer(profile_updates=[other])) == WRONG


def test_steps_their_days_and_their_people() -> None:
    late = answer(next_steps=[GIVEN_STEP | {"due": "2026-11-26", "customer": None}])
    assert [tally(f, None, late) for f in ("next_steps", "next_due", "next_customer")] == [
        RIGHT,
        WRONG,
        WRONG,
    ]
    split = answer(next_steps=[GIVEN_STEP | {"due": None}, GIVEN_STEP])
    assert tally("next_steps", None, split) == tally("next_due", None, split) == RIGHT
    assert tally("next_due", None, answer(next_steps=[])) == WRONG


@pytest.mark.parametrize("customer", [None, "顾思齐", "顾主任"])
def test_a_step_for_nobody_certain_may_name_who_is_asked_about(customer: str | None) -> None:
    wanted = STEP | {"customer": None, "customer_alt": ["顾思齐"]}
    one = case(next_steps=[wanted], ambiguous=["顾主任"])
    given = answer(next_steps=[GIVEN_STEP | {"customer": customer}])
    assert tally("next_customer", one, given) == RIGHT


def test_a_step_may_be_for_somebody_who_is_as_right() -> None:
    one = case(next_steps=[STEP | {"customer_alt": ["沈若兰"]}])
    given = answer(next_steps=[GIVEN_STEP | {"customer": "沈若兰"}])
    assert tally("next_customer", one, given) == RIGHT


def test_the_whole_note_again_is_no_step() -> None:
    copied = answer(next_steps=[GIVEN_STEP | {"action": TEXT}])
    assert tally("next_steps", None, copied) == WRONG


def test_giving_nothing_is_precise_only_when_nothing_was_wanted() -> None:
    assert (MISSED.precision, MISSED.recall, MISSED.score) == (0.0, 0.0, 0.0)
    assert (NOTHING.precision, NOTHING.recall, NOTHING.score) == (1.0, 1.0, 1.0)
    assert Tally(1, 2, 1, 1).score == pytest.approx(2 / 3)


def test_a_step_filed_as_a_report_need_is_excused_but_not_as_a_shortage() -> None:
    report, shortage = ({"level": level, "text": "要文献"} for level in (3, 1))
    assert tally("needs", None, answer(needs=[report])) == NOTHING
    assert tally("needs", None, answer(needs=[shortage])) == EXTRA
    wanted = case(needs=[{"level": 1, "words": ["断货"]}])
    assert tally("needs", wanted, answer(needs=[{"level": 1, "text": "断货三天"}])) == RIGHT


def test_a_greeting_taken_for_a_visit_costs_in_every_field_it_fills() -> None:
    greeting = case(kind="not_note", text="早上好")
    wrong = scored(greeting, answer())
    assert wrong.score == 0.0
    assert wrong.fields["customers"] == wrong.fields["quotes"] == EXTRA
    assert wrong.fields["visit_date"] == NOTHING
    assert scored(greeting, answer(kind="not_note")).score == 1.0


def test_a_visit_taken_for_a_greeting_misses_everything() -> None:
    missed = scored(None, answer(kind="not_note"))
    assert missed.fields["kind"] == missed.fields["visit_date"] == WRONG
    assert missed.fields["customers"] == MISSED
    assert missed.fields["key_points"] == Tally(0, 2, 0, 0)


def test_what_is_made_up_is_told_apart_from_what_is_wrong() -> None:
    invented = answer(
        visit_date="2026-10-01",
        customers=["欧阳雪", "顾思齐"],  # 顾 is at least mentioned
        quotes=[{"speaker": "顾明远", "text": "非常满意"}],
        next_steps=[GIVEN_STEP | {"due": "2026-12-24", "customer": "欧阳雪"}],
    )
    found = {(one.what, one.value) for one in scored(None, invented).inventions}
    assert found == {
        ("原话", "非常满意"),
        ("客户", "欧阳雪"),
        ("日期", "2026-12-24"),
        ("日期", "2026-10-01"),
    }
    assert scored(None, answer(visit_date="2026-11-25")).inventions == []


def test_the_worst_cases_come_first() -> None:
    slip, blunder = answer(start_time=None), answer(kind="not_note")
    result = evaluate([case(), case(), case()], [answer(), slip, blunder])
    assert [round(one.score, 2) for one in result.worst(5)] == [
        round(scored(None, blunder).score, 2),
        round(18 / 19, 2),
    ]
    assert result.fields["kind"] == Tally(2, 3, 2, 3)

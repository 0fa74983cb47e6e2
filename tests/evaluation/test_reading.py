"""A case file that cannot be used is told by its line, with what is expected there."""

import pytest

from bot.cases import CaseError
from bot.evaluation.gold import unknown_words
from bot.evaluation.reading import read_gold
from tests.evaluation.cases import EXPECTED, line

STEP = EXPECTED["next_steps"][0]


def test_cases_are_read_and_empty_lines_skipped() -> None:
    cases = read_gold([line(), "\n", line(id="b", kind="not_note", expect={}, tags=["x"])])
    assert [(case.id, case.is_note) for case in cases] == [("a", True), ("b", False)]
    assert cases[0].as_input()["at"] == "2026-11-18T17:40:00+08:00"
    assert set(cases[0].as_input()) == {"id", "as", "at", "text"}


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("x", "第 2 行不是一个 JSON 对象"),
        ("[1]", "第 2 行不是一个 JSON 对象"),
        ('{"id": "b"}', "第 2 行缺少 as"),
        (line(at="2026-11-18T17:40"), "第 2 行的 at 应是带时区的时间"),
        (line(at="9999-12-31T23:59:00+08:00"), "第 2 行的 at 应是带时区的时间"),
        (line(at="昨天"), "第 2 行的 at 应是带时区的时间"),
        (line(kind="visit"), "第 2 行的 kind 应是 note 或 not_note"),
        (line(expect={}), "第 2 行的 expect.visit_date 缺少"),
        (line(expect=EXPECTED | {"visit_date": "11月18日"}), "expect.visit_date 应是日期"),
        (line(expect=EXPECTED | {"visit_date": "20261118"}), "expect.visit_date 应是日期"),
        (line(expect=EXPECTED | {"customers": "顾明远"}), "expect.customers 应是一组"),
        (line(expect=EXPECTED | {"customers": [7]}), "expect.customers.0 应是文字"),
        (line(expect=EXPECTED | {"key_points": ["样本量"]}), "expect.key_points.0 应是一组"),
        (line(expect=EXPECTED | {"next_steps": [STEP | {"due": "下周"}]}), "due 应是日期"),
        (line(expect=EXPECTED | {"next_steps": [{"words": ["x"]}]}), "next_steps.0.customer 缺少"),
        (line(expect=EXPECTED | {"needs": [{"level": 4, "words": []}]}), "应是 1、2 或 3"),
        (line(expect=EXPECTED | {"optional": {"flags": "x"}}), "expect.optional.flags 应是一组"),
        (line(), "第 2 行的 id「a」前面已经有了"),
    ],
)
def test_a_bad_line_is_told_with_what_is_expected(bad: str, told: str) -> None:
    with pytest.raises(CaseError) as problem:
        read_gold([line(), bad])
    assert told in problem.value.sentence
    assert "Error" not in problem.value.sentence


def test_a_file_without_cases_is_told() -> None:
    with pytest.raises(CaseError, match="没有用例"):
        read_gold(["", "\n"])


def test_a_slip_of_the_pen_is_named() -> None:
    wanted = EXPECTED | {"custmers": [], "optional": {"flag": []}}
    (case,) = read_gold([line(expect=wanted)])
    assert unknown_words(case) == ["custmers", "optional.flag"]

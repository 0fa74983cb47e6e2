"""Clinic hours as territory files really write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.clinic import Half, find_half, halves_on, parse_clinic, say_clinic

WEDNESDAY = date(2026, 11, 25)
_LETTERS = {Half.MORNING: "上", Half.AFTERNOON: "下"}


def written(text: str | None) -> str:
    """The sittings in short: 「二上四上」."""
    return "".join(
        f"{'一二三四五六日'[s.weekday]}{_LETTERS[s.half]}" for s in sorted(parse_clinic(text))
    )


@pytest.mark.parametrize(
    ("text", "sittings"),
    [
        ("周二上午;周四上午", "二上四上"),
        ("周一至周五上午", "一上二上三上四上五上"),
        ("周一、周三下午", "一下三下"),
        ("周一到周三下午；周五上午", "一下二下三下五上"),
        ("星期二、四全天", "二上二下四上四下"),
        ("礼拜天上午", "日上"),
        ("每周三", "三上三下"),
        ("周１－３下午", "一下二下三下"),
        ("周1-3下午", "一下二下三下"),
        ("周六日上午", "六上日上"),
        ("周二上午/下午", "二上二下"),
        ("工作日下午", "一下二下三下四下五下"),
        ("周三上午(专家门诊)，周五下午", "三上五下"),
        ("周一至周五上午，周三停诊", "一上二上三上四上五上"),
        ("单周周二上午", ""),
        ("周五晚上", ""),
        ("停诊", ""),
        ("看排班", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_hours_are_read(text: str | None, sittings: str) -> None:
    assert written(text) == sittings


def test_a_day_says_its_halves() -> None:
    hours = parse_clinic("周三全天;周四上午")
    assert say_clinic(WEDNESDAY, halves_on(hours, WEDNESDAY)) == "周三全天出门诊"
    assert say_clinic(WEDNESDAY, halves_on(hours, WEDNESDAY, Half.MORNING)) == "周三上午出门诊"
    assert halves_on(hours, date(2026, 11, 27)) == []


@pytest.mark.parametrize(
    ("words", "half"),
    [
        ("明天下午先去看谁", Half.AFTERNOON),
        ("早上去谁那儿", Half.MORNING),
        ("上午下午都有空", None),
        ("下一个该见谁", None),
    ],
)
def test_the_half_asked_for(words: str, half: Half | None) -> None:
    assert find_half(words) == half


@given(st.text(alphabet="周星期一二三四五六日天17至到-、，;上下午全天停单双 ", max_size=30))
def test_no_text_breaks_the_parser(text: str) -> None:
    assert all(0 <= sitting.weekday <= 6 for sitting in parse_clinic(text))

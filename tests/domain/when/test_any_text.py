"""What holds for any text: nothing raises, phrases are in place, promises lie ahead."""

import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI
from bot.domain.when import (
    ClockFound,
    DayFound,
    DayKind,
    LengthFound,
    Tense,
    find_clocks,
    find_days,
    find_lengths,
    parse_day,
)
from tests.domain.when.tables import read_table

CALENDAR = WorkCalendar()
NOW = datetime(2026, 11, 18, 10, tzinfo=SHANGHAI)
PIECES = [
    row.said for name in ("days.txt", "clocks.txt", "lengths.txt") for row in read_table(name)
]
LOOSE = list("一二三十半两周月日号点分前后内年上下这本，。、 0123456789:-到")
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(PIECES + LOOSE), max_size=8).map("".join),
    st.lists(st.sampled_from(LOOSE), max_size=14).map("".join),
)
MOMENTS = st.dates(date(2025, 1, 1), date(2100, 12, 31)).map(
    lambda day: datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI)
)
TENSES = st.sampled_from(list(Tense))

Found = DayFound | ClockFound | LengthFound


def _assert_in_place(text: str, found: Sequence[Found]) -> None:
    reached = 0
    for one in found:
        assert reached <= one.start < one.end
        assert text[one.start : one.end] == one.phrase
        reached = one.end


@given(TEXTS, MOMENTS, TENSES)
def test_phrases_are_in_place_in_order_and_do_not_overlap(
    text: str, now: datetime, tense: Tense
) -> None:
    _assert_in_place(text, find_days(text, now=now, calendar=CALENDAR, tense=tense))
    _assert_in_place(text, find_clocks(text))
    _assert_in_place(text, find_lengths(text))


@given(TEXTS, MOMENTS)
def test_nothing_said_without_a_direction_points_back_in_a_promise(
    text: str, now: datetime
) -> None:
    undirected = {DayKind.WEEKDAY, DayKind.DAY_OF_MONTH, DayKind.FESTIVAL}
    for found in find_days(text, now=now, calendar=CALENDAR):
        assert found.kind not in undirected or found.day >= now.date()


@given(TEXTS, MOMENTS)
def test_looking_back_a_bare_weekday_is_within_the_last_week(text: str, now: datetime) -> None:
    for found in find_days(text, now=now, calendar=CALENDAR, tense=Tense.PAST):
        if found.kind is DayKind.WEEKDAY:
            assert timedelta(0) <= now.date() - found.day < timedelta(days=7)


@given(TEXTS, MOMENTS, TENSES)
def test_searching_twice_finds_the_same(text: str, now: datetime, tense: Tense) -> None:
    first = find_days(text, now=now, calendar=CALENDAR, tense=tense)
    assert find_days(text, now=now, calendar=CALENDAR, tense=tense) == first


@given(st.sampled_from(PIECES), MOMENTS)
def test_a_found_phrase_alone_means_the_same_day(text: str, now: datetime) -> None:
    found = find_days(text, now=now, calendar=CALENDAR)
    for one in found if len(found) == 1 and "不" not in text and "改" not in text else []:
        assert parse_day(one.phrase, now=now, calendar=CALENDAR) == one.day


@given(TEXTS)
def test_lengths_are_positive_and_within_a_working_day(text: str) -> None:
    assert all(0 < found.minutes <= 480 for found in find_lengths(text))


@given(TEXTS)
def test_a_range_ends_after_it_starts(text: str) -> None:
    assert all(found.until is None or found.until > found.at for found in find_clocks(text))


@pytest.mark.parametrize(
    "said",
    [
        "今天",
        "下周三前",
        "28号",
        "三个工作日内",
        "元旦前",
        "周三，不对，周四",
        "12月3号，不对，5号",
    ],
)
def test_a_phrase_found_in_a_sentence_means_the_same_alone(said: str) -> None:
    alone = parse_day(said, now=NOW, calendar=CALENDAR)
    inside = find_days(f"我跟他说{said}把资料给他。", now=NOW, calendar=CALENDAR)
    assert alone is not None
    assert [found.day for found in inside] == [alone]


def test_a_phrase_with_two_days_is_no_single_day() -> None:
    assert parse_day("明天或者后天", now=NOW, calendar=CALENDAR) is None
    assert parse_day("改天", now=NOW, calendar=CALENDAR) is None


def test_the_phrase_includes_the_word_that_makes_it_a_deadline() -> None:
    (found,) = find_days("周五下班前给他", now=NOW, calendar=CALENDAR)
    assert (found.phrase, found.deadline) == ("周五下班前", True)


def test_a_weekday_can_be_told_from_a_date() -> None:
    found = find_days("她周三上午出门诊，下周四我再去", now=NOW, calendar=CALENDAR)
    assert [day.kind for day in found] == [DayKind.WEEKDAY, DayKind.WEEK_AND_DAY]


def test_late_at_night_today_is_the_day_in_shanghai() -> None:
    late = datetime.fromisoformat("2026-11-18T16:30:00+00:00")
    assert str(parse_day("今天", now=late, calendar=CALENDAR)) == "2026-11-19"


def test_full_width_and_half_width_digits_are_read_alike() -> None:
    narrow, wide = "12月3号14:30聊了45分钟", "１２月３号１４：３０聊了４５分钟"
    assert parse_day(wide, now=NOW, calendar=CALENDAR) == date(2026, 12, 3)
    assert [one.at for one in find_clocks(wide)] == [one.at for one in find_clocks(narrow)]
    assert [one.minutes for one in find_lengths(wide)] == [45]


@given(
    st.lists(st.tuples(st.sampled_from(LOOSE), st.integers(1, 5000)), min_size=1, max_size=4),
    MOMENTS,
)
@example([("9", 310), ("分", 1), ("钟", 1)], NOW)
@example([("零", 4988)], NOW)
@example([("9", 4500), ("天", 1), ("后", 1)], NOW)
def test_runs_of_one_character_break_nothing(runs: list[tuple[str, int]], now: datetime) -> None:
    text = "".join(char * count for char, count in runs)
    _assert_in_place(text, find_days(text, now=now, calendar=CALENDAR))
    _assert_in_place(text, find_clocks(text))
    _assert_in_place(text, find_lengths(text))


@pytest.mark.parametrize("piece", ["9", "十", "零", "一点", "三百", "三天后", "周三，不对，"])
def test_five_thousand_characters_of_anything_take_no_time(piece: str) -> None:
    text = piece * (5000 // len(piece))
    find_days("明天", now=NOW, calendar=CALENDAR)
    started = time.perf_counter()
    find_days(text, now=NOW, calendar=CALENDAR)
    find_clocks(text)
    find_lengths(text)
    assert time.perf_counter() - started < 0.2


def test_a_long_dictation_takes_no_time() -> None:
    text = "下周三前把资料发他，下午三点一刻到的，聊了二十分钟，三个工作日内答复。" * 12
    find_days(text, now=NOW, calendar=CALENDAR)
    started = time.perf_counter()
    find_days(text, now=NOW, calendar=CALENDAR)
    assert time.perf_counter() - started < 0.05

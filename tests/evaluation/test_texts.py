"""Two wordings of one thing count as one; other numbers and other people do not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.dates import possible_days
from bot.evaluation.pairing import best_pairs
from bot.evaluation.texts import (
    has_words,
    in_digits,
    is_grounded,
    is_referred_to,
    plain,
    same_person,
    similarity,
)

WEDNESDAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("一百七", "170"),
        ("四万二", "4.2万"),
        ("三万", "30,000"),
        ("百分之七十八", "78%"),
        ("百分之78.5", "78.5%"),
        ("九点二", "９.２"),
        ("二〇二七年", "2027年"),
        ("ＨｂＡ１ｃ 降了", "hba1c，降了！"),
    ],
)
def test_a_number_is_one_however_it_is_written(said: str, written: str) -> None:
    assert in_digits(said) == in_digits(written)


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        (["文献|全文"], "把全文发他", True),
        (["文献", "邮箱"], "把文献发他", False),
        (["7.1"], "降到七点一", True),
        (["7.1"], "降到7.15", False),
        (["7.1"], "降到17.1", False),
        (["30"], "二三十个", False),
        (["78%"], "百分之七十八左右", True),
        ([""], "什么都行", False),
        ([], "什么都行", True),
    ],
)
def test_words_occur_or_not(words: list[str], text: str, expected: bool) -> None:
    assert has_words(words, text) is expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("李主任", "大李主任", True),
        ("小罗医生", "小罗", True),
        ("李主任", "王主任", False),
        ("李主任", "李医生", False),  # one character is too little to go by
        ("", "李主任", False),
    ],
)
def test_mentions_of_one_person(one: str, other: str, same: bool) -> None:
    assert same_person(one, other) is same_person(other, one) is same


def test_who_is_referred_to() -> None:
    assert is_referred_to("欧阳慧", "欧阳老师没在")
    assert is_referred_to("顾明远", "明远说的")
    assert not is_referred_to("欧阳慧", "阳光很好")


def test_likeness_is_the_longest_stretch() -> None:
    assert similarity("样本量太小", "样本量太小！") == 1.0
    assert similarity("样本量太小了", "样本量") == pytest.approx(2 * 3 / 9)
    assert similarity("", "。") == 0.0


def test_what_takes_nothing_from_the_text_is_not_grounded() -> None:
    assert is_grounded("样本量小", "他嫌样本量太小")
    assert not is_grounded("推动进院", "他嫌样本量太小")
    assert not is_grounded("……", "他嫌样本量太小")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天", "2026-11-18"),
        ("大前天", "2026-11-15"),
        ("大后天", "2026-11-21"),
        ("下周三", "2026-11-25"),
        ("礼拜五", "2026-11-20"),
        ("上上周一", "2026-11-02"),
        ("三个工作日内", "2026-11-23"),
        ("两周后", "2026-12-02"),
        ("半个月内", "2026-12-03"),
        ("月底前", "2026-11-30"),
        ("下个月底", "2026-12-31"),
        ("下月初", "2026-12-01"),
        ("一月三号", "2027-01-03"),
        ("28号", "2026-11-28"),
        ("下个月5号", "2026-12-05"),
        ("年底前", "2026-12-31"),
        ("元旦后第一个工作日", "2027-01-04"),
    ],
)
def test_days_that_a_phrase_can_mean(text: str, day: str) -> None:
    assert date.fromisoformat(day) in possible_days(text, WEDNESDAY)


@pytest.mark.parametrize("text", ["31月40号", "二月三十号", "三周年", "聊了十天", ""])
def test_what_is_no_day(text: str) -> None:
    assert possible_days(text, WEDNESDAY) == set()


@given(st.text(alphabet="今明后天大下上周一二三十半个月年底号日内工作123 万", max_size=24))
def test_any_text_gives_days_and_numbers_without_an_error(text: str) -> None:
    assert all(isinstance(day, date) for day in possible_days(text, WEDNESDAY))
    assert plain(in_digits(text)) == in_digits(text)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.sampled_from([0.0, 0.7, 1.0, 1.1, 1.3]), min_size=width, max_size=width),
            min_size=1,
            max_size=4,
        )
    ),
    st.integers(1, 2),
)
def test_no_other_pairing_fits_better(fits: list[list[float]], serves: int) -> None:
    pairs = best_pairs(fits, serves=serves)
    taken = list(pairs.values())
    assert all(taken.count(column) <= serves for column in taken)
    assert all(fits[row][column] > 0 for row, column in pairs.items())
    found = sum(fits[row][column] for row, column in pairs.items())
    assert found == pytest.approx(_best_sum(fits, [serves] * len(fits[0])))


def _best_sum(fits: list[list[float]], room: list[int]) -> float:
    """The greatest sum by trying everything."""
    if not fits:
        return 0.0
    first, *others = fits
    sums = [_best_sum(others, room)]
    for column, fit in enumerate(first):
        if room[column]:
            left = [places - (place == column) for place, places in enumerate(room)]
            sums.append(fit + _best_sum(others, left))
    return max(sums)

"""Numbers as people say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.numerals import parse_int, parse_number

SAID = [
    ("零", 0),
    ("一", 1),
    ("两", 2),
    ("俩", 2),
    ("仨", 3),
    ("十", 10),
    ("十二", 12),
    ("二十", 20),
    ("两百", 200),
    ("廿八", 28),
    ("卅", 30),
    ("十来", 10),
    ("二十多", 20),
    ("一百七", 170),
    ("一百零七", 107),
    ("一百一十", 110),
    ("三千二", 3200),
    ("四万二", 42000),
    ("四万零二", 40002),
    ("一万八", 18000),
    ("十二万", 120000),
    ("三百多", 300),
    ("一亿二千万", 120000000),
    ("二〇二六", 2026),
    ("12", 12),
    ("１２", 12),
    ("3万", 30000),
    ("4.2万", 42000),
    (" 7 ", 7),
]
NOT_WHOLE = [
    "",
    "半",
    "两三十",
    "二三十",
    "百",
    "九点二",
    "1.5",
    "abc",
    "三x",
    "点",
    "几",
    "-3",
    "一点",
]
PARTS = [
    ("半", 0.5),
    ("九点二", 9.2),
    ("两个半", 2.5),
    ("1.5", 1.5),
    ("零点三", 0.3),
    ("六点五", 6.5),
]


@pytest.mark.parametrize(("said", "number"), SAID)
def test_a_whole_number_is_read_as_it_is_said(said: str, number: int) -> None:
    assert parse_int(said) == number


@pytest.mark.parametrize("said", NOT_WHOLE)
def test_what_is_no_whole_number_gives_none(said: str) -> None:
    assert parse_int(said) is None


@pytest.mark.parametrize(("said", "number"), PARTS)
def test_halves_and_decimals(said: str, number: float) -> None:
    assert parse_number(said) == pytest.approx(number)


def _say(number: int) -> str:
    """The long, careful way to say a number below 10,000."""
    said = ""
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            said += "零一二三四五六七八九"[digit] + name
        elif said and not said.endswith("零") and number % unit:
            said += "零"
    return said


@given(st.integers(min_value=1, max_value=9999))
def test_every_number_said_in_full_is_read_back(number: int) -> None:
    assert parse_int(_say(number)) == number
    assert parse_int(str(number)) == number


@pytest.mark.parametrize(
    "run",
    [
        "9" * 310,
        "9" * 310 + "万",
        "9" * 4500,
        "零" * 4988,
        "九" * 41 + "亿",
        "一" + "亿" * 30,
        "9999999999999",
        "1." + "3" * 400,
        "一点" + "三" * 400,
        "二" + "个半" * 400,
        "\ufdfa" * 40,
    ],
)
def test_what_is_too_long_for_a_number_gives_none(run: str) -> None:
    assert parse_int(run) is None
    assert parse_number(run) is None


def test_twelve_digits_are_still_a_number() -> None:
    assert parse_int("999999999999") == 999_999_999_999
    assert parse_int("1000000000000") is None


@given(
    st.lists(
        st.tuples(st.sampled_from("零九9９十百千万亿点.两半个"), st.integers(1, 5000)), max_size=4
    )
)
def test_runs_of_any_length_give_a_sensible_number_or_none(runs: list[tuple[str, int]]) -> None:
    number = parse_number("".join(char * count for char, count in runs))
    assert number is None or 0 <= number <= 10**12


@given(st.text(alphabet="零一二三四五六七八九十百千万亿两半点来多个.0123456789x ", max_size=12))
def test_no_text_raises(text: str) -> None:
    parse_int(text)
    parse_number(text)

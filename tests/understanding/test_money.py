"""Amounts of money as reps say them."""

import pytest

from bot.understanding.screening.money import yuan


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("带了套三百八的茶具", 380),
        ("送了支一千二的口红", 1200),
        ("定价48元的手册", 48),
        ("花了八百六", 860),
        ("大概两百七一箱", 270),
        ("每人八百", 800),
        ("一千零五十块", 1050),
        ("两万块", 20000),
        ("1,200元", 1200),
        ("三百八十五元", 385),
        ("先给二十块，后来给了五百块", 500),
    ],
)
def test_an_amount_is_read(said: str, amount: float) -> None:
    assert yuan(said) == amount


@pytest.mark.parametrize("said", ["来了六十人", "卖了两百盒", "下午三点", "没说多少"])
def test_what_is_not_money_is_no_amount(said: str) -> None:
    assert yuan(said) is None

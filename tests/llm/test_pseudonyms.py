"""Names do not reach an outside model, and come back in what it answers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.pseudonyms import Pseudonyms, pseudonyms
from tests.llm.territory import DICTATION, ROSTER

NAMES = ("顾", "程野", "罗晓", "沈若兰", "褚云舟")


def test_no_name_is_left_and_the_words_come_back() -> None:
    names = pseudonyms(DICTATION, ROSTER)
    hidden = names.hide(DICTATION)
    assert not [name for name in NAMES if name in hidden]
    assert "样本量太小" in hidden
    assert names.show(hidden) == DICTATION


def test_customers_colleagues_and_strangers_are_told_apart() -> None:
    names = pseudonyms("跟罗晓去见沈若兰，还碰到了肾内科的韩冰主任", ROSTER)
    kinds = {token[:2] for token in names.tokens.values()}
    assert kinds == {"客户", "同事", "人员"}
    assert "韩冰" not in names.hide("跟罗晓去见沈若兰，还碰到了肾内科的韩冰主任")


def test_two_people_never_share_a_token() -> None:
    tokens = pseudonyms("顾明远、顾思齐、沈若兰、褚云舟、罗晓、程野都在", ROSTER).tokens
    assert len(set(tokens.values())) == len(tokens) >= 6


def test_a_text_without_names_stays_as_it_is() -> None:
    assert pseudonyms("今天下雨", ROSTER).hide("今天下雨") == "今天下雨"


def test_a_number_behind_a_name_does_not_change_who_is_meant() -> None:
    text = "沈若兰3个名额，顾明远12个"
    names = pseudonyms(text, ROSTER)
    assert names.show(names.hide(text)) == text


def test_words_that_look_like_a_token_are_left_alone() -> None:
    text = "客户1没来，见了沈若兰"
    names = pseudonyms(text, ROSTER)
    assert "客户1" not in names.tokens.values()
    assert names.show(names.hide(text)) == text


@pytest.mark.parametrize("written", ["客户1", "〔客户1〕", "【客户1】", "[客户1]"])
def test_a_token_comes_back_however_the_model_brackets_it(written: str) -> None:
    assert Pseudonyms({"沈若兰": "客户1"}).show(f"发给{written}。") == "发给沈若兰。"


def test_a_token_that_the_model_made_up_names_nobody() -> None:
    assert Pseudonyms({"沈若兰": "客户1"}).show("客户12") == "客户12"


@given(
    st.lists(
        st.sampled_from(
            [c.name for c in ROSTER.customers]
            + [
                "顾主任",
                "老顾",
                "沈主任",
                "罗晓",
                "韩冰医生",
                "〔",
                "〕",
                "客户1",
                "同事2",
                "3",
                "，",
                "和",
            ]
        ),
        max_size=14,
    ).map("".join)
)
def test_any_text_survives_hiding_and_showing(text: str) -> None:
    names = pseudonyms(text, ROSTER)
    assert names.show(names.hide(text)) == text


def test_a_name_that_only_the_roster_knows_as_an_alias_is_hidden_too() -> None:
    customer = replace(ROSTER.customers[2], aliases=("兰姐",))
    roster = replace(ROSTER, customers=(customer,))
    assert "兰姐" not in pseudonyms("给兰姐送文献", roster).hide("给兰姐送文献")


def test_a_short_name_inside_a_longer_one_leaves_no_rest() -> None:
    nicknamed = replace(ROSTER.customers[0], aliases=("若兰",))
    roster = replace(ROSTER, customers=(nicknamed, *ROSTER.customers[1:]))
    assert "沈" not in pseudonyms("见了沈若兰", roster).hide("见了沈若兰")

"""What is typed or pasted with invisible characters reads like the plain words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.words import clean

_ANY_CHARACTER = st.text(st.characters(codec=None, categories=None), max_size=40)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("病\u200b人起\u200d了皮疹", "病人起了皮疹"),
        ("\u202e王主任\u202c\u200f", "王主任"),
        ("\ufeff今天拜访", "今天拜访"),
        ("统\u00ad方", "统方"),
        ("响铃\x07\x1b[31m红\x00", "响铃[31m红"),
        ("半个\ud83d表情\udc00", "半个表情"),
        ("两行\r\n都在\r还有\u2028一行\t制表", "两行\n都在\n还有\n一行\t制表"),
        ("１２月３日，ＫＯＬ ａ", "12月3日，KOL a"),
        ("“原话：不行！”（他说）；好？", "“原话：不行！”（他说）；好？"),
        ("全角　空格，①㎎", "全角　空格，①㎎"),
    ],
)
def test_only_the_unseen_is_taken_out(typed: str, read: str) -> None:
    assert clean(typed) == read


@given(_ANY_CHARACTER)
def test_any_text_can_be_kept_and_is_clean_at_once(text: str) -> None:
    once = clean(text)
    assert once.encode().decode() == once
    assert clean(once) == once
    assert not {unicodedata.category(char) for char in once if char not in "\n\t"} & {"Cc", "Cf"}

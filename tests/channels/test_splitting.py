"""Long texts are cut where a reader pauses; nothing is lost and nothing is torn."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.splitting import Measure, cut_text, split_text, utf16_units

TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from("。，\n 😀👍🏽\u200d\u0301🇨🇳好a")), max_size=200
)


def utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 10, []),
        (" \n ", 10, []),
        ("好的。", 3, ["好的。"]),
        ("第一段。有话\n\n第二段一行\n二行", 12, ["第一段。有话", "第二段一行\n二行"]),
        ("第一行，有话\n第二行。有话", 10, ["第一行，有话", "第二行。有话"]),
        ("他说「好。」然后走了，没回来", 10, ["他说「好。」", "然后走了，没回来"]),
        ("早上好，王主任今天在吗", 8, ["早上好，", "王主任今天在吗"]),
        ("take 5 mg daily", 8, ["take 5", "mg daily"]),
        ("v1.5,2,000!x?y", 6, ["v1.5,2", ",000!x", "?y"]),
        ("一二三四五六七", 3, ["一二三", "四五六", "七"]),
        ("。" + "长" * 9, 6, ["。", "长" * 6, "长" * 3]),
        ("短。" + "长" * 5 + "。短", 8, ["短。" + "长" * 5 + "。", "短"]),
        ("短\n\n长长长长。长长长长长", 9, ["短\n\n长长长长。", "长长长长长"]),
        ("一，二。\u0301三四五", 4, ["一，", "二。\u0301三", "四五"]),
        ("ab😀😀", 3, ["ab", "😀", "😀"]),
        ("好👍🏽好", 4, ["好", "👍🏽", "好"]),
        ("1👩\u200d🔬2", 5, ["1", "👩\u200d🔬", "2"]),
        ("🇨🇳🇩🇪", 6, ["🇨🇳", "🇩🇪"]),
        ("cafe\u0301s", 4, ["caf", "e\u0301s"]),
        ("好\n" * 3 + "\n\n\n\n" + "坏", 4, ["好\n好", "好", "坏"]),
    ],
)
def test_cuts_at_the_best_pause(text: str, limit: int, parts: list[str]) -> None:
    assert split_text(text, limit, utf16_units) == parts


def test_bytes_are_measured_as_bytes() -> None:
    assert split_text("一二三四五", 7, utf8_bytes) == ["一二", "三四", "五"]


def test_a_mark_pile_longer_than_the_limit_is_cut_all_the_same() -> None:
    pile = "e" + "\u0301" * 9
    assert "".join(cut_text(pile, 4, utf16_units)) == pile


@given(TEXTS, st.integers(4, 40), st.sampled_from([utf16_units, utf8_bytes]))
def test_nothing_is_lost_and_every_part_fits(text: str, limit: int, measure: Measure) -> None:
    pieces = list(cut_text(text, limit, measure))
    assert "".join(pieces) == text
    assert all(measure(piece) <= limit for piece in pieces)
    assert all(pieces) or not text
    parts = split_text(text, limit, measure)
    assert parts == [piece.strip() for piece in pieces if piece.strip()]


@given(TEXTS, st.integers(60, 90))
def test_no_character_is_torn(text: str, limit: int) -> None:
    """In 60 units there is a better place than inside of one."""
    pieces = list(cut_text(text[:30] + "好" * 60 + text[30:60], limit, utf16_units))
    for before, after in pairwise(pieces):
        assert not unicodedata.category(after[0]).startswith("M") or _is_pile(before)
        assert not before.endswith("\u200d") or _is_pile(before)


def _is_pile(text: str) -> bool:
    return len(text.rstrip("\u200d\u0301")) <= 1


def test_a_long_text_is_quick() -> None:
    parts = split_text("没有标点" * 50_000, 4096, utf16_units)
    assert [len(part) for part in parts[:2]] == [4096, 4096]

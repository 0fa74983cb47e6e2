"""How a reply is laid out: what becomes a card, what a text, and that nothing of it is lost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom.cards import (
    ASK,
    DEAD,
    HINT,
    LONGEST_BODY,
    LONGEST_TITLE,
    MOST_BODY_LINES,
    TAP,
    Laid,
    byte_length,
    lay_out,
    number,
    shortened,
    worn_card,
)
from bot.messages import Button, Reply
from tests.channels.wecom_checks import check_card, overlong_words

LIMIT = 2048
YES, NO = Button("确认", "note.confirm:1"), Button("取消", "note.cancel:1")


def laid(text: str, *buttons: Button, cards: bool = True, hint: bool = False) -> Laid:
    return lay_out(Reply(text, buttons), cards=cards, limit=LIMIT, hint=hint)


def words_on(card: dict[str, Any] | None) -> tuple[str, str]:
    assert card is not None
    return card["main_title"]["title"], card["sub_title_text"]


def test_words_alone() -> None:
    assert laid(" 好的 \n") == Laid(texts=("好的",))
    assert laid("") == Laid()


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("请确认", "请确认", ASK),
        ("请确认\n\n周三\n陆主任 ", "请确认", "周三\n陆主任"),
        ("题" * LONGEST_TITLE + "\n" + "文" * LONGEST_BODY, "题" * 26, "文" * 112),
        ("题\n" + "\n".join("一二三四五六"), "题", "一\n二\n三\n四\n五\n六"),
        ("", TAP, ASK),
        ("\n \n", TAP, ASK),
    ],
)
def test_what_fits_is_one_card(text: str, title: str, body: str) -> None:
    found = laid(text, YES, NO)
    assert (found.texts, found.choices) == ((), ())
    assert words_on(found.card) == (title, body)


@pytest.mark.parametrize(
    "text",
    [
        "题" * (LONGEST_TITLE + 1),
        "题\n" + "文" * (LONGEST_BODY + 1),
        "题\n" + "\n".join("字" * (MOST_BODY_LINES + 1)),
    ],
)
def test_what_does_not_fit_is_said_first(text: str) -> None:
    found = laid(text, YES)
    assert found.texts == (text,)
    title, body = words_on(found.card)
    assert (title, body) == (shortened(text.partition("\n")[0], 26), ASK)


def test_a_card_names_its_buttons_and_stresses_the_first() -> None:
    assert (laid("请确认", YES, NO).card or {})["button_list"] == [
        {"text": "确认", "style": 1, "key": "note.confirm:1"},
        {"text": "取消", "style": 2, "key": "note.cancel:1"},
    ]


@pytest.mark.parametrize("count", [1, 6, 7, 13])
def test_six_buttons_fit_a_card(count: int) -> None:
    buttons = tuple(Button(f"第{number}个", f"a.b:{number}") for number in range(count))
    found = laid("选一个", *buttons)
    assert (found.card is not None) == (count <= 6)
    assert found.choices == (() if count <= 6 else buttons)


@pytest.mark.parametrize(("size", "fits"), [(10, True), (11, False)])
def test_a_long_label_fits_no_card(size: int, fits: bool) -> None:
    assert (laid("选", Button("字" * size, "a.b")).card is not None) == fits


def test_without_cards_choices_are_numbered() -> None:
    found = laid("请确认", YES, NO, cards=False)
    assert found == Laid(("请确认\n\n回复数字：1 确认　2 取消",), None, (YES, NO))
    assert laid("", YES, cards=False).texts == ("回复数字：1 确认",)


def test_many_choices_are_a_list() -> None:
    buttons = [Button(f"云岭市人民医院{number}", f"a.b:{number}") for number in range(12)]
    lines = number("选哪家？", buttons).split("\n")
    assert lines[:4] == ["选哪家？", "", "回复数字：", "1 云岭市人民医院0"]
    assert lines[-1] == "12 云岭市人民医院11"


def test_the_way_out_is_told_where_there_is_room() -> None:
    assert words_on(laid("请确认", YES, hint=True).card) == ("请确认", ASK + HINT)
    assert words_on(laid("题\n文", YES, hint=True).card) == ("题", "文")
    assert words_on(laid("题" * 30, YES, hint=True).card)[1] == ASK + HINT
    assert HINT not in laid("请确认", YES, cards=False, hint=True).texts[0]


def test_a_worn_card_cannot_be_pressed() -> None:
    card = laid("请确认", YES, NO).card or {}
    worn = worn_card(card, "确认" * 30)
    assert worn["main_title"] == card["main_title"]
    (button,) = worn["button_list"]
    assert button["key"] == DEAD
    assert len(button["text"]) == 20


@pytest.mark.parametrize(
    ("text", "longest", "shown"), [("一二三", 3, "一二三"), ("一二三四", 3, "一二…"), ("", 3, "")]
)
def test_what_is_too_long_ends_in_an_ellipsis(text: str, longest: int, shown: str) -> None:
    assert shortened(text, longest) == shown


TEXTS = st.text(st.sampled_from("好字。，\n ab😀"), max_size=900)
LABELS = st.text(st.sampled_from("确认修改ab "), min_size=1, max_size=14)


@given(TEXTS, st.lists(LABELS, max_size=9), st.booleans(), st.booleans())
def test_nothing_is_lost_and_wecom_takes_it(
    text: str, labels: list[str], cards: bool, hint: bool
) -> None:
    buttons = [Button(label, f"a.b:{place}") for place, label in enumerate(labels)]
    found = lay_out(Reply(text, tuple(buttons)), cards=cards, limit=LIMIT, hint=hint)
    assert all(0 < byte_length(part) <= LIMIT for part in found.texts)
    shown = "".join(found.texts)
    if found.card is not None:
        card = {**found.card, "task_id": "c1"}
        check_card(card)
        assert overlong_words(card) == []
        assert [each["key"] for each in card["button_list"]] == [button.id for button in buttons]
        shown = shown or "".join(words_on(found.card))
    assert "".join(text.split()) in "".join(shown.split())
    assert bool(found.card) + bool(found.choices) == bool(buttons)
    for label in (button.label for button in found.choices):
        assert "".join(label.split()) in "".join(shown.split())

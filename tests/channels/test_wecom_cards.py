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
    MOST_LINES,
    TAP,
    Laid,
    byte_length,
    hold_digits,
    lay_out,
    needs_numbers,
    shortened,
    tell_choices,
    title_of,
    worn_card,
)
from bot.messages import Button, Reply
from tests.channels.wecom_checks import check_card, overlong_words

LIMIT = 2048
YES, NO = Button("确认", "note.confirm:1"), Button("取消", "note.cancel:1")
DONE, LATER = Button("完成 1", "todo.done:1"), Button("推迟 1", "todo.later:1")


def laid(text: str, *buttons: Button, cards: bool = True, hint: bool = False) -> Laid:
    return lay_out(Reply(text, buttons), cards=cards, limit=LIMIT, hint=hint)


def words_on(card: dict[str, Any] | None) -> tuple[str, str]:
    """The title, and what stands below."""
    assert card is not None
    return card.get("main_title", {}).get("title", ""), card["sub_title_text"]


def test_words_alone() -> None:
    assert laid(" 好的 \n") == Laid(texts=("好的",))
    assert laid("") == Laid()


# One card


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("请确认", "请确认", ASK),
        ("请确认\n\n周三\n陆主任 ", "请确认", "周三\n陆主任"),
        ("题" * LONGEST_TITLE + "\n" + "文" * (LONGEST_BODY - 1), "题" * 26, "文" * 111),
        ("题\n" + "\n".join("一二三四五六七"), "题", "一\n二\n三\n四\n五\n六\n七"),
        ("题" * (LONGEST_TITLE + 1), "", "题" * 27),
        ("文" * LONGEST_BODY, "", "文" * 112),
        ("题" * 27 + "\n周三", "", "题" * 27 + "\n周三"),
        ("", TAP, ASK),
        ("\n \n", TAP, ASK),
    ],
)
def test_what_fits_is_one_card(text: str, title: str, body: str) -> None:
    found = laid(text, YES, NO)
    assert (found.texts, found.choices) == ((), ())
    assert words_on(found.card) == (title, body)


def test_one_long_line_is_a_card_without_a_title() -> None:
    card = laid("今天下午两点半要去见陆主任，上次答应带的资料还没有准备好，要我提醒吗？", YES).card
    assert card is not None
    assert "main_title" not in card
    check_card({**card, "task_id": "c1"})


@pytest.mark.parametrize(
    "text",
    [
        "题" * (LONGEST_BODY + 1),
        "题\n" + "文" * (LONGEST_BODY + 1),
        "题" * 27 + "\n" + "文" * LONGEST_BODY,
        "题\n" + "\n".join("字" * MOST_LINES),
    ],
)
def test_what_does_not_fit_is_said_first(text: str) -> None:
    found = laid(text, YES)
    assert found.texts == (text,)
    assert words_on(found.card) == (shortened(text.partition("\n")[0], 26), ASK)


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


# What a card is called


@pytest.mark.parametrize(
    ("text", "title", "called"),
    [
        ("周三\n陆主任", "确认这条？陆主任", "确认这条？陆主任"),
        ("周三\n存吗？", "给" * 27, "给" * 25 + "…"),
        ("听到的是：「见了陆主任」\n\n周三拜访\n这条存吗？", "", "这条存吗？"),
        ("周三拜访\nShall I keep it?\n ", "", "Shall I keep it?"),
        ("周三\n" + "很" * 30 + "要存吗？", "", "…" + "很" * 21 + "要存吗？"),
        ("（演示数据）\n陆主任的拜访\n周三", "", "陆主任的拜访"),
        ("（演示数据）\n（两条）", "", "（演示数据）"),
        ("（周三）陆主任\n谈了疗效", "", "（周三）陆主任"),
        ("要存吗？\n周三", "", "要存吗？"),
        ("长" * 40, "", "长" * 25 + "…"),
        ("", "", TAP),
        (" \n ", "", TAP),
        ("", "存吗", "存吗"),
    ],
)
def test_what_a_card_is_called(text: str, title: str, called: str) -> None:
    assert title_of(Reply(text, (YES,), title=title)) == called
    assert len(called) <= LONGEST_TITLE


def test_beside_a_long_text_the_card_asks_its_question() -> None:
    text = "（演示数据）\n" + "周三拜访陆主任，谈了疗效。" * 20 + "\n这条存吗？"
    found = laid(text, YES)
    assert found.texts == (text,)
    assert words_on(found.card) == ("这条存吗？", ASK)


# Numbers and words instead


def test_without_cards_choices_are_numbered() -> None:
    found = laid("请确认", YES, NO, cards=False)
    assert found == Laid(("请确认\n\n回复数字：1 确认　2 取消",), None, (YES, NO), 1)
    assert laid("", YES, cards=False).texts == ("回复数字：1 确认",)


def test_numbers_go_on_where_others_stop() -> None:
    found = lay_out(Reply("存吗？", (YES, NO)), cards=False, limit=LIMIT, start=3)
    assert found.texts == ("存吗？\n\n回复数字：3 确认　4 取消",)
    assert found.start == 3


def test_labels_with_digits_are_answered_by_their_words() -> None:
    """Else 1 would mean the first button as well as the first task."""
    found = lay_out(Reply("1. 送资料", (DONE, LATER)), cards=False, limit=LIMIT, start=5)
    assert found.texts == ("1. 送资料\n\n回按钮上的字：完成 1　推迟 1",)
    assert (found.choices, found.start) == ((DONE, LATER), None)


@pytest.mark.parametrize(
    ("labels", "digits"),
    [
        ("确认 取消", False),
        ("完成1 推迟1", True),
        ("男 65以上", True),
        ("６５以上", True),
        ("①", False),
    ],
)
def test_which_labels_hold_digits(labels: str, digits: bool) -> None:
    buttons = tuple(Button(label, "a.b") for label in labels.split())
    assert hold_digits(buttons) == digits
    assert needs_numbers(Reply("选", buttons), cards=False) != digits
    assert not needs_numbers(Reply("选", buttons), cards=True)


def test_many_choices_are_a_list() -> None:
    buttons = [Button(f"云岭市人民医院{name}", f"a.b:{name}") for name in "甲乙丙丁戊己庚辛壬癸"]
    lines = tell_choices("选哪家？", buttons, 2).split("\n")
    assert lines[:4] == ["选哪家？", "", "回复数字：", "2 云岭市人民医院甲"]
    assert lines[-1] == "11 云岭市人民医院癸"


# The way out


def test_whoever_sees_no_cards_reads_the_way_out_in_a_text() -> None:
    found = laid("请确认\n周三", YES, hint=True)
    assert found.texts == (f"请确认\n周三\n\n{HINT}",)
    assert words_on(found.card) == ("请确认", ASK)
    assert laid("", YES, hint=True).texts == (HINT,)
    assert laid("题" * 200, YES, hint=True).texts == (f"{'题' * 200}\n\n{HINT}",)


def test_whoever_gets_no_card_is_told_no_way_out() -> None:
    assert HINT not in laid("请确认", YES, cards=False, hint=True).texts[0]
    assert HINT not in laid("选", *[YES] * 7, hint=True).texts[0]


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


TEXTS = st.text(st.sampled_from("好字。，？（）\n ab1😀"), max_size=900)
LABELS = st.text(st.sampled_from("确认修改ab1 "), min_size=1, max_size=14)


@given(TEXTS, TEXTS, st.lists(LABELS, max_size=9), st.booleans(), st.booleans())
def test_nothing_is_lost_and_wecom_takes_it(
    text: str, title: str, labels: list[str], cards: bool, hint: bool
) -> None:
    buttons = [Button(label, f"a.b:{place}") for place, label in enumerate(labels)]
    reply = Reply(text, tuple(buttons), title=title)
    found = lay_out(reply, cards=cards, limit=LIMIT, hint=hint)
    assert all(0 < byte_length(part) <= LIMIT for part in found.texts)
    shown = "".join(found.texts)
    if found.card is not None:
        card = {**found.card, "task_id": "c1"}
        check_card(card)
        assert overlong_words(card) == []
        assert [each["key"] for each in card["button_list"]] == [button.id for button in buttons]
        assert not hint or found.texts
        shown = shown or "".join(words_on(found.card))
    assert "".join(text.split()) in "".join(shown.split())
    assert bool(found.card) + bool(found.choices) == bool(buttons)
    assert (found.start is None) == (not needs_numbers(reply, cards=cards))
    for label in (button.label for button in found.choices):
        assert "".join(label.split()) in "".join(shown.split())

"""Tags in words."""

import pytest

from bot.domain.errors import NotAllowedError, StaleCardError, UserError
from storage.people import Role
from tests.handlers.people import Desk, hire, meet_customer


@pytest.fixture
def working(desk: Desk) -> Desk:
    """A rep with 李崇文 (KOL) and 李松龄, who has no tag."""
    meet_customer(desk.session, desk.person, "李崇文", post="科主任", tags=("KOL",))
    meet_customer(desk.session, desk.person, "李松龄", post="科主任")
    return desk


@pytest.mark.parametrize(
    "words", ["给李崇文加个标签 科研型", "李崇文加标签：科研型", "给李崇文打上标签「科研型」"]
)
def test_a_tag_is_added_after_confirmation(working: Desk, words: str) -> None:
    assert working.say(words).text == "给李崇文加上标签「科研型」吗？"
    assert working.say("李崇文的标签").text == "李崇文的标签：KOL。"
    working.say(words)
    assert working.press("确认").text == "加好了：李崇文的标签有KOL、科研型。"
    assert working.say("科研型").text.startswith("科研型：1 位")


def test_it_is_taken_off_again(working: Desk) -> None:
    working.say("给李崇文加个标签 科研型")
    working.say("好")
    assert working.say("撤销").text == "李崇文的标签：KOL。"


def test_two_that_fit_are_asked_about(working: Desk) -> None:
    working.say("给李主任加个标签 科研型")
    assert working.labels == ["李崇文 心内科", "李松龄 心内科"]
    assert working.press("李松龄").text == "给李松龄加上标签「科研型」吗？"


def test_a_card_left_behind_stores_nothing(working: Desk) -> None:
    button = working.say("给李崇文加个标签 科研型").buttons[0].id
    working.say("我的客户")
    with pytest.raises(StaleCardError):
        working.press_id(button)


@pytest.mark.parametrize("tag", ["处方大户", "收红包", "这个标签实在是长得一行都写不下"])
def test_what_must_not_be_on_file_is_refused(working: Desk, tag: str) -> None:
    with pytest.raises(UserError):
        working.say(f"给李崇文加个标签 {tag}")


def test_nobody_has_to_have_tags(working: Desk) -> None:
    assert working.say("李松龄有哪些标签").text.startswith("李松龄还没有标签。")


@pytest.mark.parametrize("role", [Role.MANAGER, Role.MEDICAL, Role.COMPLIANCE])
def test_others_are_told_who_adds_them(working: Desk, role: Role) -> None:
    other = Desk(working.session, hire(working.session, "other", role))
    with pytest.raises(NotAllowedError, match="由负责的代表来加"):
        other.say("给李崇文加个标签 科研型")

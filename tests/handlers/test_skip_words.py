"""「邱国栋不去了」 in words: until when a customer is not suggested."""

from datetime import date

import pytest

from bot.domain.errors import NotAllowedError, NotFoundError
from storage.people import Role
from tests.handlers.people import Desk, hire, meet_customer


@pytest.fixture
def working(desk: Desk) -> Desk:
    """A rep with two 李主任 and 邱国栋."""
    for name in ("李崇文", "李松龄"):
        meet_customer(desk.session, desk.person, name, post="科主任")
    meet_customer(desk.session, desk.person, "邱国栋")
    return desk


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("邱国栋不去了，他休假到12月5号", date(2026, 12, 6)),
        ("今天先不去邱国栋那边了，他出差，下周三回来", date(2026, 12, 2)),
        ("邱国栋这周先不去，在封闭培训", date(2026, 12, 2)),
    ],
)
def test_a_reason_in_the_same_breath(working: Desk, words: str, until: date) -> None:
    assert working.say(words).text.startswith("好，邱国栋")
    assert working.customer("邱国栋").skip_until == until


def test_a_name_alone_asks_for_the_reason(working: Desk) -> None:
    assert working.say("邱国栋不去了").text.startswith("邱国栋先不去，是因为？")
    assert "没什么" not in working.say("没什么原因").text
    assert working.customer("邱国栋").skip_until is not None
    assert working.say("撤销").text == "好，邱国栋照常推荐。"
    assert working.customer("邱国栋").skip_until is None


def test_nobody_named_offers_the_suggestions(working: Desk) -> None:
    assert working.say("不去").text == "哪位先不去？选一下，或者说名字。"
    assert sorted(working.labels) == ["李崇文", "李松龄", "邱国栋"]
    assert working.say("邱国栋").text.startswith("邱国栋先不去，是因为？")


def test_two_that_fit_are_asked_about(working: Desk) -> None:
    working.say("李主任不去了，他休假")
    assert working.labels == ["李崇文 心内科", "李松龄 心内科"]
    assert working.customer("李崇文").skip_until is None


def test_a_stranger_is_not_found(working: Desk) -> None:
    working.say("不去")
    with pytest.raises(NotFoundError, match="没有找到"):
        working.say("令狐远")


def test_another_promise_is_not_a_reason(working: Desk) -> None:
    working.say("邱国栋不去了")
    with pytest.raises(NotFoundError):
        working.say("李崇文的课题申请已经交了")
    assert working.customer("邱国栋").skip_until is None


@pytest.mark.parametrize("role", [Role.MANAGER, Role.MEDICAL, Role.COMPLIANCE])
def test_others_are_told_who_decides(working: Desk, role: Role) -> None:
    other = Desk(working.session, hire(working.session, "other", role))
    with pytest.raises(NotAllowedError, match="由负责的代表自己来定"):
        other.say("邱国栋不去了")

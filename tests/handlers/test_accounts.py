"""Chat accounts in the hands of an admin: who is bound, unbinding, what did not arrive."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.domain.errors import NotFoundError, StaleCardError
from storage.accounts import accounts_of, lose, who_is
from storage.audit import AuditEntry
from storage.deliveries import Delivery, DeliveryStatus
from storage.invites import create_invite, redeem_invite
from storage.people import Account, Person, Role
from tests.handlers.people import NOW, Desk, hire

BOUND_AT = datetime(2026, 11, 3, 2, tzinfo=UTC)


@pytest.fixture
def admin(session: Session) -> Desk:
    """An admin, on both databases."""
    return Desk(session, hire(session, "root", Role.ADMIN))


def bind(session: Session, person: Person, account: str = "501") -> None:
    session.add(
        Account(
            channel="telegram",
            account=account,
            chat=account,
            person_id=person.id or 0,
            bound_at=BOUND_AT,
        )
    )
    session.flush()


def queue(session: Session, person: Person, status: DeliveryStatus, **more: Any) -> Delivery:
    """A message to somebody."""
    number = len(session.exec(select(Delivery.id)).all())
    row = Delivery(
        key=f"test-{number}",
        person_id=person.id,
        channel="telegram",
        chat="501",
        body={},
        status=status,
        due_at=NOW,
        created_at=NOW,
        **more,
    )
    session.add(row)
    session.flush()
    return row


def test_nothing_happens_before_the_button(admin: Desk) -> None:
    zhou = hire(admin.session, "zhou")
    bind(admin.session, zhou)
    card = admin.say("解绑zhou")
    assert admin.labels == ["确认解绑", "不解绑"]
    assert "Telegram，11月3日（周二）绑定" in card.text
    assert accounts_of(admin.session, zhou.id or 0)


def test_the_unbound_are_strangers_and_the_trail_tells_who_did_it(admin: Desk) -> None:
    zhou = hire(admin.session, "zhou")
    bind(admin.session, zhou)
    bind(admin.session, zhou, "502")
    admin.say("/unbind zhou")
    assert "已解绑zhou" in admin.press("确认解绑").text
    assert who_is(admin.session, "telegram", "501") is None
    assert who_is(admin.session, "telegram", "502") is None
    (entry,) = admin.session.exec(select(AuditEntry)).all()
    assert (entry.action, entry.actor_id, entry.detail) == (
        "account.unbind",
        admin.person.id,
        {"accounts": 2},
    )


def test_what_waits_is_not_sent_to_an_account_that_was_taken_away(admin: Desk) -> None:
    zhou = hire(admin.session, "zhou")
    bind(admin.session, zhou)
    waits = queue(admin.session, zhou, DeliveryStatus.WAITING)
    done = queue(admin.session, zhou, DeliveryStatus.DELIVERED)
    admin.say("解绑zhou")
    assert "还没发出的 1 条不发了" in admin.press("确认解绑").text
    for row in (waits, done):
        admin.session.refresh(row)
    assert (waits.status, waits.problem) == (DeliveryStatus.FAILED, "no_account")
    assert done.status == DeliveryStatus.DELIVERED


def test_an_old_card_unbinds_nobody_twice(admin: Desk) -> None:
    zhou = hire(admin.session, "zhou")
    bind(admin.session, zhou)
    admin.say("解绑zhou")
    button = admin.last.buttons[0].id
    admin.press("确认解绑")
    with pytest.raises(StaleCardError, match="已经没有绑定"):
        admin.press_id(button)


def test_an_admin_hears_how_to_come_back_before_unbinding_themselves(admin: Desk) -> None:
    bind(admin.session, admin.person)
    assert "python -m bot invite root" in admin.say("解绑root").text


def test_somebody_who_left_can_be_unbound_but_not_invited(admin: Desk) -> None:
    zhou = hire(admin.session, "zhou")
    bind(admin.session, zhou)
    zhou.active = False
    assert "要解绑吗" in admin.say("解绑zhou").text
    with pytest.raises(NotFoundError, match="人员里没有「zhou」"):
        admin.say("邀请zhou")


@pytest.mark.parametrize("said", ["解绑小明", "请把小明的账号解绑", "取消小明的绑定", "解绑m2"])
def test_of_two_people_of_one_name_the_login_decides(said: str, admin: Desk) -> None:
    for login in ("m1", "m2"):
        person = hire(admin.session, login)
        person.name = "小明"
    if said.endswith("m2"):
        assert "小明（代表，m2）没有绑定" in admin.say(said).text
        return
    with pytest.raises(NotFoundError, match="有 2 位「小明」，请说账号：m1、m2"):
        admin.say(said)


def test_words_around_a_name_are_not_taken_out_of_it(admin: Desk) -> None:
    person = hire(admin.session, "ma")
    person.name = "马发新"
    assert "马发新（代表，ma）的邀请码" in admin.say("邀请马发新").text


def test_the_code_is_shown_and_not_kept(admin: Desk) -> None:
    zhou = hire(admin.session, "zhou")
    reply = admin.say("邀请zhou")
    assert redeem_invite(
        admin.session, reply.once, channel="telegram", account="501", now=NOW + timedelta(hours=1)
    )
    assert reply.once in reply.text
    assert reply.once not in str(reply.kept().dump())
    assert "只显示一次" in reply.kept().text
    assert zhou.id is not None


def test_the_screen_tells_whom_nothing_reaches_and_what_did_not_arrive(admin: Desk) -> None:
    zhou, shen = hire(admin.session, "zhou"), hire(admin.session, "shen")
    bind(admin.session, zhou)
    bind(admin.session, shen, "601")
    bind(admin.session, shen, "602")
    for account in ("501", "601"):
        lose(admin.session, "telegram", account, now=NOW - timedelta(days=2))
    failed = {"problem": "blocked", "done_at": NOW - timedelta(days=1)}
    queue(admin.session, zhou, DeliveryStatus.FAILED, **failed)
    queue(admin.session, zhou, DeliveryStatus.FAILED, **failed)
    old = {"problem": "refused", "done_at": NOW - timedelta(days=8)}
    queue(admin.session, zhou, DeliveryStatus.FAILED, **old)
    told = admin.say("谁联系不上").text
    assert "在用 3 人：2 人绑定了聊天账号，1 人还没有。" in told
    assert "还没绑定：root（管理员）" in told
    assert "联系不上：zhou（Telegram，11月23日（周一）起）\n" in told
    assert "7 天内没送到 2 条：zhou 2 条（停用了机器人）" in told


def test_many_people_fit_on_one_screen(admin: Desk) -> None:
    for number in range(40):
        person = hire(admin.session, f"p{number:02}")
        if number >= 20:
            bind(admin.session, person, str(number))
            lose(admin.session, "telegram", str(number), now=NOW)
    told = admin.say("/accounts").text
    assert "21 人还没有" in told
    assert "等 20 人" in told
    assert len(told) < 900


def test_a_code_that_was_not_used_still_works_after_unbinding(admin: Desk) -> None:
    zhou = hire(admin.session, "zhou")
    bind(admin.session, zhou)
    code = create_invite(admin.session, zhou, now=NOW)
    admin.say("解绑zhou")
    admin.press("确认解绑")
    assert redeem_invite(admin.session, code, channel="telegram", account="777", now=NOW)

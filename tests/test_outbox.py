"""What is said is queued with what it tells about, for whoever it is for, wherever they are."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from bot.messages import Incoming, Reply
from bot.outbox import LATE, LOST, post
from storage.accounts import unbind
from storage.deliveries import Delivery, DeliveryStatus, failed_since
from storage.flags import ComplianceFlag
from storage.notes import NoteStatus, VisitNote
from storage.people import Account, Person
from tests.office import RASH, VISIT, Office, bind, opened
from tests.serving.outages import NOW, away


@pytest.fixture
def office(database: Engine, tmp_path: Path) -> Office:
    return opened(database, tmp_path)


def send_all(office: Office) -> None:
    """The courier has been: everything arrived, each message under a number of its own."""
    with Session(office.database) as session:
        waiting = Delivery.status == DeliveryStatus.WAITING
        for row in session.exec(select(Delivery).where(waiting)).all():
            row.status, row.done_at = DeliveryStatus.DELIVERED, office.clock.now
            row.sent_id = row.over or str(1000 + (row.id or 0))
        session.commit()


def fail(office: Office, chat: str, problem: str = "blocked") -> None:
    """Nothing that waited for a chat arrived."""
    with Session(office.database) as session:
        for row in session.exec(select(Delivery).where(Delivery.chat == chat)).all():
            row.status, row.problem = DeliveryStatus.FAILED, problem
            row.done_at = office.clock.now
        session.commit()


def press(office: Office, label: str, account: str = "501") -> Incoming:
    """The newest button of that label is pressed."""
    for row in reversed(office.queued(account)):
        for found, button in row.body["buttons"]:
            if found == label:
                return office.from_(account, press=button, pressed_on=row.sent_id)
    raise AssertionError(f"no button {label}")


def test_answers_wait_in_the_order_in_which_they_are_said(office: Office) -> None:
    said = office.handle(office.from_("501", VISIT))
    rows = office.queued("501")
    assert [row.body["text"] for row in rows] == [reply.text for reply in said]
    (message,) = office.messages()
    assert [row.key for row in rows] == [f"m{message.id}-{n}" for n in range(len(said))]
    assert {row.message_id for row in rows} == {message.id}
    assert {(row.channel, row.status, row.due_at) for row in rows} == {
        ("telegram", DeliveryStatus.WAITING, NOW)
    }
    assert rows[-1].card == said[-1].card


def test_what_could_not_be_stored_is_not_said(office: Office) -> None:
    incoming = office.from_("501", VISIT)
    received = office.kept(incoming)
    meant = office.dispatcher.understand(incoming, received)
    unreachable = away(office.database, times=3, where="INSERT INTO delivery")
    with unreachable, pytest.raises(OperationalError):
        office.dispatcher.apply(incoming, received, meant, now=NOW)
    assert office.queued("501") == []
    with Session(office.database) as session:
        assert session.exec(select(VisitNote)).all() == []
    office.dispatcher.apply(incoming, received, meant, now=NOW)
    assert len(office.queued("501")) == 2


def test_what_others_must_know_waits_for_them(office: Office) -> None:
    office.handle(office.from_("501", RASH))
    (alert,) = office.queued("502")
    assert alert.body["text"].startswith("【疑似不良事件】")
    assert alert.person_id == office.id_of("kangjie")
    with Session(office.database) as session:
        assert len(session.exec(select(ComplianceFlag)).all()) == 1


def test_the_alert_is_said_before_the_rest_is_understood(office: Office) -> None:
    incoming = office.from_("501", RASH)
    received = office.kept(incoming)
    office.dispatcher.alarm(incoming, received, now=NOW)
    office.dispatcher.alarm(incoming, received, now=NOW)
    assert len(office.queued("502")) == 1
    before = office.texts("501")
    meant = office.dispatcher.understand(incoming, received)
    office.dispatcher.apply(incoming, received, meant, now=NOW)
    assert len(office.queued("502")) == 1
    assert office.texts("501")[: len(before)] == before
    assert len({row.key for row in office.queued("501")}) == len(office.queued("501"))


def kept_for(office: Office, login: str) -> list[Delivery]:
    """What could not be sent to somebody."""
    owner, failed = office.id_of(login), DeliveryStatus.FAILED
    with Session(office.database) as session:
        theirs = select(Delivery).where(Delivery.person_id == owner, Delivery.status == failed)
        return list(session.exec(theirs).all())


def leave(office: Office, account: str) -> None:
    with Session(office.database) as session:
        found = session.exec(select(Account).where(Account.account == account)).one()
        session.delete(found)
        session.commit()


def test_a_push_to_somebody_without_an_account_is_kept_for_them(office: Office) -> None:
    leave(office, "502")
    office.handle(office.from_("501", RASH))
    (row,) = kept_for(office, "kangjie")
    assert (row.status, row.problem, row.done_at) == (DeliveryStatus.FAILED, "no_account", NOW)
    (told,) = office.texts("900")
    assert told.startswith("消息没送到：康洁 的聊天账号还没有绑定")


def test_the_admin_hears_of_it_once_a_day(office: Office) -> None:
    leave(office, "502")
    office.handle(office.from_("501", RASH))
    office.handle(office.from_("503", RASH))
    assert len(office.texts("900")) == 1
    assert len(kept_for(office, "kangjie")) == 2
    office.clock.passes(days=1)
    office.handle(office.from_("503", "田牧野说又有个病人吃了舒络宁头晕得厉害"))
    assert len(office.texts("900")) == 2


def test_what_never_arrived_is_shown_on_the_next_contact_once(office: Office) -> None:
    office.handle(office.from_("501", RASH))
    fail(office, "502")
    said = office.handle(office.from_("502", "帮助"))
    assert said[0].text == LATE.format(count=1)
    assert said[1].text.startswith("【疑似不良事件】唐宁")
    assert said[1].to is None
    assert [reply.text for reply in said[2:]] != []
    assert office.texts("502")[1:] == [reply.text for reply in said]
    again = office.handle(office.from_("502", "帮助"))
    assert [reply.text for reply in again] == [reply.text for reply in said[2:]]


@pytest.mark.parametrize("problem", ["blocked", "refused"])
def test_that_something_was_late_is_nothing_to_be_late(office: Office, problem: str) -> None:
    office.handle(office.from_("501", RASH))
    fail(office, "502")
    late = office.handle(office.from_("502", "帮助"))
    assert late[0].text == LATE.format(count=1)
    fail(office, "502", problem)
    failed = len(late) - 1
    (told, *again) = office.handle(office.from_("502", "帮助"))
    assert told.text == (LATE if problem == "blocked" else LOST).format(count=failed)
    assert not any(reply.text == late[0].text for reply in again)
    with Session(office.database) as session:
        assert failed_since(session, NOW) == [("康洁", problem, len(late))]


def test_at_the_terminal_it_is_shown_too(office: Office) -> None:
    office.handle(office.from_("501", RASH))
    fail(office, "502")
    said = office.handle(office.from_("kangjie", "帮助", channel="terminal"))
    assert said[0].text == LATE.format(count=1)


def test_what_the_platform_refused_is_only_counted(office: Office) -> None:
    office.handle(office.from_("501", RASH))
    fail(office, "502", "refused")
    said = office.handle(office.from_("502", "帮助"))
    assert said[0].text == LOST.format(count=1)
    assert "不良事件" not in said[1].text


def test_who_joins_hears_what_was_kept(office: Office) -> None:
    leave(office, "502")
    office.handle(office.from_("501", RASH))
    with Session(office.database) as session:
        bind(session, "kangjie", "888", office.clock.now)
        session.commit()
    assert office.handle(office.from_("888", "帮助"))[0].text == LATE.format(count=1)


def test_a_pressed_card_is_changed_where_it_stands(office: Office) -> None:
    office.handle(office.from_("501", VISIT))
    send_all(office)
    card = office.queued("501")[-1]
    office.handle(press(office, "确认"))
    done = office.queued("501")[-1]
    assert done.body["text"].startswith("已存")
    assert (done.over, done.card) == (card.sent_id, None)


def test_only_the_pressed_card_is_changed(office: Office) -> None:
    office.handle(office.from_("501", VISIT))
    send_all(office)
    typed = office.handle(office.from_("501", "确认"))
    assert typed[0].text.startswith("已存")
    assert office.queued("501")[-1].over is None


def test_a_card_that_is_over_loses_its_buttons(office: Office) -> None:
    office.handle(office.from_("501", VISIT))
    send_all(office)
    confirm = press(office, "确认")
    office.handle(confirm)
    send_all(office)
    late = replace(confirm, id="501:99")
    office.handle(late)
    (row,) = [row for row in office.queued("501") if row.retires]
    assert "已经确认过" in row.body["text"]
    assert (row.retires, row.over) == (late.pressed_on, None)
    with Session(office.database) as session:
        assert session.exec(select(VisitNote.status)).all() == [NoteStatus.CONFIRMED]


def test_a_card_in_another_chat_is_left_alone(office: Office) -> None:
    office.handle(office.from_("501", VISIT))
    send_all(office)
    elsewhere = replace(press(office, "确认"), chat="501-b")
    office.handle(elsewhere)
    (done,) = office.queued("501-b")
    assert done.over is None


def test_the_terminal_shows_its_answers_itself(office: Office) -> None:
    office.handle(office.from_("tangning", VISIT, channel="terminal"))
    with Session(office.database) as session:
        assert session.exec(select(Delivery)).all() == []


def test_what_is_told_at_the_terminal_reaches_those_with_accounts(office: Office) -> None:
    leave(office, "900")
    office.handle(office.from_("tangning", RASH, channel="terminal"))
    assert len(office.queued("502")) == 1
    leave(office, "502")
    office.handle(office.from_("luowei", RASH, channel="terminal"))
    with Session(office.database) as session:
        assert len(session.exec(select(Delivery)).all()) == 1


def test_the_account_that_wrote_last_gets_what_others_tell(office: Office) -> None:
    with Session(office.database) as session:
        bind(session, "kangjie", "888", NOW)
        session.commit()
    office.clock.passes(hours=1)
    office.handle(office.from_("502", "帮助"))
    office.handle(office.from_("501", RASH))
    assert office.queued("888") == []
    assert office.texts("502")[-1].startswith("【疑似不良事件】")


def test_a_reply_for_nobody_we_know_goes_nowhere(office: Office) -> None:
    incoming = office.from_("501", "转告")
    with Session(office.database) as session:
        person = session.exec(select(Person).where(Person.login == "tangning")).one()
        replies = [Reply("你好", to="nobody"), Reply("说了")]
        post(session, incoming, replies, now=NOW, person=person)
        session.commit()
    assert office.texts("501") == ["说了"]


def test_a_message_that_was_answered_is_not_answered_again(office: Office) -> None:
    incoming = office.from_("501", VISIT)
    said = office.handle(incoming)
    office.clock.passes(minutes=5)
    assert office.handle(incoming) == said
    assert len(office.queued("501")) == len(said)


def test_what_is_late_is_due_when_it_is_answered(office: Office) -> None:
    incoming = office.from_("501", "帮助")
    received = office.kept(incoming)
    later = NOW + timedelta(hours=2)
    meant = office.dispatcher.understand(incoming, received)
    office.dispatcher.apply(incoming, received, meant, now=later)
    rows = office.queued("501")
    assert {(row.due_at, row.created_at) for row in rows} == {(later, later)}


def test_nothing_goes_to_an_account_that_was_taken_away_meanwhile(office: Office) -> None:
    incoming = office.from_("501", VISIT)
    received = office.kept(incoming)
    meant = office.dispatcher.understand(incoming, received)
    with Session(office.database) as session:
        unbind(session, received.person.id or 0, now=NOW, actor_id=None)
        bind(session, "tangning", "601", NOW)
        session.commit()
    office.dispatcher.apply(incoming, received, meant, now=NOW)
    assert office.queued("501") == []
    assert any("沈怀安" in text for text in office.texts("601"))


def test_who_has_no_account_any_more_is_told_when_they_have_one(office: Office) -> None:
    incoming = office.from_("501", VISIT)
    received = office.kept(incoming)
    meant = office.dispatcher.understand(incoming, received)
    with Session(office.database) as session:
        unbind(session, received.person.id or 0, now=NOW, actor_id=None)
        session.commit()
    office.dispatcher.apply(incoming, received, meant, now=NOW)
    with Session(office.database) as session:
        bind(session, "tangning", "601", NOW)
        session.commit()
    office.handle(office.from_("601", "你好"))
    assert any("沈怀安" in text for text in office.texts("601"))

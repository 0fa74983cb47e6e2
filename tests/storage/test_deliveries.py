"""What waits to be sent: in order for each chat, by one sender at a time, remembered when done."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from storage.database import open_session
from storage.deliveries import (
    CLAIM_LASTS,
    Delivery,
    DeliveryStatus,
    card_at,
    claim_next,
    count_open,
    due_chats,
    failed_since,
    failed_untold,
    forget_deliveries,
    is_queued,
    release_claims,
    take_older_cards,
    waiting_chats,
)
from storage.messages import Message
from storage.people import Person, Role

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)
STALE = NOW + CLAIM_LASTS + timedelta(seconds=1)

Put = Callable[..., Delivery]
_keys = itertools.count()


@pytest.fixture
def put(session: Session) -> Put:
    """Puts a row at the end of a chat."""

    def put(text: str = "您好", **values: Any) -> Delivery:
        row = Delivery(
            **{
                "key": f"k{next(_keys)}",
                "channel": "telegram",
                "chat": "501",
                "body": {"text": text},
                "due_at": NOW,
                "created_at": NOW,
                **values,
            }
        )
        session.add(row)
        session.flush()
        return row

    return put


def claimed(session: Session, *, by: str = "a", now: datetime = NOW, chat: str = "501") -> str:
    """The text that may be sent now, or nothing."""
    row = claim_next(session, "telegram", chat, by=by, now=now)
    return str(row.body["text"]) if row else ""


def finish(row: Delivery, status: DeliveryStatus = DeliveryStatus.DELIVERED) -> None:
    row.status, row.done_at = status, NOW


def put_off(session: Session, row: Delivery, until: datetime) -> None:
    row.status, row.due_at = DeliveryStatus.WAITING, until
    session.flush()


def test_a_chat_is_sent_in_order(session: Session, put: Put) -> None:
    first, second = put("一"), put("二")
    put("别人的", chat="502")
    assert claimed(session) == "一"
    finish(first)
    assert claimed(session) == "二"
    finish(second, DeliveryStatus.FAILED)
    assert claimed(session) == ""
    assert claimed(session, chat="502") == "别人的"


def test_nobody_else_sends_while_one_does(session: Session, put: Put) -> None:
    put("一")
    put("二")
    assert claimed(session, by="a") == "一"
    assert claimed(session, by="b", now=LATER) == ""


def test_who_comes_back_after_a_crash_goes_on(session: Session, put: Put) -> None:
    row = put("一")
    claimed(session, by="a")
    assert claimed(session, by="a", now=LATER) == "一"
    assert row.tries == 2


def test_what_a_crash_left_behind_is_taken_over_after_two_minutes(
    session: Session, put: Put
) -> None:
    row = put("一")
    claimed(session, by="a")
    assert claimed(session, by="b", now=NOW + CLAIM_LASTS) == ""
    assert claimed(session, by="b", now=STALE) == "一"
    assert (row.claimed_by, row.tries) == ("b", 2)


def test_nothing_overtakes_a_message_that_waits_for_its_next_try(
    session: Session, put: Put
) -> None:
    first = put("一")
    put("二")
    claimed(session)
    put_off(session, first, LATER)
    assert claimed(session) == ""
    assert due_chats(session, now=NOW) == []
    assert claimed(session, now=LATER) == "一"


def test_each_try_of_a_chat_has_a_name_of_its_own(session: Session, put: Put) -> None:
    first = put("一")
    put("二")
    names = [due_chats(session, now=NOW)]
    for minute in range(1, 3):
        moment = NOW + timedelta(minutes=minute)
        claimed(session, now=moment)
        put_off(session, first, moment)
        names.append(due_chats(session, now=moment))
    (_, _, once), (_, _, twice), (_, _, thrice) = [name for (name,) in names]
    assert len({once, twice, thrice}) == 3


def test_a_chat_is_due_when_nobody_sends_to_it(session: Session, put: Put) -> None:
    put("一")
    put("还早", chat="502", due_at=LATER)
    put("到了", chat="503", status=DeliveryStatus.DELIVERED)
    assert [chat for _, chat, _ in due_chats(session, now=NOW)] == ["501"]
    claimed(session)
    assert due_chats(session, now=NOW) == []
    assert [chat for _, chat, _ in due_chats(session, now=LATER)] == ["502"]
    assert [chat for _, chat, _ in due_chats(session, now=STALE)] == ["501", "502"]


def test_of_two_at_once_one_sends(database: Engine, put: Put, session: Session) -> None:
    put("一")
    session.commit()

    def claim(by: str) -> str:
        with open_session(database) as own:
            text = claimed(own, by=by)
            own.commit()
            return text

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(claim, "abcdefgh"))
    assert sorted(got) == [""] * 7 + ["一"]


def test_who_is_to_be_told_about_a_message(session: Session, put: Put) -> None:
    message = Message(channel="telegram", platform_id="1", body="", sent_at=NOW)
    session.add(message)
    session.flush()
    about = {"message_id": message.id}
    first = put("警报", chat="502", **about)
    finish(put("到了", **about))
    own = put("卡片", **about)
    put("别的", chat="503")
    found = waiting_chats(session, message.id or 0)
    assert found == [("telegram", "502", first.id), ("telegram", "501", own.id)]


def test_older_cards_of_the_same_name_are_found(session: Session, put: Put) -> None:
    def card(sent_id: str, **values: Any) -> Delivery:
        return put(card="note:1", status=DeliveryStatus.DELIVERED, sent_id=sent_id, **values)

    card("10")
    card("11", chat="502")
    put(card="note:2", status=DeliveryStatus.DELIVERED, sent_id="12")
    put(card="note:1", status=DeliveryStatus.FAILED, sent_id="13")
    newest = card("14")
    card("15")
    assert card_at(session, "telegram", "501", "10") == "note:1"
    assert card_at(session, "telegram", "502", "10") is None
    assert take_older_cards(session, newest, newest.card) == ["10"]
    assert take_older_cards(session, newest, newest.card) == [], "they lost their buttons"


def test_a_card_that_was_changed_in_place_is_not_its_own_older_one(
    session: Session, put: Put
) -> None:
    put(card="note:1", status=DeliveryStatus.DELIVERED, sent_id="10")
    changed = put(card="note:1", status=DeliveryStatus.DELIVERED, sent_id="10")
    assert take_older_cards(session, changed, changed.card) == []


@pytest.fixture
def rep(session: Session) -> Person:
    rep = Person(login="qiaoan", name="乔安", role=Role.REP)
    session.add(rep)
    session.flush()
    return rep


def test_what_never_arrived_is_kept_for_its_owner(session: Session, put: Put, rep: Person) -> None:
    missed = {"person_id": rep.id, "status": DeliveryStatus.FAILED, "done_at": NOW}
    first, told = put("一", **missed), put("说过", **missed, told_at=NOW)
    put("到了", person_id=rep.id, status=DeliveryStatus.DELIVERED)
    put("路人的", status=DeliveryStatus.FAILED)
    assert failed_untold(session, rep.id or 0) == [first]
    first.problem, told.problem = "blocked", "gone"
    assert failed_since(session, NOW) == [("乔安", "blocked", 1), ("乔安", "gone", 1)]
    assert failed_since(session, LATER) == []


def test_what_was_finished_long_ago_is_forgotten(session: Session, put: Put) -> None:
    old = NOW - timedelta(days=31)
    put("旧", status=DeliveryStatus.DELIVERED, done_at=old)
    put("没到", status=DeliveryStatus.FAILED, done_at=old)
    put("新", status=DeliveryStatus.DELIVERED, done_at=NOW)
    put("还没发", created_at=old)
    assert forget_deliveries(session, NOW - timedelta(days=30)) == 2
    left = session.exec(select(Delivery.body).order_by(col(Delivery.id))).all()
    assert [body["text"] for body in left] == ["新", "还没发"]


def test_what_is_being_sent_still_waits(session: Session, put: Put) -> None:
    for status in DeliveryStatus:
        put(status=status)
    put()
    assert count_open(session) == 3


def test_a_key_is_known_from_the_first_row_on(session: Session, put: Put) -> None:
    put(key="m1-0")
    assert is_queued(session, "m1-0")
    assert not is_queued(session, "m1-1")


def test_what_a_dead_process_was_sending_is_free_and_only_that(session: Session, put: Put) -> None:
    put("一")
    put("二", chat="502")
    put("三", chat="503")
    assert claimed(session, by="seat-1/message-7") == "一"
    assert claimed(session, by="seat-11/message-8", chat="502") == "二"
    assert claimed(session, by="seat-1_/message-9", chat="503") == "三"
    assert release_claims(session, "seat-1") == 1
    session.expire_all()
    assert claimed(session, by="seat-2/message-7") == "一"
    assert claimed(session, by="seat-2/message-8", chat="502") == ""

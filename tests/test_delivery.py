"""The courier: in order, at the platform's pace, through its outages, and nothing twice."""

import asyncio
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Timer
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from bot.bridge import Bridge
from bot.channel import (
    ChannelDownError,
    MovedError,
    RefusedError,
    SlowDownError,
    UnreachableError,
)
from bot.delivery import Courier
from bot.messages import Button, Reply
from bot.metrics import Metrics
from storage.accounts import find_account
from storage.database import open_session
from storage.deliveries import STALE, Delivery, DeliveryStatus, claim_next, due_chats, failed_untold
from storage.messages import Message
from storage.people import Account, Person, Role
from tests.channels.played import PlayedChannel, Shown, in_worker
from tests.serving.outages import NOW, StillClock, away

DELIVERED, WAITING, FAILED = (
    DeliveryStatus.DELIVERED,
    DeliveryStatus.WAITING,
    DeliveryStatus.FAILED,
)
OK = (Button("确认", "note.ok:1:1"),)
_numbers = itertools.count()


@dataclass
class Post:
    """A courier with one platform, and the rows that wait for it."""

    database: Engine
    channel: PlayedChannel = field(default_factory=PlayedChannel)
    clock: StillClock = field(default_factory=StillClock)
    metrics: Metrics = field(default_factory=Metrics)

    def put(self, *replies: Reply | str, chat: str = "501", **values: Any) -> None:
        """Queue messages."""
        with Session(self.database) as session:
            session.add_all([self.row(reply, chat, **values) for reply in replies])
            session.commit()

    def row(self, said: Reply | str, chat: str, **values: Any) -> Delivery:
        """A message that waits."""
        reply = Reply(said) if isinstance(said, str) else said
        usual: dict[str, Any] = {
            "key": f"k{next(_numbers)}",
            "channel": "telegram",
            "body": reply.dump(),
            "card": reply.card if reply.buttons else None,
            "due_at": self.clock.now,
            "created_at": self.clock.now,
        }
        return Delivery(chat=chat, **{**usual, **values})

    def deliver(self, chat: str = "501", *, by: str = "a", channel: str = "telegram") -> None:
        """One errand to a chat, by a process that has just started."""

        def errand(bridge: Bridge) -> None:
            self.courier(bridge).deliver(channel, chat, by=by)

        in_worker(errand)

    def courier(self, bridge: Bridge) -> Courier:
        channels = {"telegram": self.channel}
        return Courier(self.database, channels, bridge, self.clock, self.metrics)

    def rows(self, chat: str = "501") -> list[Delivery]:
        with Session(self.database) as session:
            wanted = select(Delivery).where(Delivery.chat == chat).order_by(col(Delivery.id))
            return list(session.exec(wanted).all())

    def states(self, chat: str = "501") -> list[DeliveryStatus]:
        return [row.status for row in self.rows(chat)]

    def due(self) -> list[str]:
        with Session(self.database) as session:
            return [chat for _, chat, _ in due_chats(session, now=self.clock.now)]


@pytest.fixture
def post(database: Engine) -> Post:
    return Post(database)


def test_a_chat_gets_its_messages_in_order_and_each_is_recorded(post: Post) -> None:
    post.put("一", "二", "三")
    post.put("别人的", chat="502")
    post.deliver()
    assert post.channel.texts() == ["一", "二", "三"]
    assert post.channel.texts("502") == []
    assert post.states() == [DELIVERED] * 3
    assert [row.sent_id for row in post.rows()] == [s.id for s in post.channel.chats["501"]]
    assert [row.done_at for row in post.rows()] == [NOW] * 3


def test_what_was_sent_is_not_sent_again(post: Post) -> None:
    post.put("一")
    post.deliver()
    post.deliver(by="b")
    assert post.channel.texts() == ["一"]


def test_a_platform_in_an_outage_is_left_alone_longer_and_longer(post: Post) -> None:
    post.put("一", "二")
    pauses = []
    for _ in range(9):
        post.channel.fails("send", ChannelDownError("network"))
        post.deliver()
        (first, second) = post.rows()
        assert (first.status, first.problem, second.tries) == (WAITING, "network", 0)
        pauses.append((first.due_at - post.clock.now).total_seconds())
        post.deliver()
        post.clock.now = first.due_at
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    post.deliver()
    assert post.channel.texts() == ["一", "二"]


def test_a_short_wait_that_the_platform_asks_for_is_waited_out(post: Post) -> None:
    post.put("一", "二")
    post.channel.fails("send", SlowDownError(0.01), SlowDownError(0.01))
    post.deliver()
    assert post.channel.texts() == ["一", "二"]
    assert post.rows()[0].tries == 3


def test_a_long_wait_that_the_platform_asks_for_is_kept(post: Post) -> None:
    post.put("一", "二")
    post.channel.fails("send", SlowDownError(40))
    post.deliver()
    assert post.channel.texts() == []
    post.clock.passes(seconds=39)
    post.deliver()
    assert post.channel.texts() == []
    post.clock.passes(seconds=1)
    assert post.due() == ["501"]
    post.deliver()
    assert post.channel.texts() == ["一", "二"]


def test_what_the_platform_never_takes_fails_and_the_next_one_follows(post: Post) -> None:
    post.put("坏的", "好的")
    post.channel.fails("send", RefusedError("too_large"))
    post.deliver()
    assert post.channel.texts() == ["好的"]
    assert post.states() == [FAILED, DELIVERED]
    assert post.rows()[0].problem == "refused"


def test_a_bug_in_a_channel_costs_one_message(post: Post) -> None:
    post.put("坏的", "好的")
    post.channel.fails("send", ZeroDivisionError())
    post.deliver()
    assert post.states() == [FAILED, DELIVERED]


def test_a_chat_that_moved_goes_on_there(post: Post) -> None:
    post.put("一", "二")
    post.channel.fails("send", MovedError("-100501"))
    post.deliver()
    assert post.due() == ["-100501"]
    post.deliver("-100501", by="b")
    assert post.channel.texts("-100501") == ["一", "二"]
    assert post.rows() == []


def test_after_a_day_a_message_is_given_up(post: Post) -> None:
    post.put("一")
    post.clock.passes(days=1, seconds=1)
    post.channel.fails("send", ChannelDownError("network"))
    post.deliver()
    (row,) = post.rows()
    assert (row.status, row.problem, row.done_at) == (FAILED, "expired", post.clock.now)


def test_what_is_of_no_use_any_more_is_not_sent_and_alarms_nobody(post: Post) -> None:
    post.put("提醒", until=NOW + timedelta(hours=1))
    post.put("二")
    post.channel.fails("send", ChannelDownError("network"))
    post.deliver()
    post.clock.passes(hours=1)
    post.deliver()
    assert post.channel.texts() == ["二"]
    assert [(row.status, row.problem) for row in post.rows()] == [
        (FAILED, STALE),
        (DELIVERED, None),
    ]
    with Session(post.database) as session:
        assert failed_untold(session, 1) == []


def test_a_platform_that_is_not_served_here_is_asked_for_again_later(post: Post) -> None:
    post.put("一", channel="wecom")
    post.deliver(channel="wecom")
    (row,) = post.rows()
    assert (row.status, row.problem) == (WAITING, "no_channel")
    assert row.due_at == NOW + timedelta(minutes=10)


def _hire(session: Session, login: str, role: Role, account: str) -> int:
    person = Person(login=login, name=login, role=role)
    session.add(person)
    session.flush()
    session.add(
        Account(
            channel="telegram",
            account=account,
            chat=account,
            person_id=person.id or 0,
            bound_at=NOW,
        )
    )
    session.flush()
    return person.id or 0


@dataclass
class Staff:
    """Who is told what, and the rep's message."""

    rep: int
    colleague: int
    admin: int
    message: int


def hired(database: Engine) -> Staff:
    with Session(database) as session:
        rep = _hire(session, "tangning", Role.REP, "501")
        colleague = _hire(session, "kangjie", Role.COMPLIANCE, "502")
        admin = _hire(session, "admin", Role.ADMIN, "900")
        message = Message(
            channel="telegram", platform_id="1", person_id=rep, body="起了皮疹", sent_at=NOW
        )
        session.add(message)
        session.commit()
        return Staff(rep, colleague, admin, message.id or 0)


@pytest.fixture
def staff(database: Engine) -> Staff:
    return hired(database)


def _lost_since(post: Post, account: str) -> object:
    with Session(post.database) as session:
        found = find_account(session, "telegram", account)
        return found.lost_at if found else None


def test_the_admin_hears_once_a_day_whom_nothing_reaches(post: Post, staff: Staff) -> None:
    about = {"person_id": staff.colleague, "message_id": staff.message}
    post.put("警报一", "警报二", chat="502", **about)
    post.channel.fails("send", UnreachableError("blocked"), UnreachableError("blocked"))
    post.deliver("502")
    assert [(row.status, row.problem) for row in post.rows("502")] == [(FAILED, "blocked")] * 2
    assert _lost_since(post, "502") == NOW
    post.deliver("900")
    (told,) = post.channel.texts("900")
    assert "kangjie 的聊天账号停用了机器人" in told
    post.clock.passes(days=1)
    post.put("警报三", chat="502", **about)
    post.channel.fails("send", UnreachableError("blocked"))
    post.deliver("502")
    post.deliver("900")
    assert len(post.channel.texts("900")) == 2


def test_nobody_else_is_told_that_an_own_answer_did_not_arrive(post: Post, staff: Staff) -> None:
    post.put("已存", person_id=staff.rep, message_id=staff.message)
    post.channel.fails("send", UnreachableError("blocked"))
    post.deliver()
    assert _lost_since(post, "501") == NOW
    assert post.rows("900") == []


def test_two_that_fail_at_the_same_moment_tell_the_admin_once(postgres: Engine) -> None:
    """Both see that the admin was not told yet; the later one finds it out when it commits."""
    post, staff = Post(postgres), hired(postgres)
    post.put("警报", chat="502", person_id=staff.colleague, message_id=staff.message)
    post.channel.fails("send", UnreachableError("blocked"))
    key = f"lost-{staff.colleague}-{staff.admin}-20261103"
    with Session(postgres) as other:
        other.add(post.row("同时说的", "900", key=key))
        other.flush()
        soon = Timer(0.2, other.commit)
        soon.start()
        post.deliver("502")
        soon.join()
    assert [row.key for row in post.rows("900")] == [key]
    assert post.states("502") == [FAILED]
    assert _lost_since(post, "502") == NOW


def _card(text: str) -> Reply:
    return Reply(text, OK, card="note:1")


def test_an_older_card_loses_its_buttons(post: Post) -> None:
    post.put(_card("卡片"), Reply("别的卡", OK, card="note:2"), _card("改过的卡片"))
    post.deliver()
    shown = [(s.text, s.buttons) for s in post.channel.chats["501"]]
    assert shown == [("卡片", ()), ("别的卡", ("确认",)), ("改过的卡片", ("确认",))]


def test_a_pressed_card_is_changed_where_it_stands(post: Post) -> None:
    post.put(_card("卡片"), "中间的话")
    post.deliver()
    (card, _) = post.channel.chats["501"]
    post.put(Reply("已存", card="note:1"), over=card.id)
    post.deliver()
    assert post.channel.chats["501"][0] == Shown(card.id, "已存", ())
    assert post.channel.texts() == ["已存", "中间的话"]


def test_a_card_that_is_over_loses_its_buttons(post: Post) -> None:
    post.put(_card("卡片"))
    post.deliver()
    (card,) = post.channel.chats["501"]
    post.put("这张卡片刚刚处理过了。", retires=card.id)
    post.deliver()
    assert post.channel.chats["501"][0].buttons == ()


def test_buttons_that_cannot_be_taken_off_hold_nothing_up(post: Post) -> None:
    post.put(_card("卡片"), _card("改过的卡片"), "然后")
    post.channel.fails("retire", RefusedError("refused"))
    post.deliver()
    assert post.channel.texts() == ["卡片", "改过的卡片", "然后"]
    assert post.states() == [DELIVERED] * 3


class KilledError(BaseException):
    """The process dies here."""


def _die() -> None:
    raise KilledError


@pytest.mark.parametrize(("moment", "times"), [("before", 1), ("then", 2)])
def test_a_crash_while_sending_repeats_once_at_most(post: Post, moment: str, times: int) -> None:
    post.put("一", "二")
    setattr(post.channel, moment, _die)
    with pytest.raises(KilledError):
        post.deliver(by="message-1")
    setattr(post.channel, moment, lambda: None)
    assert post.due() == []
    post.deliver(by="other")
    assert post.channel.texts().count("二") == 0
    post.deliver(by="message-1")
    assert post.channel.texts() == ["一"] * times + ["二"]
    post.deliver(by="message-1")
    assert post.states() == [DELIVERED] * 2


def test_what_a_dead_process_was_sending_is_sent_by_another_after_two_minutes(post: Post) -> None:
    post.put("一")
    post.channel.before = _die
    with pytest.raises(KilledError):
        post.deliver(by="message-1")
    post.channel.before = lambda: None
    post.clock.passes(minutes=2, seconds=1)
    assert post.due() == ["501"]
    post.deliver(by="deliver-1-1")
    assert post.channel.texts() == ["一"]


def test_nothing_is_said_twice_because_the_database_was_away(post: Post) -> None:
    post.put("一", "二")

    def errand(bridge: Bridge) -> None:
        courier = post.courier(bridge)
        with away(post.database, times=1, where="UPDATE delivery", after=1) as met:
            with pytest.raises(OperationalError):
                courier.deliver("telegram", "501", by="a")
            assert met
        courier.deliver("telegram", "501", by="a")

    in_worker(errand)
    assert post.channel.texts() == ["一", "二"]
    assert post.states() == [DELIVERED] * 2


class HangingChannel(PlayedChannel):
    """Does not answer."""

    async def send(
        self,
        chat: str,
        reply: Reply,
        *,
        over: str | None = None,
        answers: str | None = None,
        key: str = "",
    ) -> str | None:
        self.before()
        await asyncio.sleep(60)
        return None


def test_what_was_cut_off_when_the_program_stopped_is_sent_at_the_next_start(post: Post) -> None:
    post.put("一")
    sending = threading.Event()

    async def stopped() -> threading.Thread:
        hanging = replace(post, channel=HangingChannel(before=sending.set))
        courier = hanging.courier(Bridge(asyncio.get_running_loop()))
        work = threading.Thread(target=lambda: courier.deliver("telegram", "501", by="a"))
        work.start()
        await asyncio.to_thread(sending.wait)
        return work

    asyncio.run(stopped()).join()
    assert post.states() == [WAITING]
    post.clock.passes(seconds=1)
    post.deliver()
    assert post.channel.texts() == ["一"]


def test_what_comes_when_the_program_has_stopped_waits_for_the_next_start(post: Post) -> None:
    post.put("一")
    loop = asyncio.new_event_loop()
    loop.close()
    post.courier(Bridge(loop)).deliver("telegram", "501", by="a")
    assert post.states() == [WAITING]


def test_two_couriers_on_one_chat_send_each_message_once(post: Post) -> None:
    post.put(*map(str, range(12)))

    def errand(bridge: Bridge) -> None:
        courier = post.courier(bridge)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda by: courier.deliver("telegram", "501", by=by), "abcd"))

    in_worker(errand)
    assert post.channel.texts() == [str(number) for number in range(12)]


def test_somebody_elses_claim_is_respected(post: Post) -> None:
    post.put("一")
    with open_session(post.database) as session:
        claim_next(session, "telegram", "501", by="b", now=NOW)
        session.commit()
    post.deliver(by="a")
    assert post.channel.texts() == []

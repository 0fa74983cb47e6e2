"""The door of the service: safe before it is acknowledged, and nobody waits in silence."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine as Database
from sqlmodel import Session, select

from bot.bridge import Bridge
from bot.channel import ChannelDownError, InboxClosedError, MenuItem, UnreachableError
from bot.delivery import Courier
from bot.gate import Gate
from bot.hearing import WAITING, waiting_key
from bot.inbox import PER_MINUTE, TOO_FAST, WORKING, Door
from bot.messages import Incoming, Reply
from bot.metrics import Metrics
from bot.outbox import Address, post_alone
from bot.reception import STRANGER
from storage.accounts import find_account
from storage.invites import create_invite
from storage.messages import Message
from storage.people import Person, Role
from tests.channels.played import PlayedChannel
from tests.office import VISIT, Office, opened
from tests.serving.engine import PlayedEngine
from tests.serving.outages import NOW, away


@dataclass
class Entrance:
    """A door with its queue and its platform on paper."""

    office: Office
    engine: PlayedEngine = field(default_factory=PlayedEngine)
    channel: PlayedChannel = field(default_factory=PlayedChannel)
    metrics: Metrics = field(default_factory=Metrics)

    def when(self, scene: Callable[[Door], Awaitable[None]]) -> None:
        """What happens while the door is open."""

        async def opened_and_closed() -> None:
            office, channels = self.office, {"telegram": self.channel}
            bridge = Bridge(asyncio.get_running_loop())
            door = Door(
                database=office.database,
                dispatcher=office.dispatcher,
                gate=Gate(),
                engine=self.engine,
                courier=Courier(office.database, channels, bridge, office.clock, self.metrics),
                channels=channels,
                metrics=self.metrics,
                clock=office.clock,
                menu_of=lambda role: [MenuItem(f"/{role.value}", role.label)],
            )
            await scene(door)
            await door.close()

        asyncio.run(opened_and_closed())

    def takes(self, *messages: Incoming) -> None:
        """They come one after the other."""

        async def scene(door: Door) -> None:
            for message in messages:
                await door.take(message)

        self.when(scene)

    def answer(self) -> None:
        """Everything that was kept is answered now."""
        with Session(self.office.database) as session:
            for message in session.exec(select(Message)).all():
                message.answered_at = self.office.clock.now
            session.commit()


@pytest.fixture
def entrance(database: Database, tmp_path: Path) -> Entrance:
    return Entrance(opened(database, tmp_path))


def test_a_message_is_kept_and_queued_for_its_person(entrance: Entrance) -> None:
    entrance.takes(entrance.office.from_("501", VISIT))
    (message,) = entrance.office.messages()
    assert entrance.engine.queued == [("message", message.id, entrance.office.id_of("tangning"))]


def test_a_message_that_comes_again_is_queued_once(entrance: Entrance) -> None:
    said = entrance.office.from_("501", VISIT)
    entrance.takes(said, said)
    assert len(entrance.engine.queued) == 1


def test_what_is_answered_at_the_door_is_sent(entrance: Entrance) -> None:
    entrance.takes(entrance.office.from_("777", "在吗", id="777:9"))
    assert entrance.engine.queued == [("deliver", "telegram", "777", "door-telegram-777:9")]
    assert entrance.office.texts("777") == [STRANGER]


def test_who_joins_gets_the_menu_of_their_role(entrance: Entrance) -> None:
    office = entrance.office
    with Session(office.database) as session:
        person = session.exec(select(Person).where(Person.role == Role.MANAGER)).one()
        code = create_invite(session, person, now=office.clock.now)
        session.commit()

    async def scene(door: Door) -> None:
        await door.take(office.from_("777", code))
        await asyncio.sleep(0.05)

    entrance.when(scene)
    assert entrance.channel.menus == {"777": ("/manager",)}


def closed(entrance: Entrance, message: Incoming) -> None:
    async def scene(door: Door) -> None:
        with pytest.raises(InboxClosedError):
            await door.take(message)

    entrance.when(scene)


def test_without_a_database_the_platform_must_keep_the_message(entrance: Entrance) -> None:
    said = entrance.office.from_("501", VISIT)
    with away(entrance.office.database, times=1, where="INSERT INTO message"):
        closed(entrance, said)
    assert entrance.office.messages() == []
    entrance.takes(said)
    assert len(entrance.engine.queued) == 1


def test_without_a_queue_the_platform_must_deliver_it_again(entrance: Entrance) -> None:
    said = entrance.office.from_("501", VISIT)
    entrance.engine.down = True
    closed(entrance, said)
    entrance.engine.down = False
    entrance.takes(said)
    assert len(entrance.office.messages()) == 1
    assert len(entrance.engine.queued) == 1


def test_the_door_says_what_it_did(entrance: Entrance) -> None:
    entrance.engine.down = True
    closed(entrance, entrance.office.from_("501", VISIT))
    entrance.engine.down = False
    entrance.takes(entrance.office.from_("501", VISIT), entrance.office.from_("777", "在吗"))
    figures = entrance.metrics.text().decode()
    for outcome in ("closed", "kept", "answered"):
        assert f'taken_total{{channel="telegram",outcome="{outcome}"}} 1.0' in figures


def test_sixty_messages_a_minute_are_taken_from_each(entrance: Entrance) -> None:
    office = entrance.office
    many = [office.from_("501", "嗯嗯") for _ in range(PER_MINUTE + 25)]
    entrance.takes(*many, office.from_("503", "嗯嗯"))
    assert len(office.messages()) == PER_MINUTE + 1
    assert office.texts("501").count(TOO_FAST) == 1
    assert TOO_FAST not in office.texts("503")


def test_what_was_said_during_an_hour_and_comes_at_once_is_all_taken(entrance: Entrance) -> None:
    office = entrance.office
    hour = [NOW + timedelta(seconds=36 * number) for number in range(100)]
    entrance.takes(*[office.from_("501", "嗯嗯", at=said_at) for said_at in hour])
    assert len(office.messages()) == 100


def test_strangers_who_go_too_fast_hear_nothing_more(entrance: Entrance) -> None:
    office = entrance.office
    entrance.takes(*[office.from_("777", "嗯嗯") for _ in range(PER_MINUTE + 25)])
    assert office.texts("777") == [STRANGER]


def waits(entrance: Entrance, *messages: Incoming, answered: bool = False) -> None:
    """They are taken, and then nothing happens until each chat was reassured, or they are answered
    at once, or for a second nobody could be reassured."""
    chats = {message.chat for message in messages}

    async def scene(door: Door) -> None:
        for message in messages:
            await door.take(message)
        if answered:
            await asyncio.to_thread(entrance.answer)
        await asyncio.sleep(0.9)
        patience = 0 if answered or entrance.channel.faults else 400
        while not chats <= set(entrance.channel.working) and patience:
            await asyncio.sleep(0.01)
            patience -= 1

    entrance.when(scene)


def test_who_waits_hears_that_it_is_being_worked_on(entrance: Entrance) -> None:
    waits(entrance, entrance.office.from_("501", VISIT))
    assert entrance.channel.texts() == [WORKING]
    assert entrance.channel.working == ["501"]


def test_who_is_answered_at_once_hears_only_the_answer(entrance: Entrance) -> None:
    waits(entrance, entrance.office.from_("501", VISIT), answered=True)
    assert entrance.channel.texts() == []


def test_who_knows_that_a_voice_waits_hears_nothing_else(entrance: Entrance) -> None:
    office = entrance.office

    async def scene(door: Door) -> None:
        await door.take(office.from_("501", VISIT))
        (message,) = office.messages()
        with Session(office.database) as session:
            address = Address("telegram", "501", None)
            key = waiting_key(message.id or 0)
            post_alone(session, key, address, Reply(WAITING), office.clock.now)
            session.commit()
        await asyncio.sleep(0.9)

    entrance.when(scene)
    assert WORKING not in office.texts("501")


def test_several_messages_in_one_breath_are_reassured_of_once(entrance: Entrance) -> None:
    office = entrance.office
    waits(
        entrance, office.from_("501", VISIT), office.from_("501", VISIT), office.from_("503", "在")
    )
    assert entrance.channel.texts() == [WORKING]
    assert entrance.channel.texts("503") == [WORKING]


def test_who_still_waits_after_the_breath_is_reassured_of_each(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inbox.SAME_BREATH_SECONDS", 1.5)
    office = entrance.office
    said = [office.from_("501", VISIT) for _ in range(3)]
    sent_after: list[float] = []

    async def scene(door: Door) -> None:
        started = time.monotonic()
        await door.take(said[0])
        await door.take(said[1])
        while time.monotonic() < started + 3.2:
            if len(entrance.channel.texts()) > len(sent_after):
                sent_after.append(time.monotonic() - started)
            await asyncio.sleep(0.01)
        await door.take(said[2])
        await asyncio.to_thread(entrance.answer)
        await asyncio.sleep(1.0)

    entrance.when(scene)
    assert entrance.channel.texts() == [WORKING, WORKING]
    assert [row.answers for row in office.queued("501")] == [said[0].id, said[1].id]
    first, second = sent_after
    assert 1.4 < second - first < 2.4


def test_who_was_answered_meanwhile_does_not_hold_up_the_next(
    entrance: Entrance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inbox.SAME_BREATH_SECONDS", 1.0)
    office = entrance.office
    first, second, third = (office.from_("501", VISIT) for _ in range(3))

    async def scene(door: Door) -> None:
        for message in (first, second):
            await door.take(message)
        await asyncio.sleep(0.9)
        await asyncio.to_thread(entrance.answer)
        await door.take(third)
        await asyncio.sleep(1.6)

    entrance.when(scene)
    assert [row.answers for row in office.queued("501")] == [first.id, third.id]


def test_a_reassurance_that_never_arrived_is_no_news_later(entrance: Entrance) -> None:
    entrance.channel.fails("send", UnreachableError("blocked"))
    waits(entrance, entrance.office.from_("501", VISIT))
    assert entrance.channel.texts() == []
    said = entrance.office.handle(entrance.office.from_("501", "帮助"))
    assert not any("没送到" in reply.text or WORKING in reply.text for reply in said)


@pytest.mark.parametrize("method", ["send", "show_working"])
def test_a_platform_that_is_down_does_not_close_the_door(entrance: Entrance, method: str) -> None:
    entrance.channel.fails(method, ChannelDownError("network"))
    waits(entrance, entrance.office.from_("501", VISIT))
    assert len(entrance.office.messages()) == 1


def test_who_blocks_the_assistant_is_lost_until_they_write(entrance: Entrance) -> None:
    def lost_at() -> object:
        with Session(entrance.office.database) as session:
            account = find_account(session, "telegram", "501")
            return account.lost_at if account else None

    async def leaves(door: Door) -> None:
        await door.lost("telegram", "501")

    entrance.when(leaves)
    assert lost_at() == entrance.office.clock.now
    entrance.takes(entrance.office.from_("501", "在吗"))
    assert lost_at() is None

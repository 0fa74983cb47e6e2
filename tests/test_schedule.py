"""The clock: what was left lying is found, whatever left it there."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine as Database
from sqlmodel import Session

from bot.bridge import Bridge
from bot.durable import Broken
from bot.media import MediaStore
from bot.messages import Media, MediaKind
from bot.metrics import Metrics
from bot.policy import load_policy
from bot.pusher import Pusher
from bot.reception import STRANGER
from bot.schedule import PATIENCE, Clock
from storage.deliveries import Delivery, DeliveryStatus
from storage.locks import Locks, open_locks
from tests.channels.played import in_worker
from tests.office import VISIT, Office, opened
from tests.serving.engine import PlayedEngine


@dataclass
class Tower:
    """A clock that ticks when it is told to."""

    office: Office
    data: Path
    locks: Locks
    engine: PlayedEngine = field(default_factory=PlayedEngine)
    metrics: Metrics = field(default_factory=Metrics)
    lost: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        def made(bridge: Bridge) -> Clock:
            return Clock(
                database=self.office.database,
                dispatcher=self.office.dispatcher,
                engine=self.engine,
                media=MediaStore(self.data, bridge, keep_audio=timedelta(0)),
                metrics=self.metrics,
                locks=self.locks,
                push_seconds=20,
                pusher=Pusher(self.office.database, (), load_policy()),
                now=self.office.clock,
                lost_seat=lambda: self.lost.append(True),
            )

        self.clock = in_worker(made)

    def waiting(self, what: str) -> float | None:
        """What the figures say."""
        return self.metrics.registry.get_sample_value("repmate_waiting", {"what": what})


@pytest.fixture
def tower(database: Database, tmp_path: Path) -> Tower:
    return Tower(opened(database, tmp_path), tmp_path, open_locks(database))


def test_a_message_that_was_kept_but_not_queued_is_queued(tower: Tower) -> None:
    office = tower.office
    kept = office.kept(office.from_("501", VISIT))
    office.handle(office.from_("501", "帮助"))
    office.kept(office.from_("tangning", VISIT, channel="terminal"))
    tower.clock.queue_left()
    assert tower.engine.queued == []
    office.clock.passes(minutes=2)
    tower.clock.queue_left()
    assert tower.engine.queued == [("message", kept.message_id, office.id_of("tangning"))]
    assert tower.waiting("message") == 1


def test_a_voice_that_was_put_off_is_tried_once_a_minute(tower: Tower) -> None:
    office, voice = tower.office, Media(MediaKind.VOICE, "v1")
    kept = office.kept(office.from_("501", media=voice))
    tower.engine.ended.add(kept.message_id)
    office.clock.passes(minutes=2)
    for seconds in (0, 20, 20, 20):
        office.clock.passes(seconds=seconds)
        tower.clock.queue_left()
    assert [entry[:2] for entry in tower.engine.queued] == [("again", kept.message_id)] * 2


def test_what_nobody_answered_for_two_days_is_let_go(tower: Tower) -> None:
    tower.office.kept(tower.office.from_("501", VISIT))
    tower.office.clock.passes(days=2, minutes=1)
    tower.clock.queue_left()
    assert tower.engine.queued == []


def test_chats_with_something_to_send_are_served(tower: Tower) -> None:
    office = tower.office
    office.told(office.from_("777", "在吗"))
    tower.clock.queue_deliveries()
    (row,) = office.queued("777")
    assert tower.engine.queued == [("deliver", "telegram", "777", f"{row.id}-0")]
    assert tower.waiting("delivery") == 1
    with Session(office.database) as session:
        found = session.get_one(Delivery, row.id)
        found.status, found.done_at = DeliveryStatus.DELIVERED, office.clock.now
        session.commit()
    tower.clock.queue_deliveries()
    assert tower.waiting("delivery") == 0


def test_work_that_broke_is_begun_again_and_at_last_answered(tower: Tower) -> None:
    office = tower.office
    kept = office.kept(office.from_("501", VISIT))
    broken = Broken(f"msg-{kept.message_id:012d}", "inbox", "person-1")
    tower.engine.broke.append(broken)
    for patience in PATIENCE:
        office.clock.passes(seconds=patience.total_seconds())
        assert office.texts("501") == []
        tower.clock.mend()
    assert tower.engine.begun == [broken.id] * len(PATIENCE)
    for _ in range(3):
        tower.clock.mend()
    assert tower.engine.begun == [broken.id] * len(PATIENCE)
    assert f"编号 {kept.message_id}" in office.texts("501")[-1]
    assert len(office.texts("501")) == len(set(office.texts("501")))


def test_a_delivery_that_broke_is_begun_again_and_then_left_to_the_clock(tower: Tower) -> None:
    tower.engine.broke.append(Broken("deliver-5-0", "outbox", "telegram:501"))
    for _ in range(6):
        tower.office.clock.passes(hours=1)
        tower.clock.mend()
    assert tower.engine.begun == ["deliver-5-0"] * len(PATIENCE)


def test_the_work_of_a_dead_process_is_given_back(postgres: Database, tmp_path: Path) -> None:
    locks = open_locks(postgres)
    tower = Tower(opened(postgres, tmp_path), tmp_path, locks)
    locks.sit()
    tower.engine.left = {3: 2}
    tower.clock.rescue()
    assert tower.engine.left == {}
    assert tower.lost == []
    locks.close()


def test_a_process_without_a_seat_gives_up(postgres: Database, tmp_path: Path) -> None:
    locks = open_locks(postgres)
    tower = Tower(opened(postgres, tmp_path), tmp_path, locks)
    tower.engine.left = {3: 2}
    tower.clock.rescue()
    assert (tower.lost, tower.engine.left) == ([True], {3: 2})
    locks.close()


def test_at_night_what_is_long_finished_is_dropped(tower: Tower) -> None:
    office = tower.office
    office.told(office.from_("777", "在吗"))
    office.handle(office.from_("501", "帮助"))
    with Session(office.database) as session:
        for row in office.queued("777"):
            found = session.get_one(Delivery, row.id)
            found.status, found.done_at = DeliveryStatus.DELIVERED, office.clock.now
        session.commit()
    office.clock.passes(days=31)
    tower.clock.clean_up()
    assert office.queued("777") == []
    assert office.queued("501") != []
    assert office.told(office.from_("777", "在吗")) == [STRANGER]
    assert len(office.messages()) == 1

"""The clock: it only ticks. What is due lives in rows, so every process may tick and nothing is
done twice: the queue takes each piece of work once, by its name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Engine as Database
from sqlmodel import Session

from bot.dispatch import SORRY, Dispatcher
from bot.domain.clock import SHANGHAI
from bot.durable import AWAY, Broken, Engine, executor_of, message_of
from bot.intent import Understanding
from bot.media import MediaStore
from bot.metrics import Metrics
from bot.pusher import Pusher
from storage.accounts import TERMINAL
from storage.database import open_session
from storage.deliveries import count_open, due_chats, forget_deliveries, has_claims, release_claims
from storage.locks import Locks
from storage.messages import Message, unanswered
from storage.pushes import forget_pushes
from storage.shelf import forget_kept
from storage.strangers import forget_strangers

log = structlog.get_logger(__name__)

DELIVERIES_SECONDS = 2
LEFT_SECONDS = 20
RESCUE_SECONDS = 5
NIGHT = "30 3 * * *"
"""03:30 in Shanghai."""

LEFT_AFTER = timedelta(seconds=60)
"""A message that has waited for so long may have fallen between being kept and being queued."""

LOOK_BACK = timedelta(days=2)
REMEMBERED = timedelta(days=30)
"""How long finished work is kept; no platform repeats a message after that."""

PUSHES_REMEMBERED = timedelta(days=400)
"""What was said once is never said again; nothing of it can come up after so long."""

PATIENCE = (timedelta(0), timedelta(minutes=5), timedelta(minutes=30))
"""How long after it broke a workflow is begun again, each time; then its message is given up. It
is time enough to go back to an older release."""


@dataclass(kw_only=True)
class Clock:
    """What is looked for again and again."""

    database: Database
    dispatcher: Dispatcher
    engine: Engine
    media: MediaStore
    metrics: Metrics
    locks: Locks
    pusher: Pusher
    push_seconds: float
    now: Callable[[], datetime]
    lost_seat: Callable[[], None]
    _begun: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    _scheduler: BackgroundScheduler = field(
        default_factory=lambda: BackgroundScheduler(timezone=SHANGHAI)
    )

    def start(self) -> None:
        """Tick until stopped; a tick that is late is made up for once, and never runs twice at a
        time."""
        every = {
            self.queue_deliveries: DELIVERIES_SECONDS,
            self.push_due: self.push_seconds,
            self.queue_left: LEFT_SECONDS,
            self.rescue: RESCUE_SECONDS,
            self.mend: LEFT_SECONDS,
        }
        for job, seconds in every.items():
            self._add(job, IntervalTrigger(seconds=seconds))
        self._add(self.clean_up, CronTrigger.from_crontab(NIGHT, timezone=SHANGHAI))
        self._scheduler.start()

    def stop(self) -> None:
        """No more ticks; the one that runs comes to its end."""
        if self._scheduler.running:
            self._scheduler.shutdown()

    def queue_deliveries(self) -> None:
        """Chats with something to send that nobody is sending."""
        with Session(self.database) as session:
            due = due_chats(session, now=self.now())
            self.metrics.waits("delivery", count_open(session))
        for channel, chat, about in due:
            self.engine.queue_delivery(channel, chat, about=about)

    def push_due(self) -> None:
        """What the assistant says on its own; the rows are sent like all others."""
        self.pusher.tick(self.now())

    def queue_left(self) -> None:
        """Messages without an answer: kept but not queued, or put off."""
        now = self.now()
        with Session(self.database) as session:
            left = unanswered(session, since=now - LOOK_BACK, before=now - LEFT_AFTER, but=TERMINAL)
        self.metrics.waits("message", len(left))
        for message in left:
            self._queue(message, now)

    def _queue(self, message: Message, now: datetime) -> None:
        """Once more, when its workflow has ended without an answer: a voice was put off, or the
        number was used before the database was restored from a backup."""
        message_id, person_id = message.id or 0, message.person_id or 0
        if self.engine.has_ended(message_id):
            self.engine.queue_again(message_id, person_id, attempt=f"{now:%Y%m%d%H%M}")
        else:
            self.engine.queue_message(message_id, person_id)

    def rescue(self) -> None:
        """The work of processes that died, and our own seat."""
        if not self.locks.is_seated():
            log.error("seat_lost")
            self.lost_seat()
            return
        for seat in self.locks.empty_seats():
            self._release(seat)
            count = self.engine.rescue(seat)
            if count:
                log.warning("work_rescued", seat=seat, count=count)

    def _release(self, seat: int) -> None:
        """What a process that died was sending, if it was, is free."""
        with Session(self.database) as session:
            if not has_claims(session, executor_of(seat)):
                return
        with open_session(self.database) as session:
            release_claims(session, executor_of(seat))
            session.commit()

    def mend(self) -> None:
        """Workflows that broke, as after a new release: begun again, and given up with an answer
        when that does not help."""
        for broken in self.engine.broken():
            tried, since = self._begun.setdefault(broken.id, (0, self.now()))
            if tried > len(PATIENCE) or self.now() - since < _patience(tried):
                continue
            self._begun[broken.id] = (tried + 1, self.now())
            self.metrics.failed("workflow")
            log.error("workflow_broken", workflow=broken.id, tried=tried)
            self._try_again(broken, tried)

    def _try_again(self, broken: Broken, tried: int) -> None:
        if tried < len(PATIENCE):
            self.engine.begin_again(broken)
        else:
            self._give_up(broken.id)

    def _give_up(self, workflow: str) -> None:
        log.error("workflow_given_up", workflow=workflow)
        message_id = message_of(workflow)
        if message_id is None:
            return
        incoming, received = self.dispatcher.recall(message_id)
        sorry = Understanding(kind="refusal", target=SORRY.format(number=message_id))
        self.dispatcher.apply(incoming, received, sorry, now=self.now())

    def clean_up(self) -> None:
        """Forget what was finished long ago."""
        before = self.now() - REMEMBERED
        workflows, files = self.engine.forget(before), self.media.clean(self.now())
        with open_session(self.database) as session:
            rows = forget_deliveries(session, before)
            forget_pushes(session, self.now() - PUSHES_REMEMBERED)
            forget_strangers(session, before)
            forget_kept(session, now=self.now())
            session.commit()
        log.info("cleaned_up", workflows=workflows, deliveries=rows, files=files)

    def _add(self, job: Callable[[], None], trigger: IntervalTrigger | CronTrigger) -> None:
        def tick() -> None:
            try:
                job()
            except AWAY as error:
                self.metrics.failed("clock")
                log.warning("tick_failed", job=job.__name__, error=type(error).__name__)
            except Exception:
                self.metrics.failed("clock")
                log.exception("tick_failed", job=job.__name__)

        self._scheduler.add_job(
            tick, trigger, id=job.__name__, max_instances=1, coalesce=True, misfire_grace_time=None
        )


def _patience(tried: int) -> timedelta:
    return PATIENCE[tried] if tried < len(PATIENCE) else timedelta(0)

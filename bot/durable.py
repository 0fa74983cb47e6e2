"""The one module that touches the durable engine (DBOS): queues, workflows, recovery.

A message is one workflow in the lane of its person: lanes run side by side, one message at a time
in each. What must happen once is kept in our own rows, so a workflow that is run again after a
crash goes on where it was; only the understanding, which may have cost a model call, is kept here.
"""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy import Engine as Database
from sqlalchemy import create_engine, event, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from bot.logs import forward_logs_of
from storage.database import DOWN, take_turns

NAME = "repmate"
INBOX, LATER, OUTBOX = "inbox", "later", "outbox"
VERSION = "1"
"""Of all workflows, for ever: the engine's own choice is a hash of their source, and what was left
over from another hash it never runs."""

PACES = {INBOX: 1, OUTBOX: 3, LATER: 20}
"""How much more rarely than the inbox a queue is looked at; each look costs as much."""

LANES = 200
"""Messages in work at once in one process: most of them wait for a model."""

MOST_BROKEN = 500
"""Of the workflows that broke, so many of the latest are looked at."""

KNOWS_FRACTIONS = (3, 42)
"""The SQLite from which `unixepoch('subsec')` gives fractions of a second. The engine asks for them
by the version of Python, and an older SQLite beside a newer Python gives it nothing."""

UNFINISHED = ("PENDING", "ENQUEUED", "DELAYED")
ENDED = ("SUCCESS", "CANCELLED")


class EngineDownError(Exception):
    """The engine's database does not answer; the same may work later."""


AWAY: tuple[type[Exception], ...] = (*DOWN, EngineDownError)
"""What working with a database, ours or the engine's, raises while it does not answer."""


class Work(Protocol):
    """What the workflows do; every step may be run again after a crash."""

    def understand(self, message_id: int) -> dict[str, Any] | None:
        """What a message means, as plain data; None when it must wait for another try, or another
        try has answered it."""
        ...

    def answer(self, message_id: int, meant: dict[str, Any]) -> None:
        """Do what was meant, once, and send what is to be said."""
        ...

    def deliver(self, channel: str, chat: str, by: str) -> None:
        """Send what waits for a chat."""
        ...


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Where the engine keeps its rows, as whom it runs, and how often it looks at its queues in
    seconds."""

    url: str
    schema: str
    executor: str
    poll_seconds: float

    @property
    def is_sqlite(self) -> bool:
        """Whether everything is in one process and a file."""
        return self.url.startswith("sqlite")


def engine_settings(database: Database, *, seat: int, poll_seconds: float) -> EngineSettings:
    """The engine's rows stand beside ours: in a file of their own, or in a schema of their own."""
    executor = executor_of(seat)
    if database.dialect.name == "sqlite":
        url = f"sqlite:///{database.url.database}.engine"
        return EngineSettings(url, "dbos", executor, poll_seconds)
    with database.connect() as connection:
        schema = connection.execute(text("SELECT current_schema()")).scalar_one()
    plain = database.url.difference_update_query(["options"])
    schema = "dbos" if schema == "public" else f"{schema}_dbos"
    return EngineSettings(
        plain.render_as_string(hide_password=False), schema, executor, poll_seconds
    )


def are_tables_there(database: Database) -> bool:
    """Whether the engine has run on this database before."""
    settings = engine_settings(database, seat=0, poll_seconds=1)
    if database.dialect.name == "sqlite":
        return Path(make_url(settings.url).database or "").exists()
    return inspect(database).has_table("workflow_status", schema=settings.schema)


def executor_of(seat: int) -> str:
    """The engine's name for the process on a seat: unique, and the same after a restart."""
    return f"seat-{seat}"


@dataclass(frozen=True, slots=True)
class Broken:
    """A workflow that ended in an error, and where it ran."""

    id: str
    queue: str
    lane: str | None


class Engine:
    """Queues messages and deliveries, and runs them when it is started."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._client: DBOSClient | None = None
        self._running = False

    def open(self, work: Work, *, run: bool) -> None:
        """Make the engine's tables current and get ready to queue; `run` also works on the queues.
        Work that a crash left behind on this seat is resumed."""
        own = _sqlite_engine(self._settings.url) if self._settings.is_sqlite else None
        forward_logs_of("dbos")
        DBOS(
            config={
                "name": NAME,
                "system_database_url": self._settings.url,
                "system_database_engine": own,
                "dbos_system_schema": self._settings.schema,
                "application_version": VERSION,
                "executor_id": self._settings.executor,
                "serializer": DBOSPortableJSONSerializer(),
                # what people said must not get into an error text
                "db_engine_kwargs": {"hide_parameters": True},
                "max_executor_threads": 2 * LANES,
                # unused by us, but stopping waits for it
                "notification_listener_polling_interval_sec": 20 * self._settings.poll_seconds,
                "log_level": "WARNING",
            }
        )
        _register(work)
        DBOS.listen_queues(list(PACES) if run else [])
        DBOS.migrate(self._settings.url, schema=self._settings.schema)
        self._client = DBOSClient(
            system_database_url=self._settings.url,
            system_database_engine=own,
            dbos_system_schema=self._settings.schema,
            serializer=DBOSPortableJSONSerializer(),
            application_name=NAME,
            lazy=True,
            retry_connection_errors=False,
        )
        self._register_queues()
        DBOS.launch()
        self._running = True

    def close(self, *, seconds: float) -> None:
        """Let running work finish for so long; what does not is resumed at the next start."""
        if self._client is not None:
            self._client.destroy()
        if self._running:
            DBOS.destroy(workflow_completion_timeout_sec=int(seconds), destroy_registry=True)
        self._running = False

    def queue_message(self, message_id: int, person_id: int) -> None:
        """Put a message into its person's lane, once."""
        self._queue(
            INBOX,
            "message",
            (message_id,),
            id=message_workflow(message_id),
            lane=f"person-{person_id}",
            priority=message_id,
        )

    def queue_again(self, message_id: int, person_id: int, *, attempt: str) -> None:
        """Try a message that was put off, beside its person's lane; once for each attempt."""
        self._queue(
            LATER,
            "message",
            (message_id,),
            id=f"{message_workflow(message_id)}-{attempt}",
            lane=f"person-{person_id}",
            priority=message_id,
        )

    def queue_delivery(self, channel: str, chat: str, *, about: str) -> None:
        """Have a chat's waiting rows sent; `about` makes it once."""
        id_ = f"deliver-{about}"
        self._queue(OUTBOX, "deliver", (channel, chat, id_), id=id_, lane=f"{channel}:{chat}")

    def _queue(
        self,
        queue: str,
        workflow: str,
        arguments: tuple[Any, ...],
        *,
        id: str,  # noqa: A002
        lane: str,
        priority: int | None = None,
    ) -> None:
        options: EnqueueOptions = {
            "queue_name": queue,
            "workflow_name": workflow,
            "workflow_id": id,
            "queue_partition_key": lane,
            "app_version": VERSION,
        }
        if priority is not None:
            options["priority"] = priority
        try:
            self._ready.enqueue(options, *arguments)
        except (SQLAlchemyError, OSError) as error:
            raise EngineDownError(type(error).__name__) from None

    @property
    def _ready(self) -> DBOSClient:
        if self._client is None:
            raise RuntimeError("the engine is not open")
        return self._client

    def _register_queues(self) -> None:
        """Known to the engine before its threads first look, which they do once a second."""
        for name, times in PACES.items():
            self._ready.register_queue(
                name,
                partition_concurrency=1,
                worker_concurrency=LANES,
                polling_interval_sec=times * self._settings.poll_seconds,
            )

    def has_ended(self, message_id: int) -> bool:
        """Whether every try at a message came to its end, and none broke."""
        found = self._ready.list_workflows(
            workflow_id_prefix=message_workflow(message_id), load_input=False, load_output=False
        )
        return bool(found) and all(each.status in ENDED for each in found)

    def rescue(self, seat: int) -> int:
        """Give the work of a process that died back to the queues; how much it was."""
        left = defaultdict(list)
        for workflow in self._ready.list_workflows(
            status="PENDING", executor_id=executor_of(seat), load_input=False, load_output=False
        ):
            left[workflow.queue_name].append(workflow.workflow_id)
        for queue, ids in left.items():
            self._ready.resume_workflows(ids, queue_name=queue)
        return sum(map(len, left.values()))

    def broken(self) -> list[Broken]:
        """The workflows that ended in an error."""
        found = self._ready.list_workflows(
            status=["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            load_input=False,
            load_output=False,
            sort_desc=True,
            limit=MOST_BROKEN,
        )
        return [Broken(w.workflow_id, w.queue_name or INBOX, w.queue_partition_key) for w in found]

    def begin_again(self, broken: Broken) -> None:
        """Run a workflow once more from its start, in its lane; its finished steps are not repeated
        in effect, because our own rows say what is done."""
        self._ready.rewind_workflow(
            broken.id, queue_name=broken.queue, queue_partition_key=broken.lane
        )

    def depth(self) -> int:
        """How many workflows wait or run."""
        found = self._ready.list_workflows(
            status=list(UNFINISHED), load_input=False, load_output=False, limit=10_000
        )
        return len(found)

    def forget(self, before: datetime) -> int:
        """Drop workflows that were finished before then; how many."""
        old = self._ready.list_workflows(
            status=["SUCCESS", "CANCELLED", "ERROR"],
            completed_before=before.isoformat(),
            limit=10_000,
            load_input=False,
            load_output=False,
        )
        self._ready.delete_workflows([each.workflow_id for each in old])
        return len(old)


def message_workflow(message_id: int) -> str:
    """Sortable, so that equal moments keep their order."""
    return f"msg-{message_id:012d}"


def message_of(workflow_id: str) -> int | None:
    """The message that a workflow is about, if it is about one."""
    kind, _, number = workflow_id.partition("-")
    return int(number.split("-")[0]) if kind == "msg" else None


def _register(work: Work) -> None:
    """The workflows, under names that never change: they stand in rows that outlive a release."""
    understand = _step("understand", work.understand)

    @DBOS.workflow(name="message")
    def message(message_id: int) -> None:
        meant = understand(message_id)
        if meant is not None:
            work.answer(message_id, meant)

    @DBOS.workflow(name="deliver")
    def deliver(channel: str, chat: str, by: str) -> None:
        work.deliver(channel, chat, by)


def _step(
    name: str, run: Callable[[int], dict[str, Any] | None]
) -> Callable[[int], dict[str, Any] | None]:
    @DBOS.step(name=name)
    def step(message_id: int) -> dict[str, Any] | None:
        return run(message_id)

    return step


def _sqlite_engine(url: str) -> Database:
    """What the engine would open itself, with a log that lets it write four times as much, and with
    writers that take turns.

    Its commits do not wait for the disk: what a power cut takes away is found in our own rows.
    """
    engine = create_engine(url, hide_parameters=True, max_overflow=LANES)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA busy_timeout=30000")
        if sqlite3.sqlite_version_info < KNOWS_FRACTIONS:
            connection.create_function("unixepoch", 1, lambda _: time.time())

    take_turns(engine)
    return engine

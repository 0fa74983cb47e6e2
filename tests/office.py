"""The sample people at their Telegram accounts, and the dispatcher that serves them, on paper."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bot.app import load_capabilities
from bot.dispatch import Dispatcher
from bot.messages import Incoming, Reply
from bot.policy import load_policy
from bot.reception import Closed, Received
from bot.registry import Registry
from bot.sample.territory import plant, read_territory
from bot.speech.listening import Listener
from bot.understanding.proposer import RulesProposer
from storage.deliveries import Delivery
from storage.messages import Message
from storage.people import Account, Person
from tests.serving.outages import NOW, StillClock
from tests.test_dialogues import FOLDER, KNOWN_SINCE

ACCOUNTS = {"tangning": "501", "luowei": "503", "kangjie": "502", "admin": "900"}
"""Who has an account; the manager and the medical colleague have none."""

VISIT = (
    "刚从市人民心内出来，见了沈怀安主任，聊了二十分钟，讲了舒络宁的三年随访。"
    "下周三前把RCT文献发给他。"
)
RASH = "有个病人吃了舒络宁起了皮疹"


@cache
def capabilities() -> Registry:
    """Collected once."""
    return load_capabilities()


@dataclass
class Office:
    """The dispatcher on one database, with everybody's messages and what waits to be sent."""

    database: Engine
    files: Path
    listener: Listener | None = None
    clock: StillClock = field(default_factory=StillClock)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(
            self.database,
            capabilities(),
            load_policy(),
            RulesProposer(),
            self.files,
            listener=self.listener,
        )

    def from_(self, account: str, text: str = "", **more: Any) -> Incoming:
        """A message as Telegram delivers it."""
        usual = {"id": f"{account}:{next(self._ids)}", "at": self.clock.now, "chat": account}
        return Incoming(
            **{"channel": "telegram", "account": account, "text": text, **usual, **more}
        )

    def receive(self, incoming: Incoming) -> Received | Closed:
        """Keep it."""
        return self.dispatcher.receive(incoming, now=self.clock.now)

    def told(self, incoming: Incoming) -> list[str]:
        """The texts that a message is answered with at the door."""
        closed = self.receive(incoming)
        assert isinstance(closed, Closed), "it was kept to be understood"
        return [reply.text for reply in closed.replies]

    def kept(self, incoming: Incoming) -> Received:
        """A message that was kept to be understood."""
        received = self.receive(incoming)
        assert isinstance(received, Received)
        return received

    def handle(self, incoming: Incoming) -> list[Reply]:
        """The whole way but sending."""
        return self.dispatcher.handle(incoming)

    def queued(self, chat: str) -> list[Delivery]:
        """What waits for a chat or was sent there."""
        with Session(self.database) as session:
            wanted = select(Delivery).where(Delivery.chat == chat).order_by(col(Delivery.id))
            return list(session.exec(wanted).all())

    def texts(self, chat: str) -> list[str]:
        """Their texts."""
        return [row.body["text"] for row in self.queued(chat)]

    def messages(self) -> list[Message]:
        """What was kept."""
        with Session(self.database) as session:
            return list(session.exec(select(Message).order_by(col(Message.id))).all())

    def id_of(self, login: str) -> int:
        """A person's number."""
        with Session(self.database) as session:
            found = session.exec(select(Person.id).where(Person.login == login)).one()
            return found or 0


def plant_world(database: Engine) -> None:
    """Put the world of the dialogues into an empty database."""
    with Session(database) as session:
        plant(session, read_territory(FOLDER / "territory.toml"), since=KNOWN_SINCE)
        session.commit()


def opened(database: Engine, files: Path, listener: Listener | None = None) -> Office:
    """The office with its people, who have their accounts."""
    plant_world(database)
    with Session(database) as session:
        for login, account in ACCOUNTS.items():
            bind(session, login, account, NOW)
        session.commit()
    return Office(database, files, listener)


def bind(session: Session, login: str, account: str, now: datetime) -> None:
    """Give a person an account."""
    person = session.exec(select(Person).where(Person.login == login)).one()
    session.add(
        Account(
            channel="telegram",
            account=account,
            chat=account,
            person_id=person.id or 0,
            bound_at=now,
        )
    )

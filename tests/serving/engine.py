"""A queue on paper: it knows what was queued, and is down or broken when a test says so."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.durable import Broken, Engine, EngineDownError


@dataclass
class PlayedEngine(Engine):
    """Remembers; runs nothing. `ended` are messages whose work came to its end."""

    queued: list[tuple[object, ...]] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)
    broke: list[Broken] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    left: dict[int, int] = field(default_factory=dict)
    down: bool = False

    def queue_message(self, message_id: int, person_id: int) -> None:
        """Once."""
        self._put("message", message_id, person_id)

    def queue_again(self, message_id: int, person_id: int, *, attempt: str) -> None:
        """Once for each attempt."""
        self._put("again", message_id, person_id, attempt)

    def queue_delivery(self, channel: str, chat: str, *, about: str) -> None:
        """Once."""
        self._put("deliver", channel, chat, about)

    def has_ended(self, message_id: int) -> bool:
        """As was said."""
        return message_id in self.ended

    def broken(self) -> list[Broken]:
        """As was said."""
        return list(self.broke)

    def begin_again(self, broken: Broken) -> None:
        """Noted."""
        self.begun.append(broken.id)

    def rescue(self, seat: int) -> int:
        """What lay on that seat."""
        return self.left.pop(seat, 0)

    def forget(self, before: datetime) -> int:
        """Nothing is kept."""
        return 0

    def _put(self, *what: object) -> None:
        if self.down:
            raise EngineDownError("OperationalError")
        if what not in self.queued:
            self.queued.append(what)

"""@push: something that the assistant says on its own, declared in the file of its capability."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.domain.pushing import Due
from bot.messages import Reply
from bot.policy import Policy
from storage.people import Role

Read = Callable[[Session, datetime], Sequence[Any]]
"""Everything that may be due by then, for everybody, in a number of queries that does not grow."""

Choose = Callable[[datetime, Sequence[Any], Policy], Iterable[Due]]
"""Pure: what is due by then, of what was read."""

Gather = Callable[[Session, Sequence[int], datetime, Policy], Mapping[int, Any]]
"""What the words need besides, for so many people at once, by person."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told, and what of: several things that are due only when they are told `together`.
    `held` is what could not be sent before, `facts` what was gathered."""

    now: datetime
    policy: Policy
    name: str
    role: Role
    dues: tuple[Due, ...]
    facts: Any = None
    held: tuple[str, ...] = ()


Say = Callable[[Told], Reply | None]


@dataclass(frozen=True, slots=True)
class Push:
    """A kind of push. `at_night`: it may be urgent. `together`: one message tells all that is due
    to a person. `deputised`: a deputy is told while the person is on leave. `takes_held`: it is the
    briefing, which tells what could not be sent."""

    kind: str
    title: str
    say: Say
    read: Read
    choose: Choose
    gather: Gather | None
    together: bool
    at_night: bool
    deputised: bool
    takes_held: bool

    def due(self, session: Session, now: datetime, policy: Policy) -> list[Due]:
        """Everything of this kind that is due by then."""
        rows = self.read(session, now)
        return [due for due in self.choose(now, rows, policy) if due.at <= now] if rows else []


def push(
    *,
    kind: str,
    title: str,
    read: Read,
    choose: Choose,
    gather: Gather | None = None,
    together: bool = False,
    at_night: bool = False,
    deputised: bool = False,
    takes_held: bool = False,
) -> Callable[[Say], Push]:
    """Declare a push; the function below says it, or nothing when there is nothing to say."""
    return lambda say: Push(
        kind, title, say, read, choose, gather, together, at_night, deputised, takes_held
    )

"""Telling those who must know, and saying to the rep which of them can really be reached."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import col, select

from bot.messages import Reply
from bot.turn import Turn
from storage.accounts import TERMINAL, reachable_at
from storage.people import Person, Role

UNBOUND = "没绑定聊天账号"
LOST = "聊天账号联系不上"
_WHERE_TO_ASK = {Role.MEDICAL: "医学部", Role.COMPLIANCE: "合规或药物警戒"}


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a message goes to now, and who gets it only when they are back: with what is in the
    way."""

    role: Role
    reached: tuple[Person, ...]
    missed: tuple[tuple[Person, str], ...]

    def left_out(self, verb: str, *, urgent: bool) -> str:
        """Who has not been told and what to do about that; empty when everybody has."""
        names = "、".join(f"{person.name}（{why}）" for person, why in self.missed)
        if self.reached:
            return f"还没送到{names}，请您转告。" if names else ""
        if names:
            do = "现在就打电话" if urgent else "直接联系"
            return f"还没有{verb}到人：{names}。请您{do}。"
        whom = _WHERE_TO_ASK[self.role]
        return f"还没有{verb}到人：系统里没有登记{self.role.label}同事，请您现在就直接联系{whom}。"


def tell(turn: Turn, role: Role, report: Callable[[Person], Reply]) -> Told:
    """Push a report to everybody of a role, medical or compliance. For those who cannot be reached
    it is kept."""
    reached: list[Person] = []
    missed: list[tuple[Person, str]] = []
    for person in _receivers(turn, role):
        turn.push(person.login, report(person))
        why = _hindrance(turn, person)
        if why is None:
            reached.append(person)
        else:
            missed.append((person, why))
    return Told(role, tuple(reached), tuple(missed))


def _receivers(turn: Turn, role: Role) -> list[Person]:
    """Everybody of the role; the admins when nobody has it."""
    for wanted in (role, Role.ADMIN):
        people = select(Person).where(Person.role == wanted, col(Person.active))
        found = list(turn.session.exec(people.order_by(Person.login)).all())
        if found:
            return found
    return []


def _hindrance(turn: Turn, person: Person) -> str | None:
    """Why a person cannot be told now. At the terminal, where people have no accounts, everybody
    can be."""
    if turn.channel == TERMINAL:
        return None
    account = reachable_at(turn.session, person.login)
    if account is None:
        return UNBOUND
    return None if account.lost_at is None else LOST

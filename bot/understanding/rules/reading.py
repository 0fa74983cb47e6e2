"""One dictation read once: its clauses, and what each of them names; every field works on this."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol, TypeVar

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import local_day
from bot.domain.people import PersonFound, PlaceFound, find_people, find_places
from bot.domain.roster import Roster
from bot.domain.when import (
    ClockFound,
    DayFound,
    LengthFound,
    Tense,
    find_clocks,
    find_days,
    find_lengths,
)
from bot.understanding.rules.clauses import Clause, plain, split, takes_object
from bot.understanding.rules.speakers import Actor, Subject, is_ours, subjects
from bot.understanding.rules.vocabulary import has, pattern


class _Found(Protocol):
    @property
    def start(self) -> int: ...


F = TypeVar("F", bound=_Found)


@dataclass(frozen=True, slots=True)
class Turn:
    """A clause with its subject and everything named in it. `past` holds the days as days gone by,
    `days` as days to come; the words alone do not tell which."""

    clause: Clause
    subject: Subject
    people: tuple[PersonFound, ...]
    places: tuple[PlaceFound, ...]
    days: tuple[DayFound, ...]
    past: tuple[DayFound, ...]
    clocks: tuple[ClockFound, ...]
    lengths: tuple[LengthFound, ...]

    @property
    def text(self) -> str:
        """The words of the clause."""
        return self.clause.text

    @property
    def actor(self) -> Actor:
        """Whose act or words this is."""
        return self.subject.actor

    @property
    def ours(self) -> bool:
        """Whether our side acts here."""
        return is_ours(self.subject.actor)

    @property
    def speaks(self) -> bool:
        """Whether the clause holds a verb of speech."""
        return has("speakers.speech.verbs", plain(self.clause.text))

    def says(self, path: str) -> bool:
        """Whether a word of the list `file.section.key` occurs in the clause."""
        return has(path, self.clause.text)


@dataclass(frozen=True, slots=True)
class Reading:
    """The whole dictation. `today` is the day on which it was said, in Shanghai."""

    text: str
    roster: Roster
    today: date
    turns: tuple[Turn, ...]


def read(text: str, roster: Roster, *, now: datetime) -> Reading:
    """Read the dictation once; pure, linear in its length."""
    people = _again(text, find_people(text, roster))
    clauses = split(text, _openers(text, people))
    calendar = WorkCalendar()
    places = find_places(text, roster)
    days = find_days(text, now=now, calendar=calendar)
    past = find_days(text, now=now, calendar=calendar, tense=Tense.PAST)
    clocks, lengths = find_clocks(text), find_lengths(text)
    turns = tuple(
        Turn(
            clause=clause,
            subject=subject,
            people=_in(clause, people),
            places=_in(clause, places),
            days=_in(clause, days),
            past=_in(clause, past),
            clocks=_in(clause, clocks),
            lengths=_in(clause, lengths),
        )
        for clause, subject in zip(clauses, subjects(clauses, people), strict=True)
    )
    return Reading(text, roster, local_day(now), turns)


def _in(clause: Clause, found: Sequence[F]) -> tuple[F, ...]:
    return tuple(item for item in found if clause.start <= item.start < clause.end)


def _again(text: str, people: list[PersonFound]) -> list[PersonFound]:
    """A stranger's bare name counts wherever it is repeated."""
    taken = [(person.start, person.end) for person in people]
    repeated = [
        replace(person, start=match.start(), end=match.end())
        for person in {one.mention: one for one in people if one.named}.values()
        for match in re.finditer(re.escape(person.mention), text)
        if not any(start < match.end() and match.start() < end for start, end in taken)
    ]
    return sorted([*people, *repeated], key=lambda person: person.start)


def _openers(text: str, people: list[PersonFound]) -> list[int]:
    """Where a named person starts to speak or act, so that a run-on text can be cut there."""
    verb = pattern("speakers.speech.verbs")
    return [
        person.start
        for person in people
        if verb.match(text, person.end) and not takes_object(text[: person.start])
    ]

"""One dictation read once: its clauses, and what each of them names; every field works on this."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeVar

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
from bot.understanding.rules.clauses import (
    Clause,
    Span,
    plain,
    quoted_spans,
    split,
    takes_object,
    within,
)
from bot.understanding.rules.speakers import Actor, Subject, is_ours, subjects
from bot.understanding.rules.vocabulary import endings, has, pattern


class _Found(Protocol):
    @property
    def start(self) -> int: ...


_FAR = 12
F = TypeVar("F", bound=_Found)


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """The clause `number` of all, with its subject and everything named in it. `past` holds the
    days as days gone by, `days` as days to come; the words alone do not tell which."""

    number: int
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
    def spans(self) -> list[Span]:
        """Where people, places, days, times and lengths stand in the dictation."""
        return [
            *((person.start, person.end) for person in self.people),
            *((place.start, place.end) for place in self.places),
            *((day.start, day.end) for day in self.past),
            *((clock.start, clock.end) for clock in self.clocks),
            *((length.start, length.end) for length in self.lengths),
        ]

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
    quoted: tuple[Span, ...]


class _Times(NamedTuple):
    days: list[DayFound]
    past: list[DayFound]
    clocks: list[ClockFound]
    lengths: list[LengthFound]


def _times(text: str, now: datetime) -> _Times:
    calendar = WorkCalendar()
    return _Times(
        days=find_days(text, now=now, calendar=calendar),
        past=find_days(text, now=now, calendar=calendar, tense=Tense.PAST),
        clocks=find_clocks(text),
        lengths=find_lengths(text),
    )


def read(text: str, roster: Roster, *, now: datetime) -> Reading:
    """Read the dictation once; pure, linear in its length."""
    people = _again(text, find_people(text, roster))
    places = find_places(text, roster)
    times = _times(text, now)
    clauses = split(text, _openers(text, people, times))
    named = [_in(clause, people) for clause in clauses]
    turns = tuple(
        Turn(
            number=number,
            clause=clause,
            subject=subject,
            people=present,
            places=_in(clause, places),
            days=_in(clause, times.days),
            past=_in(clause, times.past),
            clocks=_in(clause, times.clocks),
            lengths=_in(clause, times.lengths),
        )
        for number, (clause, present, subject) in enumerate(
            zip(clauses, named, subjects(clauses, named), strict=True)
        )
    )
    return Reading(text, roster, local_day(now), turns, tuple(quoted_spans(text)))


def _in(clause: Clause, found: Sequence[F]) -> tuple[F, ...]:
    """What starts in the clause; `found` is in order."""
    first = bisect_left(found, clause.start, key=lambda item: item.start)
    return tuple(found[first : bisect_left(found, clause.end, key=lambda item: item.start)])


def _again(text: str, people: list[PersonFound]) -> list[PersonFound]:
    """A stranger's bare name counts wherever it is repeated."""
    taken = [(person.start, person.end) for person in people]
    repeated = [
        replace(person, start=match.start(), end=match.end())
        for person in {one.mention: one for one in people if one.named}.values()
        for match in re.finditer(re.escape(person.mention), text)
        if not (within(match.start(), taken) or within(match.end() - 1, taken))
    ]
    return sorted([*people, *repeated], key=lambda person: person.start)


def _openers(text: str, people: list[PersonFound], found: _Times) -> list[int]:
    """Where a clause can start in text without punctuation: a person who acts, a day to come, and
    what follows a length of time."""
    acting = [person.start for person in people if _acts(text, person)]
    coming = [day.start for day in found.days if not _governed(text, day.start)]
    after = [length.end for length in found.lengths if not _goes_on(text, length.end)]
    spent = [_spent_from(text, length.start) for length in found.lengths]
    return [*acting, *coming, *after, *spent]


def _spent_from(text: str, start: int) -> int:
    """Where the words begin that tell how long it took (「大概聊了」十五分钟)."""
    match = pattern("speakers.clauses.before_length").search(text, max(0, start - _FAR), start)
    return match.start() if match and match.end() == start else start


def _acts(text: str, person: PersonFound) -> bool:
    before = text[: person.start]
    if takes_object(before):
        return False
    return (
        pattern("speakers.speech.verbs").match(text, person.end) is not None
        or len(before) - before.rfind("，") > _FAR
    )


def _governed(text: str, start: int) -> bool:
    before = text[:start]
    return before.endswith(endings("speakers.clauses.day_governors")) or takes_object(before)


def _goes_on(text: str, end: int) -> bool:
    return text.startswith(endings("speakers.clauses.length_tails"), end)

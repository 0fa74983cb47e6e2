"""Takes prescription counts and patient identity out of a text, before storage and model."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.note import Flag, FlagCode
from bot.domain.roster import Roster
from bot.understanding.screening.counts import MASK, find_counts
from bot.understanding.screening.identity import Identity, find_numbers, find_people
from bot.understanding.screening.model import Masked
from bot.understanding.screening.spans import clause_around
from bot.understanding.screening.view import View, as_dialled, as_seen, as_written_out

_RECALLED = 200
"""How many characters of the message before are still what a new one goes on from."""


@dataclass(frozen=True, slots=True)
class _Cut:
    start: int
    end: int
    word: str
    code: FlagCode | None


_Place = tuple[int, int, FlagCode | None]
_Places = tuple[_Place, ...]
"""Where masks stand, and what each is flagged for: a customer's own number for nothing."""


def mask(text: str, roster: Roster, *, before: str = "") -> Masked:
    """Prescription counts of named doctors and patient identity, masked. Idempotent.

    `before` is what the same person said just before (masked or not): a secret that is split over
    two messages is found, and what of it stands in `text` is masked. The flags carry words of the
    masked text."""
    lead = f"{before[-_RECALLED:].rstrip(' ，,、…—')}\n" if before.strip() else ""
    places: _Places = ()
    # A mask can bring words together that identify somebody: again, until nothing changes.
    while True:
        masked, places = _apply(text, _cuts(text, roster, lead), places)
        if masked == text:
            return Masked(text=masked, flags=_flags(masked, places))
        text = masked


def _cuts(text: str, roster: Roster, lead: str) -> list[_Cut]:
    chosen: list[_Cut] = []
    for cut in sorted(_found(lead + text, roster), key=lambda c: (c.start, -c.end)):
        start, end = max(cut.start - len(lead), 0), cut.end - len(lead)
        if end <= 0:
            continue
        if chosen and start < chosen[-1].end:
            last = chosen.pop()
            chosen.append(_Cut(last.start, max(last.end, end), last.word, last.code))
        else:
            chosen.append(_Cut(start, end, cut.word, cut.code))
    return chosen


def _found(text: str, roster: Roster) -> Iterator[_Cut]:
    seen = as_seen(text)
    written = as_written_out(seen)
    dialled = as_dialled(written)
    for view in _different(seen, written):
        for person in find_people(view.text, roster):
            yield _of_person(view, person)
        for count in find_counts(view.text, roster):
            yield _Cut(*view.original(count.start, count.end), MASK, FlagCode.PRESCRIPTION_COUNT)
    for view in _different(seen, dialled):
        for number in find_numbers(view.text, roster):
            yield _of_person(view, number)


def _different(one: View, other: View) -> tuple[View, ...]:
    return (one,) if one.text == other.text else (one, other)


def _of_person(view: View, found: Identity) -> _Cut:
    code = FlagCode.PATIENT_PII if found.of_patient else None
    return _Cut(*view.original(found.start, found.end), found.mask, code)


def _apply(text: str, cuts: list[_Cut], places: _Places) -> tuple[str, _Places]:
    """The text with the cuts made, and where the masks of now and of before stand in it."""
    parts: list[str] = []
    moved: list[_Place] = []
    earlier = sorted(places, key=lambda place: place[:2])
    done = length = taken = 0
    for cut in cuts:
        while taken < len(earlier) and earlier[taken][1] <= cut.start:
            moved.append(_shifted(earlier[taken], length - done))
            taken += 1
        while taken < len(earlier) and earlier[taken][0] < cut.end:
            taken += 1
        parts += [text[done : cut.start], cut.word]
        length += cut.start - done
        moved.append((length, length + len(cut.word), cut.code))
        length, done = length + len(cut.word), cut.end
    moved += [_shifted(place, length - done) for place in earlier[taken:]]
    return "".join([*parts, text[done:]]), tuple(dict.fromkeys(moved))


def _shifted(place: _Place, by: int) -> _Place:
    return place[0] + by, place[1] + by, place[2]


def _flags(masked: str, places: _Places) -> tuple[Flag, ...]:
    found = (
        Flag(
            code=code,
            evidence=clause_around(masked, start if end > start else max(0, start - 1), end).words,
        )
        for start, end, code in places
        if code is not None
    )
    return tuple(dict.fromkeys(found))

"""Scores the fields of one case; the table at the end says which field is scored how."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from bot.evaluation import items
from bot.evaluation.answer import BLANK, Note
from bot.evaluation.gold import Case
from bot.evaluation.pairing import best_pairs
from bot.evaluation.tally import Tally, judged, matched
from bot.evaluation.texts import has_words, is_grounded, plain, same_person

Scorer = Callable[[Case, Note], Tally]


def visit_date(case: Case, note: Note) -> Tally:
    """Right or wrong, for every dictation."""
    if not case.is_note:
        return Tally()
    return judged(note.visit_date in [case.expect.visit_date, *case.expect.optional.visit_date])


def single(field: str) -> Scorer:
    """A field with one value or none; nothing wanted and nothing given counts for nothing."""

    def scorer(case: Case, note: Note) -> Tally:
        wanted = _folded(getattr(case.expect, field))
        given = _folded(getattr(note, field))
        accepted = [] if note == BLANK else map(_folded, getattr(case.expect.optional, field))
        if wanted == given or given in accepted:
            right = wanted is not None and given is not None
            return Tally(right, right, right, right)
        return matched(0, wanted=wanted is not None, extra=given is not None)

    return scorer


def customers(case: Case, note: Note) -> Tally:
    """Canonical names, letter by letter."""
    wanted = [plain(name) for name in case.expect.customers]
    allowed = case.expect.optional.customers
    given = [name for name in note.customers if plain(name) in wanted or name not in allowed]
    met = set(wanted) & {plain(name) for name in given}
    return matched(len(met), wanted=len(wanted), extra=len(given) - len(met))


def people(field: str) -> Scorer:
    """Mentions of people, with or without their titles."""

    def scorer(case: Case, note: Note) -> Tally:
        wanted, given = getattr(case.expect, field), getattr(note, field)
        allowed = getattr(case.expect.optional, field)
        pairs = best_pairs([[same_person(one, other) for other in given] for one in wanted])
        extra = [
            mention
            for place, mention in enumerate(given)
            if place not in pairs.values() and not any(same_person(mention, a) for a in allowed)
        ]
        return matched(len(pairs), wanted=len(wanted), extra=len(extra))

    return scorer


def flags(case: Case, note: Note) -> Tally:
    """Compliance codes as sets."""
    wanted, given = set(case.expect.flags), set(note.flags)
    extra = given - wanted - set(case.expect.optional.flags)
    return matched(len(wanted & given), wanted=len(wanted), extra=len(extra))


def goal(case: Case, note: Note) -> Tally:
    """A stated purpose; one that was not stated costs nothing as long as the text supports it."""
    wanted, given = case.expect.goal, note.goal
    if wanted:
        right = bool(given) and has_words(wanted, given or "")
        return matched(int(right), wanted=1, extra=int(bool(given) and not right))
    if given and not (case.is_note and is_grounded(given, case.text)):
        return matched(0, wanted=0, extra=1)
    return Tally()


def _folded(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else value


FIELDS: Mapping[str, Scorer] = MappingProxyType(
    {
        "visit_date": visit_date,
        "start_time": single("start_time"),
        "duration_minutes": single("duration_minutes"),
        "channel": single("channel"),
        "hospital": single("hospital"),
        "department": single("department"),
        "customers": customers,
        "ambiguous": people("ambiguous"),
        "new_people": people("new_people"),
        "goal": goal,
        "key_points": items.key_points,
        "quotes": items.quotes,
        "profile_updates": items.profile_updates,
        "next_steps": items.next_steps,
        "next_due": items.next_due,
        "next_customer": items.next_customer,
        "needs": items.needs,
        "flags": flags,
    }
)
"""All fields but `kind`, which is told from the answer itself."""

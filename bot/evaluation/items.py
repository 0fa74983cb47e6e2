"""Scores the lists whose items are worded freely: points, quotes, facts, steps and needs."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.evaluation.answer import NeedGiven, Note, QuoteGiven, StepGiven, UpdateGiven
from bot.evaluation.gold import Case, GoldNeed, GoldStep, GoldUpdate
from bot.evaluation.pairing import best_pairs
from bot.evaluation.tally import Tally, matched
from bot.evaluation.texts import (
    SAME_QUOTE,
    has_words,
    is_grounded,
    longest_point,
    plain,
    same_person,
    shared,
    similarity,
)

W = TypeVar("W")
G = TypeVar("G")

_OWN_SIDE = re.compile("代表|我方|^我$|本人|rep", re.IGNORECASE)
_SAYING = re.compile("说|讲|问|提|话|回|嫌|觉得|表示|强调|认为|建议|要求|反映|点评|总结|解释")
_BEFORE_QUOTE = 10
"""Characters before a phrase in which a verb of saying makes it indirect speech."""

_MOSTLY = 0.6
"""Share of a quote that must be the rep's words to count as such."""


def key_points(case: Case, note: Note) -> Tally:
    """How many expected points there are, and how many given ones the text supports."""
    wanted, given = case.expect.key_points, note.key_points
    short = [len(plain(point)) <= longest_point(case.text) for point in given]
    fits = [
        [fine and has_words(words, point) for fine, point in zip(short, given, strict=True)]
        for words in wanted
    ]
    supported = sum(
        short[place]
        and (any(row[place] for row in fits) or (case.is_note and is_grounded(point, case.text)))
        for place, point in enumerate(given)
    )
    return Tally(len(best_pairs(fits, serves=2)), len(wanted), supported, len(given))


def quotes(case: Case, note: Note) -> Tally:
    """The customer's own words; what the rep says is left out."""
    given = [quote.text for quote in note.quotes if plain(quote.text) and not _is_own(quote, case)]
    wanted, allowed = case.expect.quotes, case.expect.optional.quotes
    return _pair(
        wanted,
        given,
        fit=_same_quote,
        excused=lambda text: (
            any(_same_quote(one, text) for one in allowed) or _is_indirect(text, case)
        ),
    )


def profile_updates(case: Case, note: Note) -> Tally:
    """Lasting facts; one told in two halves is not punished."""
    wanted = case.expect.profile_updates
    known = [*wanted, *case.expect.optional.profile_updates]
    return _pair(
        wanted,
        note.profile_updates,
        fit=_same_fact,
        excused=lambda update: any(_same_fact(one, update) for one in known),
    )


def next_steps(case: Case, note: Note) -> Tally:
    """Things to do; one told in two halves is not punished."""
    allowed = case.expect.optional.next_steps
    pairs = _paired_steps(case, note)
    extra = sum(
        not any(has_words(one.words, step.action) for one in allowed)
        and not any(_same_step(one, step, case) for one in case.expect.next_steps)
        for place, step in enumerate(note.next_steps)
        if place not in pairs.values()
    )
    return matched(len(pairs), wanted=len(case.expect.next_steps), extra=extra)


def next_due(case: Case, note: Note) -> Tally:
    """Of all steps that were wanted, those with the right day."""
    return _among_steps(case, note, lambda wanted, given: given.due == wanted.due)


def next_customer(case: Case, note: Note) -> Tally:
    """Of all steps that were wanted, those for the right person."""
    return _among_steps(case, note, lambda wanted, given: _same_beneficiary(wanted, given, case))


def needs(case: Case, note: Note) -> Tally:
    """Requests with their level; a next step that is filed as one of level 3 is not punished."""
    asked = [GoldNeed(level=3, words=step.words) for step in case.expect.next_steps]
    excuses = [*case.expect.optional.needs, *asked]
    return _pair(
        case.expect.needs,
        note.needs,
        fit=_same_need,
        excused=lambda need: any(_same_need(one, need) for one in excuses),
    )


def _pair(
    wanted: Sequence[W],
    given: Sequence[G],
    *,
    fit: Callable[[W, G], float],
    excused: Callable[[G], bool],
) -> Tally:
    pairs = best_pairs([[fit(one, other) for other in given] for one in wanted])
    left = [item for place, item in enumerate(given) if place not in pairs.values()]
    extra = sum(not excused(item) for item in left)
    return matched(len(pairs), wanted=len(wanted), extra=extra)


def _same_quote(wanted: str, given: str) -> float:
    alike = similarity(wanted, given)
    return alike if alike >= SAME_QUOTE else 0.0


def _is_own(quote: QuoteGiven, case: Case) -> bool:
    speaker = quote.speaker or ""
    return speaker == case.login or _OWN_SIDE.search(speaker) is not None


def _is_indirect(quote: str, case: Case) -> bool:
    """A phrase that stands in the text after 「他说」: neither rewarded nor punished."""
    words, source = plain(quote), plain(case.text)
    own = any(shared(quote, said) >= _MOSTLY * len(words) for said in case.expect.rep_words)
    place = source.find(words)
    if not case.is_note or own or place < 0:
        return False
    return _SAYING.search(source[max(0, place - _BEFORE_QUOTE) : place]) is not None


def _same_fact(wanted: GoldUpdate, given: UpdateGiven) -> bool:
    told = f"{given.field} {given.value}"
    return same_person(wanted.customer, given.customer or "") and has_words(wanted.words, told)


def _same_need(wanted: GoldNeed, given: NeedGiven) -> bool:
    return wanted.level == given.level and has_words(wanted.words, given.text)


def _same_step(wanted: GoldStep, given: StepGiven, case: Case) -> bool:
    short = len(plain(given.action)) <= longest_point(case.text)
    return short and has_words(wanted.words, given.action)


def _same_beneficiary(wanted: GoldStep, given: StepGiven, case: Case) -> bool:
    if wanted.customer is not None:
        names = [wanted.customer, *wanted.customer_alt]
    elif given.customer is None:
        return True
    else:
        names = [*wanted.customer_alt, *case.expect.new_people, *case.expect.ambiguous]
    return any(same_person(name, given.customer or "") for name in names)


def _paired_steps(case: Case, note: Note) -> dict[int, int]:
    """Which wanted step is which given one; day and person decide where the words leave it open."""

    def fit(wanted: GoldStep, given: StepGiven) -> float:
        if not _same_step(wanted, given, case):
            return 0.0
        right_person = _same_beneficiary(wanted, given, case)
        return 1.0 + 0.2 * (wanted.due == given.due) + 0.1 * right_person

    return best_pairs(
        [[fit(one, other) for other in note.next_steps] for one in case.expect.next_steps]
    )


def _among_steps(case: Case, note: Note, right: Callable[[GoldStep, StepGiven], bool]) -> Tally:
    wanted, pairs = case.expect.next_steps, _paired_steps(case, note)
    hits = sum(right(wanted[one], note.next_steps[other]) for one, other in pairs.items())
    return Tally(hits, len(wanted), hits, len(wanted))

"""Counts what an engine made up: quotes nobody said, people nobody mentioned, days nobody meant."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.clock import local_day
from bot.evaluation.answer import Note
from bot.evaluation.dates import possible_days
from bot.evaluation.gold import Case, GoldUpdate
from bot.evaluation.texts import is_referred_to, plain


@dataclass(frozen=True, slots=True)
class Invention:
    """One made-up thing: `what` is 原话, 客户 or 日期."""

    case_id: str
    what: str
    value: str


def inventions(case: Case, note: Note) -> Iterator[Invention]:
    """Everything in a note that neither the text nor the gold knows of."""
    for what, values in (
        ("原话", _quotes(case, note)),
        ("客户", _customers(case, note)),
        ("日期", _days(case, note)),
    ):
        for value in values:
            yield Invention(case.id, what, value)


def _quotes(case: Case, note: Note) -> list[str]:
    source = plain(case.text)
    return [quote.text for quote in note.quotes if plain(quote.text) not in source]


def _customers(case: Case, note: Note) -> list[str]:
    given = [
        *note.customers,
        *(step.customer for step in note.next_steps),
        *(update.customer for update in note.profile_updates),
    ]
    known = _known_customers(case)
    return [
        name
        for name in dict.fromkeys(given)
        if name and name not in known and not is_referred_to(name, case.text)
    ]


def _known_customers(case: Case) -> set[str]:
    gold = case.expect
    names = set(gold.customers)
    for step in gold.next_steps:
        names |= {step.customer or "", *step.customer_alt}
    return names | {fact.customer for fact in _facts(case)}


def _facts(case: Case) -> Iterator[GoldUpdate]:
    yield from case.expect.profile_updates
    yield from case.expect.optional.profile_updates


def _days(case: Case, note: Note) -> list[str]:
    today, gold = local_day(case.at), case.expect
    meant = {day.isoformat() for day in possible_days(case.text, today)}
    dues = meant | {step.due for step in gold.next_steps} | {None}
    visit_days = dues | {today.isoformat(), gold.visit_date}
    given = [step.due for step in note.next_steps if step.due not in dues]
    if note.visit_date not in visit_days:
        given.append(note.visit_date)
    return [day for day in given if day]

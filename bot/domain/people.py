"""Who is meant: names, titles, nicknames and misheard names in a text, against the rep's roster."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.names import SURNAMED, load_names, split_surname, surname_at, title_at
from bot.domain.places import PlaceFound, find_places, same_department
from bot.domain.portfolio import (
    Customers,
    Portfolio,
    by_ear,
    by_surname_sound,
    by_words,
    is_whole_name,
    portfolio_of,
)
from bot.domain.roster import Roster, RosterCustomer
from bot.domain.sounds import blurs
from bot.domain.standing import (
    closes,
    goes_on,
    is_inside_title,
    is_tail_of_name,
    is_week,
    looks_private,
    opens,
    reads_as_word,
)
from bot.domain.strangers import ends_a_name, looks_like_name, stranger_spans

__all__ = ["PersonFound", "PlaceFound", "find_people", "find_places", "resolve"]


@dataclass(frozen=True, slots=True)
class PersonFound:
    """Somebody named in the text at `text[start:end]`.

    `candidates` are the portfolio's customers that fit the mention alone: none for a stranger,
    several when it is unclear. `named` is true when a stranger has a name of his own (「韩冰」,
    「钱主任」), so that he can become a new person; 「护士」 or 「他」 are not found at all.
    """

    start: int
    end: int
    mention: str
    candidates: tuple[RosterCustomer, ...]
    colleague: bool
    named: bool


def find_people(text: str, roster: Roster) -> list[PersonFound]:
    """Everybody named in the text, in order, not overlapping: exact names first, then nicknames,
    surname with title, given names in use, then homophones of portfolio names (pinyin)."""
    portfolio = portfolio_of(roster)
    taken = bytearray(len(text))
    found: list[PersonFound] = []
    for finder in (_written, _surnamed, _called, _misheard, _misheard_surnames, _unknown):
        for one in finder(text, portfolio):
            if not any(taken[one.start : one.end]) and not looks_private(text, one.start):
                found.append(one)
                taken[one.start : one.end] = b"\1" * (one.end - one.start)
    return sorted(found, key=lambda one: one.start)


def _person(text: str, start: int, end: int, candidates: Customers, *, ours: bool) -> PersonFound:
    return PersonFound(start, end, text[start:end], candidates, ours, not candidates and not ours)


def _written(text: str, portfolio: Portfolio) -> Iterator[PersonFound]:
    """Exact names and nicknames, with the title that follows."""
    at = 0
    while at < len(text):
        word = _longest(text, at, portfolio)
        end = at + len(word)
        again = _said_again(text, end, word)
        if word and not reads_as_word(text, at, end) and (again or not goes_on(text, end)):
            called = text[at:end] if again else text[at : end + len(title_at(text, end))]
            end = at + len(called) + len(again)
            candidates = by_words(portfolio, called)
            if candidates or word in portfolio.colleagues:
                yield PersonFound(at, end, called, candidates, not candidates, named=False)
        at = max(end, at + 1)


def _said_again(text: str, end: int, name: str) -> str:
    """The surname with a title right after the whole name (「李建华李主任」)."""
    surname = split_surname(name)[0] if name else ""
    title = title_at(text, end + len(surname)) if surname and text.startswith(surname, end) else ""
    return surname + title if title else ""


def _longest(text: str, at: int, portfolio: Portfolio) -> str:
    for length in portfolio.lengths:
        word = text[at : at + length]
        if word in portfolio.by_name or word in portfolio.by_alias or word in portfolio.colleagues:
            return word
    return ""


def _called(text: str, portfolio: Portfolio) -> Iterator[PersonFound]:
    """Surname with title, given name with title, and 老李 or 小李 of the portfolio."""
    for start in range(len(text)):
        for core_end in range(min(start + 4, len(text)), start, -1):
            core, title = text[start:core_end], title_at(text, core_end)
            if not _can_be_called(text, start, core, title):
                continue
            candidates = by_words(portfolio, core + title)
            if candidates or _is_colleague(portfolio, core, title):
                end = core_end + len(title)
                yield _person(text, start, end, candidates, ours=not candidates)


def _surnamed(text: str, portfolio: Portfolio) -> Iterator[PersonFound]:
    """Surname and title the long way round: 「姓刘的主任」."""
    for match in SURNAMED.finditer(text):
        title = title_at(text, match.end())
        if title and surname_at(text, match.start("surname")) == match["surname"]:
            candidates = by_words(portfolio, match.group() + title)
            yield _person(text, match.start(), match.end() + len(title), candidates, ours=False)


def _can_be_called(text: str, start: int, core: str, title: str) -> bool:
    """Whether these characters are all of a name: 建华 of 「李建华主任」 is not."""
    if not title:
        return _stands_bare(text, start, start + len(core))
    if is_inside_title(text, start) or is_week(text, start) or _is_second_of_compound(text, start):
        return False
    if surname_at(core.lstrip("老小大"), 0) == core.lstrip("老小大"):
        return not ends_a_name(text, start)
    known_only = load_names().by_title[title].known_only
    after_surname = start > 0 and text[start - 1] in load_names().surnames
    return (len(core) > 1 or known_only) and not after_surname


def _is_second_of_compound(text: str, start: int) -> bool:
    return start > 0 and text[start - 1 : start + 1] in load_names().compound_surnames


def _is_colleague(portfolio: Portfolio, core: str, title: str) -> bool:
    data = load_names().by_title.get(title)
    surname = core[1:] if core[:1] in "老小" and len(core) > 1 else core
    return surname in portfolio.colleague_surnames and (data is None or data.colleague)


def _stands_bare(text: str, start: int, end: int) -> bool:
    """Whether 老李 or 小李 stands where a person can be."""
    names = load_names()
    core = text[start:end]
    if len(core) != 2 or core[0] not in "老小" or core[1] not in names.surnames:
        return False
    return (
        start == 0
        or text[start - 1] in "，。；、！？ "
        or text[:start].endswith(names.context.before)
    )


def _misheard(text: str, portfolio: Portfolio) -> Iterator[PersonFound]:
    """Words that sound like a portfolio name, where a name can be."""
    for start in range(len(text)):
        if not _may_sound_known(text[start : start + 2], portfolio):
            continue
        for end in range(min(start + 4, len(text)), start + 1, -1):
            candidates = _heard_at(text, start, end, portfolio)
            if candidates:
                yield _person(text, start, end + len(title_at(text, end)), candidates, ours=False)
                break


def _may_sound_known(pair: str, portfolio: Portfolio) -> bool:
    return len(pair) == 2 and any(
        (first, second) in portfolio.sound_starts
        for first in blurs(pair[0])
        for second in blurs(pair[1])
    )


def _heard_at(text: str, start: int, end: int, portfolio: Portfolio) -> Customers:
    """Candidates whose name sounds like `text[start:end]`, if that can be a name at all.

    With a title it can; without one it must look like a name: a surname, no everyday word, and for
    two characters the customer's own surname."""
    heard, title = text[start:end], title_at(text, end)
    if reads_as_word(text, start, end) or goes_on(text, end) or is_tail_of_name(text, start):
        return ()
    candidates = by_ear(portfolio, heard + title, near=bool(title))
    if not candidates or title or any(_shared(c.name, heard) > 1 for c in candidates):
        return candidates
    if not looks_like_name(text, start, end):
        return ()
    if not closes(text, end) and end - start < 3:
        return ()
    own = tuple(c for c in candidates if split_surname(c.name)[0] == split_surname(heard)[0])
    return own or (candidates if end - start > 2 else ())


def _shared(name: str, heard: str) -> int:
    return sum(one == other for one, other in zip(name, heard, strict=False))


def _misheard_surnames(text: str, portfolio: Portfolio) -> Iterator[PersonFound]:
    """A character that is no surname but sounds like one, before a title (善主任 for 单主任)."""
    context = load_names().context
    for start, heard in enumerate(text):
        title = title_at(text, start + 1)
        barred = heard in context.function or heard in context.roles or surname_at(heard, 0)
        if not title or barred or title_at(text, start) or not opens(text, start):
            continue
        candidates = by_surname_sound(portfolio, heard + title)
        if candidates:
            yield _person(text, start, start + 1 + len(title), candidates, ours=False)


def _unknown(text: str, portfolio: Portfolio) -> Iterator[PersonFound]:
    in_place = bytearray(len(text))
    for place in find_places(text, portfolio.roster):
        in_place[place.start : place.end] = b"\1" * (place.end - place.start)
    for start, end in stranger_spans(text):
        if not any(in_place[start:end]):
            yield PersonFound(start, end, text[start:end], (), colleague=False, named=True)


def resolve(
    mention: str, roster: Roster, *, hospital: str | None = None, department: str | None = None
) -> tuple[RosterCustomer, ...]:
    """The portfolio's customers that a mention can mean, given where it was said they work
    (canonical names). Order: place said, exact name, title or nickname, then sound. One is an
    answer, several are a question, none is a stranger.

    Outside the place that was said only a whole name or a nickname counts: 「心内李主任」 is not
    the 李主任 of another department."""
    portfolio = portfolio_of(roster)
    written = by_words(portfolio, mention)
    if hospital is None and department is None:
        return written or by_ear(portfolio, mention, near=True)
    here = _at(written, hospital, department)
    here = here or _at(by_ear(portfolio, mention, near=True), hospital, department)
    if not here and department is not None:
        here = _at(by_surname_sound(portfolio, mention), hospital, department)
    return here or (written if is_whole_name(portfolio, mention) else ())


def _at(customers: Customers, hospital: str | None, department: str | None) -> Customers:
    return tuple(
        customer
        for customer in customers
        if (hospital is None or customer.hospital == hospital)
        and (department is None or same_department(customer.department, department))
    )

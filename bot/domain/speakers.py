"""Whose words a quote is, from how the rep called the speaker."""

from collections.abc import Iterator, Mapping, Sequence

from bot.domain.names import split_surname, split_title
from bot.domain.note import KnownCustomer
from bot.domain.strangers import is_named

_BEFORE_SURNAME = ("", "大", "小", "老")


def speaker_of(
    said: str | None, met: Sequence[KnownCustomer], aliases: Mapping[int, Sequence[str]]
) -> int | None:
    """The id of the one customer met whom 「李建国主任」「大李主任」「李主任」 means.

    The whole name counts before an alias, an alias before surname and title. Words that name nobody
    (「他」「主任」, or none) mean the only customer met; None when it stays open.
    """
    for fitting in _readings(said or "", met, aliases):
        if fitting:
            return fitting.pop() if len(fitting) == 1 else None
    return met[0].id if len(met) == 1 and not is_named(said or "") else None


def _readings(
    said: str, met: Sequence[KnownCustomer], aliases: Mapping[int, Sequence[str]]
) -> Iterator[set[int]]:
    core, _ = split_title(said)
    yield {one.id for one in met if one.name in said}
    yield {one.id for one in met if any(alias in said for alias in aliases.get(one.id, ()))}
    yield {one.id for one in met if core in _called(one.name)}


def _called(name: str) -> set[str]:
    surname, given = split_surname(name)
    return {given, f"{surname}老", *(before + surname for before in _BEFORE_SURNAME)}

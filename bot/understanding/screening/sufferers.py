"""Names of patients by what they are made of, right before whatever befell whoever bears them."""

import re
from collections.abc import Iterator
from functools import cache

from bot.understanding.screening.data import pattern

_LINKS = "(?:{so_called})*"
_BEFALLEN = "(?={befalls}|{belongs})"


def sufferers(text: str) -> Iterator[re.Match[str]]:
    """Where somebody to whom something happens is named; other words may look like it."""
    for shape in _shapes():
        for hit in shape.finditer(text):
            if not pattern("[老小]?(?:{not_names}|{alike})").match(text, hit.start("name")):
                yield hit


@cache
def _shapes() -> tuple[re.Pattern[str], ...]:
    # The shorter name first, when something happens right behind it: 「周敏发烧」 is no 周敏发.
    whole = (
        rf"(?P<name>{{short_called}}{_BEFALLEN}|{{long_called}}{_BEFALLEN}"
        r"|(?:{long_usual}|{short_usual})(?!{at_work}|的))"
    )
    clear = rf"(?P<name>(?:{{short_usual}}|{{long_usual}}){_BEFALLEN})"
    return (
        pattern(rf"{{told_of}}{_LINKS}{whole}"),
        pattern(rf"{{told_of}}{_LINKS}(?P<name>{{by_surname}}){_BEFALLEN}"),
        pattern(rf"{{with_treatment}}{clear}"),
    )

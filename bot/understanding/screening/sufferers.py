"""Names of patients by what they are made of, right before whatever befell whoever bears them."""

import re
from collections.abc import Iterator
from functools import cache

from bot.understanding.screening.data import pattern
from bot.understanding.screening.spans import sentences

_LINKS = "(?:{so_called})*"
_BEFALLEN = "(?={befalls}|{belongs})(?!{at_work})"
_USUAL = "(?:{short_usual}|{long_usual})"
_FIRST_WORD = r"(?<![\u4e00-\u9fff])"
# 「头疼医保」 is a worry, no illness.
_ILL = "(?!头[疼大])(?:{harm}|{body})"


def sufferers(text: str) -> Iterator[re.Match[str]]:
    """Where somebody may be named to whom something happens."""
    for shape in _shapes():
        yield from shape.finditer(text)
    for sentence in sentences(text):
        told = pattern("{told_of}").search(sentence.words)
        if told and not pattern("{staff_word}").search(sentence.words):
            for shape in _loose_shapes():
                yield from shape.finditer(text, sentence.start, sentence.end)


@cache
def _shapes() -> tuple[re.Pattern[str], ...]:
    # The shorter name first, when something happens right behind it: 「周敏发烧」 is no 周敏发.
    whole = (
        rf"(?P<name>{{short_called}}{_BEFALLEN}|{{long_called}}{_BEFALLEN}"
        r"|(?:{long_usual}|{short_usual})(?!{at_work}|的))"
    )
    return (
        pattern(rf"{{told_of}}{_LINKS}{whole}"),
        pattern(rf"{{told_of}}{_LINKS}(?P<name>{{by_surname}}){_BEFALLEN}"),
        pattern(rf"{{with_treatment}}(?P<name>{_USUAL}){_BEFALLEN}"),
    )


@cache
def _loose_shapes() -> tuple[re.Pattern[str], ...]:
    """Shapes of anybody who is ill, for a sentence that tells of a patient and of no doctor."""
    return (
        pattern(rf"(?:{_FIRST_WORD}|[说是的])(?P<name>{_USUAL})(?={{courteous}}{_ILL})"),
        pattern(rf"{_FIRST_WORD}(?P<name>{{long_clear}})(?=[，,]?{_ILL})"),
    )

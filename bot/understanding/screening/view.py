"""Reads a text as a person would, whatever hides its digits and names, and knows where it stood."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Mn", "Me"})
_NUMBER = frozenset({"Nd", "Nl", "No"})
_HAN = "\u4e00-\u9fff"
_NUMERAL = "〇零一二三四五六七八九十百千万两壹贰貳弍叁參叄肆伍陆陸柒捌玖拾佰仟萬廿卅卌"
_UNIT = "盒支瓶片粒针袋板箱例张单打个名位床"
# The next point of a list is a sentence of its own.
_BREAK = re.compile(
    r"(?<![ \t\u3000])[ \t\u3000]*+\n\s*+(?!\s|[-•*·]|\(?\d{1,2}[.、)）]|[一二三四五六七八九十]、)"
)
_DIGIT_GAP = re.compile(r"(?<=[\d百千])\s+(?=[\d百千])")
# 「周三 十点」 tells a day and an hour.
_NUMERAL_GAP = re.compile(rf"(?<=[{_NUMERAL}])(?<![周期拜][{_NUMERAL}])\s+(?=[{_NUMERAL}])")
_HAN_GAP = re.compile(rf"(?<=[{_HAN}])[\s·•._*-]+(?=[{_HAN}])")
_OPENED = "（(「『“‘\"'【《<>＞#"
_QUOTES = re.compile(
    rf"(?<![{_OPENED}])[{_OPENED}]++(?=[\d{_NUMERAL}])"
    rf"|(?<=[\d{_NUMERAL}])(?:[）)」』”’\"'】》]+|[+＋](?![\d{_NUMERAL}]))"
)
_ZERO = re.compile(r"(?<=[\d〇零])(?:\s*[OoОоΟο])+(?![A-Za-z])|(?<![A-Za-z])[OoОоΟο](?=\d{2})")
_ONE = re.compile(r"(?<=\d)[lI|]+(?![A-Za-z])")


class Spellings(BaseModel):
    """What is read as a digit: formal and old numerals, digits said one by one, English words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    formal: dict[str, str]
    always: dict[str, str]
    spoken: dict[str, str]
    english: dict[str, str]


@dataclass(frozen=True, slots=True)
class View:
    """A reading of a text: `places[i]` is where in the original the character `text[i]` stood."""

    text: str
    places: tuple[tuple[int, int], ...]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where the non-empty stretch `text[start:end]` stood in the original."""
        return self.places[start][0], self.places[end - 1][1]

    def replaced(self, shape: re.Pattern[str], word: Callable[[str], str]) -> "View":
        """The view with `word(found)` for everything found, standing where all of it stood."""
        parts: list[str] = []
        places: list[tuple[int, int]] = []
        done = 0
        for hit in shape.finditer(self.text):
            new = word(hit.group())
            parts += [self.text[done : hit.start()], new]
            places += self.places[done : hit.start()]
            places += [self.original(*hit.span())] * len(new)
            done = hit.end()
        return View("".join([*parts, self.text[done:]]), (*places, *self.places[done:]))


@cache
def spellings() -> Spellings:
    """The spellings. Raises pydantic.ValidationError when the file is not well formed."""
    path = Path(__file__).with_name("spellings.toml")
    return Spellings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def as_seen(text: str) -> View:
    """The text without what nobody sees, in one width, with lines that run on joined."""
    folded = [(shown, place) for place, char in enumerate(text) for shown in _shown(char)]
    view = View("".join(char for char, _ in folded), tuple((at, at + 1) for _, at in folded))
    return view.replaced(_BREAK, lambda _: " ")


def as_written_out(seen: View) -> View:
    """The view with every spelling of a numeral as a plain one and nothing between its digits."""
    for shape, word in _steps():
        seen = seen.replaced(shape, word)
    return seen


def as_dialled(written: View) -> View:
    """The view with digits that are said one by one as digits, for phone and record numbers."""
    spoken = spellings().spoken
    digits = written.replaced(_any_of(spoken), spoken.__getitem__)
    return digits.replaced(_DIGIT_GAP, _nothing)


def _shown(char: str) -> str:
    plain = char.isascii() and (char.isprintable() or char in "\n\t")
    if plain or "\u4e00" <= char <= "\u9fff":
        return char
    kind = unicodedata.category(char)
    if kind in _UNSEEN:
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    folded = "".join(c for c in unicodedata.normalize("NFKC", char) if c.isalnum())
    if kind in _NUMBER and not any(c.isdecimal() or c in _NUMERAL for c in folded):
        return f"{unicodedata.numeric(char):.0f}"
    return folded or char


@cache
def _steps() -> tuple[tuple[re.Pattern[str], Callable[[str], str]], ...]:
    known = spellings()
    english = "|".join(sorted(known.english, key=len, reverse=True))
    formal = "".join(known.formal)
    return (
        (_any_of(known.always), known.always.__getitem__),
        (_QUOTES, _nothing),
        (_HAN_GAP, _nothing),
        (_NUMERAL_GAP, _nothing),
        (_formal_numerals(formal), lambda run: "".join(known.formal.get(c, c) for c in run)),
        (
            re.compile(rf"(?i)(?<![a-z])(?:{english})(?![a-z])"),
            lambda word: known.english[word.lower()],
        ),
        (_ZERO, lambda run: "0" * len("".join(run.split()))),
        (_ONE, lambda run: "1" * len(run)),
        (_DIGIT_GAP, _nothing),
    )


def _formal_numerals(formal: str) -> re.Pattern[str]:
    plain = rf"[{_NUMERAL}\d]"
    beside = rf"(?<={plain})[{formal}]+|[{formal}]+(?={plain}|\s*[{_UNIT}])"
    return re.compile(rf"{beside}|[{formal}]{{2,}}")


def _nothing(_: str) -> str:
    return ""


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in words))

"""How Chinese characters sound, to recognise names that were misheard: toneless pinyin."""

import functools
import itertools

from pypinyin import Style, pinyin

from bot.domain.names import load_names, split_surname

Sound = tuple[str, ...]

_MOST_SOUNDS = 8
"""A name has few plausible readings; more would only match noise."""

_BLURS = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@functools.lru_cache(maxsize=20_000)
def syllables(character: str) -> tuple[str, ...]:
    """The usual toneless reading of one character, a second one where names have it; the character
    itself when it is not Chinese."""
    usual = pinyin(character, style=Style.NORMAL)[0][0]
    other = load_names().polyphones.get(character)
    return (usual, other) if other and other != usual else (usual,)


@functools.lru_cache(maxsize=20_000)
def blur(syllable: str) -> str:
    """A syllable without the differences that dialects and recognisers lose: zh/z, sh/s, -ng/-n."""
    for sharp, flat in _BLURS:
        if syllable.startswith(sharp):
            syllable = flat + syllable[len(sharp) :]
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable


@functools.lru_cache(maxsize=20_000)
def blurs(character: str) -> frozenset[str]:
    """Every blurred reading of one character, that as a surname included: to rule out quickly."""
    special = load_names().readings.get(character)
    readings = syllables(character) + ((special,) if special else ())
    return frozenset(map(blur, readings))


def _options(name: str) -> list[tuple[str, ...]]:
    surname, _ = split_surname(name)
    options = [syllables(character) for character in name]
    special = load_names().readings.get(surname, "").split()
    for index, syllable in enumerate(special):
        options[index] = tuple(dict.fromkeys((syllable, *options[index])))
    return options


def sounds(name: str) -> frozenset[Sound]:
    """Every way a name may sound, with the reading that its surname has as a surname."""
    return frozenset(itertools.islice(itertools.product(*_options(name)), _MOST_SOUNDS))


def blurred(name: str) -> frozenset[Sound]:
    """`sounds` without the differences that recognisers lose."""
    return frozenset(tuple(blur(part) for part in sound) for sound in sounds(name))

"""Numbers as people say and type them (一百七, 四万二, 两, 十来, １２, 3万) as plain numbers."""

import re
import unicodedata

_DIGITS = {
    "零": 0,
    "〇": 0,
    "○": 0,
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_DIGITS |= {"两": 2, "俩": 2, "仨": 3}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_FUSED = {"廿": "二十", "卅": "三十", "俩": "两", "仨": "三"}

DIGIT_CHARS = "".join(_DIGITS)
NUMERAL_CHARS = DIGIT_CHARS + "".join(_UNITS) + "廿卅0123456789０１２３４５６７８９"
"""Every character that a whole number can be made of; for use inside a regex class."""

_ARABIC = re.compile(r"\d+(?:\.\d+)?")
_MIXED = re.compile(r"(\d+(?:\.\d+)?)([百千万亿])")
_TWO_DIGITS = re.compile("[一二三四五六七八九两]{2}")
"""「二三十」 is a range, no number."""
_APPROXIMATE = re.compile(r"[来多几余]$")

_TOO_LARGE = 10**12
"""Nobody says a number of more than twelve digits; it is an id, or a slip of a key."""
_LONGEST = 40
"""Characters of the longest number in words below that."""


def parse_int(said: str) -> int | None:
    """The whole number that is said, or None when it is not one.

    Approximate tails count as the number itself (十来 = 10, 二十多 = 20), a colloquial last digit
    takes the next lower unit (一百七 = 170, 四万二 = 42000). A sequence of digits is read as
    written (二〇二六 = 2026). A number of more than twelve digits is none.
    """
    number = parse_number(said)
    return int(number) if number is not None and number == int(number) else None


def parse_number(said: str) -> float | None:
    """The number that is said, with halves and decimals (半 = 0.5, 两个半 = 2.5, 九点二 = 9.2)."""
    if len(said) > _LONGEST:
        return None
    text = _APPROXIMATE.sub("", _tidy(said))
    whole, halved, rest = text.partition("个半")
    number = _parse_plain(whole)
    if number is None or rest or number >= _TOO_LARGE:
        return None
    return number + 0.5 if halved else number


def _parse_plain(text: str) -> float | None:
    if text == "半":
        return 0.5
    if _ARABIC.fullmatch(text):
        return float(text)
    if mixed := _MIXED.fullmatch(text):
        return float(mixed[1]) * _UNITS[mixed[2]]
    return _parse_decimal(text)


def _tidy(said: str) -> str:
    text = unicodedata.normalize("NFKC", said).strip()
    for fused, plain in _FUSED.items():
        text = text.replace(fused, plain)
    return text


def _parse_decimal(text: str) -> float | None:
    whole, point, fraction = text.partition("点")
    value = _parse_whole(whole)
    if value is None or not point:
        return value
    if not fraction or any(char not in _DIGITS for char in fraction):
        return None
    return float(f"{value}.{''.join(str(_DIGITS[char]) for char in fraction)}")


def _parse_whole(text: str) -> int | None:
    if not text or any(char not in _DIGITS and char not in _UNITS for char in text):
        return None
    if not any(char in _UNITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    if text[0] in "百千万亿" or _TWO_DIGITS.search(text):
        return None
    return _sum_units(text)


def _sum_units(text: str) -> int:
    """Adds up digits and units; `section` is the part below the next 万 or 亿."""
    total = section = 0
    digit: int | None = None
    last_unit, zero_said = 1, False
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
            zero_said = zero_said or digit == 0
            continue
        unit = _UNITS[char]
        if unit == 10**4:
            total, section = total + (section + (digit or 0)) * unit, 0
        elif unit > 10**4:
            total, section = (total + section + (digit or 0)) * unit, 0
        else:
            section += (1 if digit is None else digit) * unit
        digit, last_unit, zero_said = None, unit, False
    return total + section + _tail(digit, last_unit, zero_said=zero_said)


def _tail(digit: int | None, last_unit: int, *, zero_said: bool) -> int:
    if digit is None:
        return 0
    return digit * (last_unit // 10) if last_unit >= 100 and not zero_said else digit

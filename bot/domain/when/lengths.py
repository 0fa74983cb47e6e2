"""Lengths of time in minutes: 二十分钟, 一刻钟, 一个半小时; not 每20分钟, 半小时后, 五六分钟."""

import re

from bot.domain.numerals import NUMERAL_CHARS, parse_number
from bot.domain.when.corrections import is_taken_back
from bot.domain.when.found import LengthFound
from bot.domain.when.rule import INSIDE, parse_exact
from bot.domain.when.width import to_half_width

LONGEST_MINUTES = 480
"""A working day; what is longer (24小时血压) is no length of a visit."""

_HOUR = "(?:小时|钟头|(?:(?<=个)|(?<=个半))钟(?!头))"
_COUNT = f"[{NUMERAL_CHARS}]+"
_LENGTH = re.compile(
    f"(?<![{NUMERAL_CHARS}.第每隔差几负−-])(?<![{NUMERAL_CHARS}][到至~～、-])"
    f"(?:(?P<hours>{_COUNT}(?:\\.5)?)(?P<some>个半|个多|个来|多个|来个|个)?{_HOUR}(?P<half>半)?"
    f"(?:零?(?P<rest>{_COUNT})分钟?)?"
    f"|(?<![大小多])(?P<half_hour>半)个?[多来]?{_HOUR}"
    "|(?P<quarters>[一两三])刻[多来]?钟"
    f"|(?P<minutes>{_COUNT}[来多]?)\\s?(?:分钟|分[多来]钟|(?<=来)分|[Mm]ins?(?![A-Za-z])))"
)
_AFTERWARDS = re.compile(f"(?:之|以)?后|(?:之|以)?{INSIDE}|(?:之|以)?前|一[次针片粒]")
_DURING = re.compile("[聊谈待坐等讲说站开见呆碰过忙][了过]?$")
_CLINICAL = re.compile("[餐饭术药]后$|[大小]$")


def find_lengths(text: str) -> list[LengthFound]:
    """Every length of time of the text in minutes, up to a working day.

    About lengths count as the number itself (十来分钟 = 10, 一刻多钟 = 15, 半个来小时 = 30).
    What has no single value (五六分钟, 十几分钟, 大半个小时) gives nothing, nor does -5分钟.
    """
    plain = to_half_width(text)
    found: list[LengthFound] = []
    for match in _LENGTH.finditer(plain):
        minutes = _minutes(match)
        if minutes is None or not 0 < minutes <= LONGEST_MINUTES or _is_moment(match, plain):
            continue
        if found and is_taken_back(plain, (found[-1].start, found[-1].end), match.start()):
            found.pop()
        start, end = match.span()
        found.append(LengthFound(start, end, text[start:end], minutes))
    return found


def _minutes(match: re.Match[str]) -> int | None:
    if match["half_hour"]:
        return 30
    if match["quarters"]:
        return 15 * "一两三".index(match["quarters"]) + 15
    if match["minutes"]:
        return parse_exact(match["minutes"])
    return _hours(match)


def _hours(match: re.Match[str]) -> int | None:
    said = match["hours"]
    hours = parse_number(said) if "." in said else parse_exact(said)
    rest = parse_exact(match["rest"]) if match["rest"] else 0
    if hours is None or rest is None:
        return None
    half = 30 if match["some"] == "个半" or match["half"] else 0
    return int(hours * 60) + half + rest


def _is_moment(match: re.Match[str], plain: str) -> bool:
    """Whether the words name a point in time or a dosing interval (半小时后, 餐后两小时)."""
    before = plain[max(0, match.start() - 3) : match.start()]
    if _CLINICAL.search(before):
        return True
    return bool(_AFTERWARDS.match(plain, match.end())) and not _DURING.search(before)

"""Clock times: 下午三点一刻, 差十分四点, 14:30, 两点到两点半; not 九点二 and not 三点意见."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

from bot.domain.numerals import NUMERAL_CHARS, parse_int
from bot.domain.when.corrections import is_taken_back
from bot.domain.when.found import ClockFound
from bot.domain.when.width import to_half_width

_PARTS = {
    "night": "凌晨|半夜|深夜|夜里|夜间|后半夜",
    "morning": "早上|早晨|清晨|一大早|一早|大清早|清早|上午|今晨|今早|明早|早",
    "noon": "中午|正午|午间|晌午",
    "afternoon": "下午|午后",
    "evening": "傍晚|晚上|晚间|今晚|昨晚|明晚|当晚|晚",
}
_PART = "|".join(f"(?:{words})" for words in _PARTS.values())
_ABOUT = "大概|大约|差不多|快|将近|不到|约莫|刚过|过了"
_HOUR = (
    "(?:二十[一二三四]?|十[一二三四五六七八九]?|[零〇一二三四五六七八九两]|2[0-4]|1[0-9]|0?[0-9])"
)
_MINUTE = "(?:[二三四五]?十[一二三四五六七八九]?|[零〇][一二三四五六七八九]|[0-5][0-9])"
_LOOSE_MINUTE = f"(?:{_MINUTE}|[一二三四五六七八九1-9])"
_NOT_COUNTED = f"(?:(?<![{NUMERAL_CHARS}.第])|(?<=[周期拜][一二三四五六日]))"
_NO_RANGE = f"(?<![{NUMERAL_CHARS}][到至~—-])"


def _clock(tag: str) -> str:
    """The pattern of one clock time; group names end in `tag`, since a range has two."""
    before = f"(?:差(?P<less{tag}>一刻|{_LOOSE_MINUTE}分)钟?)?"
    after = (
        f"(?:(?P<half{tag}>半)|过?(?P<quarter{tag}>[一三])刻|过?(?P<minute{tag}>{_MINUTE})分?(?![钟点])"
        f"|过?(?P<single{tag}>[一二三四五六七八九1-9])分(?!钟)|差(?P<behind{tag}>一刻|{_LOOSE_MINUTE}分)|(?P<whole{tag}>钟|整|正(?![在好])))?"
    )
    spoken = f"{before}(?P<hour{tag}>{_HOUR})点{after}"
    written = f"(?P<digital{tag}>(?:[01]?[0-9]|2[0-3]):[0-5][0-9])(?![0-9:])"
    lead = f"(?P<part{tag}>{_PART})?(?:的?(?P<about{tag}>{_ABOUT}))?"
    return f"(?:{lead}(?:{written}|{_NOT_COUNTED}{spoken}))"


_CLOCK = re.compile(
    f"{_NOT_COUNTED}{_NO_RANGE}{_clock('')}"
    f"(?:(?:一直|[^\\W{NUMERAL_CHARS}点改推挪提延调换]){{0,6}}?[到至~—-]{_clock('2')})?"
    "(?P<vague>前后|左右|上下|来钟|多钟?|出头|过(?!来|去)|的样子)?"
)
_COUNTED_BEFORE = re.compile(
    "(?:[有提这那几讲说共纳列给调充述之]|主要|分成|以下)[了出过成为]?$"
    "|[降升涨高低掉跌减加][到至了]?$"
)
_CLOCK_AFTER = re.compile("[见到来去开走前后碰]|[之以]前|下班|集合")
_COUNTED_AFTER = re.compile(
    "儿?(?:意见|建议|要求|想法|体会|问题|原因|理由|内容|看法|共识|反馈|疑问|顾虑|好处|优势|不足|说明|提示"
    "|结论|需求|诉求|注意|变化|区别|感受|收获|启示|希望|考虑|质疑|担心|点|、|[:：]|[一二三四五六七八九零〇0-9])"
)
_RATIO_BEFORE = re.compile("(?:比例|比|滴度|稀释|比值)(?:是|为|约)?$")
_PART_NEARBY = re.compile(f"({_PART})[^。！？；点]{{0,10}}$")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One clock time as it was said."""

    part: str | None
    hour: int
    minute: int
    is_bare: bool
    vague: bool


def find_clocks(text: str) -> list[ClockFound]:
    """Every clock time of the text; 下午三点一刻 is 15:15, a bare 三点 in working hours is 15:00.

    Without a part of the day 1 to 6 are afternoon and 7 to 12 morning or noon. The end of a range
    is the first such time after its start. Decimals (九点二) and counted points (三点意见) are no
    clock times.
    """
    plain = to_half_width(text)
    found: list[ClockFound] = []
    part = None
    for match, first in _readings(plain):
        before = (found[-1].start, found[-1].end) if found else None
        corrects = before is not None and is_taken_back(plain, before, match.start())
        part = _part_of(first, match, plain) or (part if corrects else None)
        if corrects:
            found.pop()
        found.append(_found(match, text, first, part))
    return found


def _readings(plain: str) -> Iterator[tuple[re.Match[str], _Reading]]:
    for match in _CLOCK.finditer(plain):
        reading = _read(match, "")
        if reading and not _is_counted(match, plain, reading):
            yield match, reading


def _found(match: re.Match[str], text: str, first: _Reading, part: str | None) -> ClockFound:
    at, second = _place(first, part), _read(match, "2")
    until = _place_after(second, at) if second else None
    start, end = match.span()
    vague = first.vague or match["vague"] is not None or (second is not None and second.vague)
    return ClockFound(start, end, text[start:end], at, until, vague)


def _read(match: re.Match[str], tag: str) -> _Reading | None:
    part, vague = _part_name(match[f"part{tag}"]), match[f"about{tag}"] is not None
    if digital := match[f"digital{tag}"]:
        hour, minute = (int(piece) for piece in digital.split(":"))
        return _Reading(part, hour, minute, is_bare=False, vague=vague)
    spoken = parse_int(match[f"hour{tag}"] or "")
    if spoken is None:
        return None
    minutes = _minutes(match, tag)
    total = (spoken * 60 + (minutes or 0)) % (24 * 60)
    is_bare = minutes is None and match[f"whole{tag}"] is None
    return _Reading(part, total // 60, total % 60, is_bare=is_bare, vague=vague)


def _part_name(said: str | None) -> str | None:
    return next((name for name, words in _PARTS.items() if said in words.split("|")), None)


def _minutes(match: re.Match[str], tag: str) -> int | None:
    """Minutes after the full hour, negative for 差十分四点; None when none are said."""
    if match[f"half{tag}"]:
        return 30
    if quarter := match[f"quarter{tag}"]:
        return 15 if quarter == "一" else 45
    if less := match[f"less{tag}"] or match[f"behind{tag}"]:
        return -15 if less == "一刻" else -(parse_int(less.removesuffix("分")) or 0)
    said = match[f"minute{tag}"] or match[f"single{tag}"]
    return parse_int(said) if said else None


def _is_counted(match: re.Match[str], plain: str, reading: _Reading) -> bool:
    """Whether 点 counts points or decimals here, or the colon is a ratio."""
    if match["digital"]:
        return bool(_RATIO_BEFORE.search(plain[: match.start()]))
    if not reading.is_bare or _is_surely_a_clock(match):
        return False
    if _COUNTED_AFTER.match(plain, match.end()) or _is_a_bit(match, reading):
        return True
    before = plain[max(0, match.start() - 4) : match.start()]
    return not _CLOCK_AFTER.match(plain, match.end()) and bool(_COUNTED_BEFORE.search(before))


def _is_surely_a_clock(match: re.Match[str]) -> bool:
    return len(match["part"] or "") > 1 or match["vague"] not in (None, "多", "过")


def _is_a_bit(match: re.Match[str], reading: _Reading) -> bool:
    """「一点」 is a little, 「早一点」 a little earlier, 「晚两点」 a little later."""
    return reading.hour == 1 or (match["part"] is not None and reading.hour <= 3)


def _part_of(reading: _Reading, match: re.Match[str], plain: str) -> str | None:
    """The part of the day that was said with the time, or shortly before it."""
    if reading.part:
        return reading.part
    nearby = _PART_NEARBY.search(plain[max(0, match.start() - 14) : match.start()])
    return _part_name(nearby[1]) if nearby else None


def _place(reading: _Reading, part: str | None) -> time:
    return time(_hour(reading.hour, part), reading.minute)


def _hour(hour: int, part: str | None) -> int:
    if hour > 12 or hour == 0:
        return hour
    if part == "morning":
        return hour
    if part == "night":
        return hour % 12 if hour <= 6 or hour == 12 else hour + 12
    if part == "evening":
        return hour % 12 if hour <= 3 or hour == 12 else hour + 12
    if part == "noon":
        return hour + 12 if hour <= 3 else hour
    return hour + 12 if hour < 7 or (part == "afternoon" and hour < 12) else hour


def _place_after(reading: _Reading, start: time) -> time | None:
    """The end of a range: in the half of the day of its start, else the next such time."""
    if reading.part:
        end = _place(reading, reading.part)
        return end if end > start else None
    halves = (reading.hour, reading.hour + 12) if reading.hour <= 12 else (reading.hour,)
    ends = [time(hour, reading.minute) for hour in halves if hour < 24]
    return next((end for end in ends if end > start), None)

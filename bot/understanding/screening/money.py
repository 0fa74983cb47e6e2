"""Amounts of money as reps say them: 三百八, 一千二, 48元, 每人八百."""

import re

_DIGITS = {d: i for i, d in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "俩": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_DIGIT = "[零〇一二两三四五六七八九]"
_CHINESE = f"(?:(?:零?{_DIGIT}?[十百千])+零?{_DIGIT}?|{_DIGIT})"
_AMOUNT = re.compile(
    rf"(?P<number>\d[\d,]*(?:\.\d+)?|{_CHINESE})(?P<wan>万)?(?P<mark>多?(?:块|元|的(?!时)|人民币))?"
)
_PRICED = re.compile("(?:价|花了|花|值|人均|每人|每份|里面|装了|卡|标|餐标|付了?|共|才)$")


def yuan(text: str) -> float | None:
    """The largest amount of money said in the text, in yuan; None when no amount is said."""
    amounts = [_value(hit) for hit in _AMOUNT.finditer(text) if _is_money(text, hit)]
    return max(amounts, default=None)


def number(words: str) -> float:
    """The value of an Arabic or spoken Chinese number; 「三百八」 is 380."""
    if words[0].isdigit():
        return float(words.replace(",", ""))
    total, digit, scale = 0, 0, 1
    for char in words:
        if char in _SCALES:
            scale = _SCALES[char]
            total += (digit or 1) * scale
            digit = 0
        else:
            digit = _DIGITS[char]
    return float(total + digit * (scale // 10 if scale > 10 and words[-2] not in "零〇" else 1))


def _is_money(text: str, hit: re.Match[str]) -> bool:
    words = hit["number"]
    if hit["mark"]:
        return len(words) > 1 or words.isdigit() or "元" in hit["mark"] or "块" in hit["mark"]
    rounded = bool(re.search("[百千]", words)) and len(words) > 1
    followed = text[hit.end() : hit.end() + 1]
    if followed and followed in "盒支瓶片粒例人张个位份页字天床多米步号年":
        return False
    return bool(hit["wan"]) or rounded or bool(_PRICED.search(text[: hit.start()]))


def _value(hit: re.Match[str]) -> float:
    return number(hit["number"]) * (10_000 if hit["wan"] else 1)

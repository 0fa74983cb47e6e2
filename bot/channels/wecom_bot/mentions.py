"""Takes the @mention of the bot out of what was said in a group: WeCom only gives the text."""

import re
import unicodedata

MARK = "\u2005"
"""What the app puts behind a mention."""

_AT = "[@＠]"
_NO_ADDRESS_BEFORE = r"(?<![A-Za-z0-9._%+-])"
"""In front of the @ of an e-mail address there is one of these."""

_GAP = r"[\s\u200b\u2060\ufeff]+"
_TO_MARK = re.compile(rf"{_NO_ADDRESS_BEFORE}{_AT}[^@＠{MARK}\n]{{1,40}}{MARK}")
_TO_BLANK = re.compile(rf"{_NO_ADDRESS_BEFORE}{_AT}[^\s@＠]+")


def without_mention(text: str, name: str) -> str:
    """What is said to the bot of this name; mentions of others stay. Without a name, or when it is
    written in no way that we know, the first mention is taken for the bot's."""
    for pattern in (*_of(name), _TO_MARK, _TO_BLANK):
        found = pattern.search(text)
        if found is not None:
            return _without(text, found)
    return text.strip()


def _without(text: str, found: re.Match[str]) -> str:
    before = text[: found.start()].rstrip(" \u3000")
    after = text[found.end() :].lstrip(f" \u3000{MARK}" + ("" if before else "，,、：:"))
    left = f"{before} {after}" if before and after and before[-1] != "\n" else before + after
    return left.strip()


def _of(name: str) -> tuple[re.Pattern[str], ...]:
    """The name as a mention: first standing for itself, then with words right behind it."""
    words = unicodedata.normalize("NFKC", name).split()
    if not words:
        return ()
    spelled = _AT + _GAP.join("".join(map(_either_width, word)) for word in words)
    alone = rf"(?:{_NO_ADDRESS_BEFORE}{spelled}(?=[\s，。,.!！?？:：]|$)|{spelled}(?={MARK}))"
    joined = rf"{_NO_ADDRESS_BEFORE}{spelled}(?![A-Za-z0-9])"
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in (alone, joined))


def _either_width(sign: str) -> str:
    """A character as it is, or as wide as a Chinese one."""
    wide = chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign
    return f"[{re.escape(sign)}{re.escape(wide)}]"

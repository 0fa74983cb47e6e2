"""Cleans what people typed or pasted, so that no invisible character hides a word from a rule."""

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_KEPT_CONTROLS = "\n\t"
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
"""Unicode categories: control, format (zero-width, direction marks), half of a surrogate pair."""
_FULL_WIDTH = {
    code: code - 0xFEE0
    for first, last in ("０９", "ＡＺ", "ａｚ")
    for code in range(ord(first), ord(last) + 1)
}


def clean(text: str) -> str:
    """The text with nothing unseen in it, to be called once where a message comes in.

    Control characters (except line ends and tabs), format characters and lone surrogates go;
    full-width digits and letters become ASCII; Chinese punctuation stays as it was typed. Always
    gives text that UTF-8 can hold; cleaning twice changes nothing.
    """
    lines = _LINE_ENDS.sub("\n", text).translate(_FULL_WIDTH)
    return "".join(char for char in lines if char in _KEPT_CONTROLS or not _is_unseen(char))


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN

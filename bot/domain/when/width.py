"""Full-width digits and signs as half-width ones, character for character, so that places stay."""

_PUNCTUATION = "，！？；"
"""Stays full-width, since the rules read it as the end of a clause."""
_HALF_WIDTH = {
    wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F) if chr(wide) not in _PUNCTUATION
} | {0x3000: 0x20}


def to_half_width(text: str) -> str:
    """The same text, equally long, with full-width letters, digits and signs as ASCII."""
    return text.translate(_HALF_WIDTH)

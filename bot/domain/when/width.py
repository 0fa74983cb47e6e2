"""Full-width digits and signs as half-width ones, character for character, so that places stay."""

_HALF_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
_KEEP = (ord("，"), ord("！"), ord("？"), ord("；"))


def to_half_width(text: str) -> str:
    """The same text, equally long, with full-width letters, digits and signs as ASCII."""
    return text.translate({full: half for full, half in _HALF_WIDTH.items() if full not in _KEEP})

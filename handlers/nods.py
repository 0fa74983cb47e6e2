"""确认 or 取消 in words, as the answer to a card that was just shown."""

_YES = ("确认", "好", "好的", "可以", "行", "对", "嗯", "是的")
_NO = ("取消", "算了", "不用了", "不要", "不加了")
_CLOSING = " 。！!"


def is_nod(words: str) -> bool:
    """Whether the words are a yes or a no and nothing else."""
    return words.strip(_CLOSING) in (*_YES, *_NO)


def is_yes(words: str) -> bool:
    """Whether the words agree."""
    return words.strip(_CLOSING) in _YES

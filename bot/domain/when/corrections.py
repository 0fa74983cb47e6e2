"""Tells that a speaker took one time phrase back for the next (「周三，不对，周四」)."""

import re

_TAKEN_BACK = re.compile(
    "(?:[^。！？；，,]{0,6}[，,、。…\\s]*)?(?:后来|后面|现在|又|再)?"
    "(?:哦|噢|喔|啊|呃|嗯|哎|诶|唉)?[，,]?"
    "(?:(?<=[哦噢啊呃])不|不对不对|不对|不不|说错|讲错|记错|口误|错了|不是|更正|应该是"
    "|改[到成为在]|换[到成]|挪到|推[到迟]+到?|延[到期]+到?|提前到|调到)"
    "了?[，,。…\\s]*(?:应该)?(?:改[到成为])?(?:说?的?是|在|就是)?[，,\\s]*"
)
_NEGATED = re.compile("(?:不是|并非|不在)$")
_INSTEAD = re.compile("[^。！？；，,]{0,4}[，,、]?\\s*而?是")


def is_taken_back(plain: str, first: tuple[int, int], second_start: int) -> bool:
    """Whether the words between two phrases replace the first, at `first`, by the second."""
    start, end = first
    between = plain[end:second_start]
    if _TAKEN_BACK.fullmatch(between):
        return True
    return bool(_NEGATED.search(plain[max(0, start - 2) : start]) and _INSTEAD.fullmatch(between))

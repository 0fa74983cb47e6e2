"""Where in a sentence a name can stand, and where the same characters are something else."""

import functools

from bot.domain.names import load_names, title_at

_BOUNDARY = "，。！？；、,.!?;：:「」『』“”\"'（）() \n\t"
_WEEKS = ("上", "下", "本", "这", "每")
_PLACES = ("科", "院", "内", "外", "部", "中心", "诊", "店", "办", "区")


def follows_verb(text: str, start: int) -> bool:
    """Whether a word that takes a person, or a place, comes directly before."""
    return text.endswith((*load_names().context.before, *_PLACES), 0, start)


def opens(text: str, start: int) -> bool:
    """Whether a name can start here: at a boundary, or after a word that takes a person."""
    return start == 0 or text[start - 1] in _BOUNDARY or follows_verb(text, start)


def follows_post(text: str, start: int) -> bool:
    """Whether a post that has no other holder comes directly before (「新来的规培医生孟想」)."""
    before = text[:start]
    post = next((post for post in load_names().context.posts if before.endswith(post)), "")
    return bool(post) and (opens(text, start - len(post)) or before[: -len(post)].endswith("新"))


def closes(text: str, end: int) -> bool:
    """Whether a name can end here: at a boundary or before a function word."""
    return end == len(text) or text[end] in _BOUNDARY or text[end] in load_names().context.function


def looks_private(text: str, start: int) -> bool:
    """Whether the name at `start` is that of a patient or a relative (「患者赵桂花」)."""
    return text.endswith(_private_words(), 0, start)


@functools.cache
def _private_words() -> tuple[str, ...]:
    context = load_names().context
    return tuple(who + link for who in context.private for link in context.private_links)


def is_tail_of_name(text: str, start: int) -> bool:
    """Whether a surname directly before makes a longer name (阳 of 欧阳, 建 of 李建华)."""
    names = load_names()
    if start < 1:
        return False
    if text[start - 1 : start + 1] in names.compound_surnames:
        return True
    is_surname = text[start] in names.surnames and text[start] not in names.given_like
    return text[start - 1] in names.surnames and not is_surname


def goes_on(text: str, end: int) -> bool:
    """Whether one more character and then a title follow (国主任 after 「李建」)."""
    following = text[end : end + 1]
    return (
        bool(following)
        and "\u4e00" <= following <= "\u9fff"
        and following not in load_names().context.function
        and bool(title_at(text, end + 1))
        and not title_at(text, end)
    )


def is_inside_title(text: str, start: int) -> bool:
    """Whether a title covers `start` from before (the 任 of 「主任副主任」)."""
    return any(
        len(title_at(text, first)) > start - first for first in range(max(0, start - 4), start)
    )


def is_week(text: str, start: int) -> bool:
    """Whether 周 is a week here (「上周医生都在开会」), not a surname."""
    return text.startswith("周", start) and text[max(0, start - 1) : start] in _WEEKS


def reads_as_word(text: str, start: int, end: int) -> bool:
    """Whether a bare two-character name is rather an everyday word here: a verb after a pronoun
    (「他许诺下周给」), or a common word where nobody speaks or is met (「高原地区」)."""
    context = load_names().context
    if end - start != 2 or title_at(text, end):
        return False
    if text.endswith(context.pronouns, 0, start) and text.startswith(context.verbal, end):
        return True
    if text[start:end] not in context.not_names:
        return False
    return not (text.startswith(context.speaks, end) or follows_verb(text, start))

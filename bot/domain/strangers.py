"""Names of people whom nobody knows yet, found by how Chinese names look and where they stand."""

from collections.abc import Iterator

from bot.domain.names import load_names, split_title, surname_at, title_at
from bot.domain.standing import closes, follows_post, follows_verb, is_inside_title, is_week, opens


def stranger_spans(text: str) -> Iterator[tuple[int, int]]:
    """Spans that look like a name: surname and title (「钱主任」), full name and title
    (「韩冰医生」), full names where somebody is introduced (「新来的叫韩冰」), and 小 or 老 with a
    surname where somebody is met or speaks (「和小孟」)."""
    at = 0
    while at < len(text):
        end = _titled(text, at) or _introduced(text, at) or _nicknamed(text, at)
        if end:
            yield at, end
        at = end or at + 1


def looks_like_name(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` without a title can be a full name where it stands."""
    names = load_names()
    surname = surname_at(text, start)
    if not surname or not is_given(text[start + len(surname) : end]):
        return False
    if text[start : start + 2] in names.context.not_names:
        return False
    return surname in names.surnames or len(surname) == 2 or opens(text, start)


def _titled(text: str, at: int) -> int:
    surname = surname_at(text, at)
    if not surname:
        return 0
    for length in (0, 1, 2):
        name_end = at + len(surname) + length
        title = title_at(text, name_end)
        if title and not load_names().by_title[title].known_only and _is_name(text, at, name_end):
            return name_end + len(title)
    return 0


def _is_name(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` before a title is a whole name rather than the end of a phrase."""
    names = load_names()
    surname = surname_at(text, start)
    given = text[start + len(surname) : end]
    if text[start : start + 2] in names.context.not_names or is_inside_title(text, start):
        return False
    if is_week(text, start):
        return False
    if not _can_start(surname, text, start):
        return False
    if not given:
        return not ends_a_name(text, start)
    last_is_surname = given[-1] in names.surnames and given[-1] not in names.given_like
    return is_given(given) and not last_is_surname and opens(text, start)


def _can_start(surname: str, text: str, start: int) -> bool:
    """Whether this surname is one here: 和 only after a verb, 常 where a name opens."""
    names = load_names()
    if surname in names.particles:
        return follows_verb(text, start)
    return surname not in names.weak_surnames or opens(text, start)


def ends_a_name(text: str, start: int) -> bool:
    """Whether the one-character surname is really the end of a full name (「陈晓华主任」)."""
    names = load_names()
    if text[start] not in names.given_like:
        return False
    for back in (2, 1):
        first = start - back
        if first >= 0 and text[first] in names.surnames and is_given(text[first + 1 : start + 1]):
            return opens(text, first) and text[first : first + 2] not in names.context.not_names
    return False


def is_given(given: str) -> bool:
    """Whether the characters can be a given name: Chinese, and no function words."""
    function = load_names().context.function
    if given in load_names().compound_surnames:
        return False
    return all(_is_hanzi(c) and c not in function for c in given)


def _is_hanzi(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _introduced(text: str, at: int) -> int:
    names = load_names()
    surname = surname_at(text, at)
    common = text[at : at + 2] in names.context.not_names
    if common or not (surname in names.surnames or len(surname) == 2):
        return 0
    first = at + len(surname)
    ends = [end for end in (first + 2, first + 1) if end <= len(text) and is_given(text[first:end])]
    if text.endswith(names.context.introduces, 0, at) or follows_post(text, at):
        return next((end for end in ends if _is_whole(text, end)), 0)
    return next((end for end in ends if text.startswith(names.context.newcomer, end)), 0)


def _is_whole(text: str, end: int) -> bool:
    """Whether a name can end here: it closes, or its bearer acts."""
    return closes(text, end) or text.startswith(load_names().context.speaks, end)


def _nicknamed(text: str, at: int) -> int:
    names = load_names()
    end = at + 2
    known = text.startswith(("小", "老"), at) and text[at + 1 : end] in names.surnames
    if not known or text[at:end] in names.context.not_names:
        return 0
    placed = follows_verb(text, at) or follows_post(text, at)
    return end if placed and _is_whole(text, end) else 0


def is_full_name(words: str) -> bool:
    """Whether the words are a surname and a given name of one or two characters."""
    surname = surname_at(words, 0)
    given = words[len(surname) :]
    return bool(surname) and len(given) in (1, 2) and is_given(given)


def is_named(mention: str) -> bool:
    """Whether a mention names somebody (「韩冰」, 「钱主任」), not just a role (「护士」)."""
    core, title = split_title(mention)
    known = load_names().by_title.get(title)
    if core[:1] in ("小", "老") and core[1:] in load_names().surnames:
        return True
    if is_full_name(core):
        return core[:2] not in load_names().context.not_names
    return known is not None and not known.known_only and bool(core) and surname_at(core, 0) == core

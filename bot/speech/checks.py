"""What a transcript must not be: made up, an echo of the hint, a loop, or a live conversation."""

import re

from bot.speech.hints import OPENING, Hint
from bot.speech.words import any_of, words

_FASTEST = 12.0
"""Characters a second; fast Mandarin is 7 to 8, with pauses it is 4 to 5."""

_LISTED = 4
"""So many names of the hint and nothing else are a list read out, not an answer."""

_OWN_SHARE = 0.1
_LONGEST_ANSWER = 20
_OPENING_KNOWN = 6
_BETWEEN = "产品|客户|地点|副?主任|医生|教授|和"
_LOOP_SHARE = 0.5
_ADDRESSED = 3
"""A dictation quotes 「您好」 once or twice; a conversation goes on like that."""

_TOLD = 2
"""From so many tellings (「他说」, 「聊了二十分钟」) on, it is a dictation."""

_CAPTION_LENGTH = 60

_TAG = re.compile(r"<\|[^|<>]{0,24}\|>|[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f]")
_NOT_A_WORD = re.compile(r"[\W_]+")
_LABELS = re.compile("(?:产品|客户|地点)[：:]")
_LOOP = re.compile(r"(\D)\1{7,}|(\D.{1,59}?)\2{4,}")
_QUOTED = re.compile(r"[「“\"『][^」”\"』]{0,80}[」”\"』]")


def cleaned(text: str) -> str:
    """The transcript without a model's marks and without subtitles at its ends; empty when nothing
    that was said is left."""
    said = _without_ends(_TAG.sub("", text).strip())
    bare = _bare(said)
    if not bare or any_of(words().made_up.alone).fullmatch(bare):
        return ""
    return said


def _without_ends(text: str) -> str:
    """Cut off subtitles, sentence by sentence from both ends."""
    sentences = [part for part in re.split(r"(?<=[。！？!?\n])", text) if _bare(part)]
    made_up = any_of(words().made_up.ends)
    while sentences and _is_made_up(made_up, sentences[-1]):
        sentences.pop()
    while sentences and _is_made_up(made_up, sentences[0]):
        sentences.pop(0)
    return "".join(sentences).strip()


def _is_made_up(made_up: re.Pattern[str], sentence: str) -> bool:
    return not made_up.sub("", _bare(sentence))


def _bare(text: str) -> str:
    return _NOT_A_WORD.sub("", text).lower()


def is_echo(text: str, hint: Hint) -> bool:
    """Whether the model only read the hint back, in whole or in pieces.

    A short answer of one to three names (「李建国主任」) is no echo.
    """
    said = _bare(text)
    if not said or not hint.text:
        return False
    marked = _bare(OPENING)[:_OPENING_KNOWN] in said or bool(_LABELS.search(text))
    if said in _bare(hint.text):
        return marked or len(said) > _LONGEST_ANSWER
    names = sum(_bare(term) in said for term in hint.terms)
    return (marked or names >= _LISTED) and _left(said, hint) <= _OWN_SHARE * len(said)


def _left(said: str, hint: Hint) -> int:
    """How many characters of `said` are not words of the hint."""
    words_of_hint = (*hint.terms, *re.split("[，。：、]", OPENING))
    known = sorted({_bare(word) for word in words_of_hint} - {""}, key=len, reverse=True)
    return len(re.sub("|".join((*map(re.escape, known), _BETWEEN)), "", said))


def is_loop(text: str) -> bool:
    """Whether the model got stuck: one thing over and over is half of the transcript or more."""
    said = _bare(text)
    stuck = sum(len(found.group()) for found in _LOOP.finditer(said))
    return stuck > 0 and stuck >= _LOOP_SHARE * len(said)


def is_too_fast(text: str, seconds: float) -> bool:
    """Whether nobody could have said so much in the time."""
    return len(_bare(text)) > _FASTEST * max(seconds, 1.0)


def is_live_caption(caption: str) -> bool:
    """Whether the words that came along say that it is a recording of a customer."""
    return _is_called_live(caption[:_CAPTION_LENGTH])


def is_live(text: str) -> bool:
    """Whether a transcript is a conversation with a customer, not a dictation about one (SY-10).

    A rep who tells of a visit, and of having recorded it, is heard: the screen flags that.
    """
    told = _count(words().live.narrated, text)
    return (_is_called_live(text) and told < _TOLD) or _is_conversation(text, told)


def _is_called_live(text: str) -> bool:
    live = words().live
    excuses = any_of(live.called_unless)
    sentences = re.split(r"[。！？!?；;\n]", text)
    return any(any_of(live.called).search(one) and not excuses.search(one) for one in sentences)


def _is_conversation(text: str, told: int) -> bool:
    """Who talks to a customer says 您 again and again; who tells of a visit says 他 and 我跟他说.
    What somebody is said to have said does not count."""
    own = re.sub(words().live.reported, "。", _QUOTED.sub("。", text))
    addressed = _count(words().live.addressed, own)
    return addressed >= _ADDRESSED and addressed > 2 * told


def _count(patterns: tuple[str, ...], text: str) -> int:
    return sum(1 for _ in any_of(patterns).finditer(text))

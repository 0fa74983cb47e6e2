"""Tells a new request from the answer to an open question, without looking anything up."""

import re

_REQUEST = re.compile(r"谁|啥|什么|哪[位个些几]|多少|待办|提醒我|预案|帮我|情况|[?？吗+＋/]")
_NAME = re.compile(r"[\u4e00-\u9fff·]{1,8}")

PATIENT_WORDS = (
    r"患者|病人|家属|住院|不良|反应|副作用|药后|吃了|吃完|服用|用了"
    r"|疹|晕|吐|过敏|休克|昏|出血|痛|疼|死"
)
"""What may tell of a side effect: words for a regex that keep a sentence from being taken as a
command, so that it is screened as a dictation."""


def is_request(words: str) -> bool:
    """Whether the words ask for something (「明天下午去看谁」) rather than answer."""
    return _REQUEST.search(words) is not None


def is_name(words: str) -> bool:
    """Whether the words can be a name, a title or a nickname."""
    return _NAME.fullmatch(words.strip()) is not None and not is_request(words)

"""A long message takes work in proportion to its length, however it is made."""

import sys
from types import FrameType

import pytest

from benchmarks.dictation_speed import NASTY, roster, structured

_SHORT, _LONG = 250, 750
_SLACK = 1.6
_ROSTER = roster()


def _calls(text: str) -> int:
    """How many functions are called to understand the text, the second time, when what is kept for
    good is loaded; unlike time, always the same."""
    structured(text, _ROSTER)
    counted = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        structured(text, _ROSTER)
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize("unit", NASTY.values(), ids=NASTY)
def test_three_times_the_words_are_three_times_the_work(unit: str) -> None:
    opening = "见了李主任聊了二十分钟，"
    short = _calls((opening + unit * _SHORT)[:_SHORT])
    long = _calls((opening + unit * _LONG)[:_LONG])
    assert long < short * (_LONG / _SHORT) * _SLACK

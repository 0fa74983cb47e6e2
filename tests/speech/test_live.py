"""A conversation with a customer is refused, a dictation about one is not (SY-10)."""

import tomllib
from itertools import chain

import pytest

from bot.speech.checks import is_live, is_live_caption
from tests.speech.sounds import HERE, TEXTS

TABLES = [
    tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
    for name in ("live", "live_second", "live_third", "live_fourth")
]


def sentences(key: str) -> list[str]:
    return list(chain.from_iterable(table.get(key, []) for table in TABLES))


@pytest.mark.parametrize("text", sentences("refused"))
def test_a_recorded_conversation_is_refused(text: str) -> None:
    assert is_live(text)


@pytest.mark.parametrize("text", sentences("accepted") + TEXTS)
def test_a_dictation_is_not(text: str) -> None:
    assert not is_live(text)


def test_so_is_everything_together() -> None:
    assert not is_live("".join(TEXTS))


@pytest.mark.parametrize("caption", sentences("captions_refused"))
def test_a_caption_that_says_so_is_enough(caption: str) -> None:
    assert is_live_caption(caption)


@pytest.mark.parametrize("caption", sentences("captions_accepted"))
def test_other_captions_are_fine(caption: str) -> None:
    assert not is_live_caption(caption)

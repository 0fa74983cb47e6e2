"""Buttons by number: which words are a number, what it means, and how each person likes it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import ChannelDownError
from bot.channels.wecom.choices import HINTS, LASTS, Choices, Offer, number_in
from bot.messages import Button
from tests.channels.memory_shelf import MemoryShelf

T = TypeVar("T")

BUTTONS = (Button("确认", "note.confirm:1"), Button("修改", "note.change:1"))


def with_choices(act: Callable[[Choices, MemoryShelf], Awaitable[T]]) -> T:
    """What an act comes to, on an empty shelf."""

    async def run() -> T:
        shelf = MemoryShelf()
        return await act(Choices(shelf), shelf)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        *[("1", 1), ("１", 1), ("①", 1), (" 2 ", 2), ("13", 13), ("07", 7)],
        *[("1.", 1), ("1。", 1), ("1、", 1), ("1）", 1), ("选1", 1), ("选 2", 2), ("第2个", 2)],
        *[("2号", 2), ("2 个", 2), ("0", 0)],
        *[(text, None) for text in ("", "一", "1 确认", "确认", "1 2", "1,2", "123", "-1", "1.5")],
        *[(text, None) for text in ("选", "第二个", "2点", "1天", "(1)", "2026", "见了2个", "1!")],
    ],
)
def test_which_words_are_a_number(said: str, meant: int | None) -> None:
    assert number_in(said) == meant


@given(st.text(max_size=12))
def test_no_words_break_it(said: str) -> None:
    assert number_in(said) in {None, *range(100)}


@pytest.mark.parametrize(
    ("said", "pressed"),
    [
        ("1", ("note.confirm:1", "n1")),
        ("选2", ("note.change:1", "n1")),
        ("0", None),
        ("3", None),
        ("确认", None),
    ],
)
def test_a_number_means_what_was_offered(said: str, pressed: tuple[str, str] | None) -> None:
    async def act(choices: Choices, _: MemoryShelf) -> None:
        await choices.offer("c", BUTTONS, "n1", numbered=True)
        assert await choices.chosen("c", said) == pressed
        assert await choices.chosen("d", said) is None

    with_choices(act)


def test_numbers_that_were_not_offered_mean_nothing() -> None:
    async def act(choices: Choices, _: MemoryShelf) -> None:
        assert await choices.chosen("c", "1") is None
        await choices.offer("c", BUTTONS, "c1", numbered=False)
        assert await choices.chosen("c", "1") is None
        assert await choices.latest("c") == Offer(BUTTONS, "c1", False)

    with_choices(act)


def test_the_last_offer_counts() -> None:
    async def act(choices: Choices, _: MemoryShelf) -> None:
        await choices.offer("c", BUTTONS, "n1", numbered=True)
        await choices.offer("c", BUTTONS[1:], None, numbered=True)
        assert await choices.chosen("c", "1") == ("note.change:1", None)
        assert await choices.chosen("c", "2") is None
        await choices.offer("c", BUTTONS, "c1", numbered=False)
        assert await choices.chosen("c", "1") is None

    with_choices(act)


@pytest.mark.parametrize(("late", "known"), [(-1, True), (1, False)])
def test_an_offer_is_over_after_three_days(late: int, known: bool) -> None:
    async def act(choices: Choices, shelf: MemoryShelf) -> None:
        await choices.offer("c", BUTTONS, "n1", numbered=True)
        later = datetime.now(UTC) + LASTS + timedelta(seconds=late * 5)
        shelf.now = lambda: later
        assert (await choices.chosen("c", "1") is not None) == known

    with_choices(act)


def test_words_are_not_looked_up() -> None:
    """Most of what is said is no number, and must not need the database here."""

    async def act(choices: Choices, shelf: MemoryShelf) -> None:
        shelf.away = True
        assert await choices.chosen("c", "见了陆主任") is None
        with pytest.raises(ChannelDownError):
            await choices.chosen("c", "1")

    with_choices(act)


def test_the_way_out_is_told_a_few_times_to_each() -> None:
    async def act(choices: Choices, _: MemoryShelf) -> None:
        manners = [await choices.manner("c") for _ in range(HINTS + 2)]
        assert manners == [(True, True)] * HINTS + [(True, False)] * 2
        assert await choices.manner("d") == (True, True)

    with_choices(act)


def test_what_a_person_wants_is_kept() -> None:
    async def act(choices: Choices, _: MemoryShelf) -> None:
        await choices.prefer("c", numbers=True)
        assert await choices.manner("c") == (False, False)
        assert await choices.manner("d") == (True, True)
        await choices.prefer("c", numbers=False)
        assert await choices.manner("c") == (True, False)

    with_choices(act)

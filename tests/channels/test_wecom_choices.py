"""What each chat was offered is kept, and so is how each person likes to choose."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from bot.channel import ChannelDownError
from bot.channels.wecom.cards import ASK
from bot.channels.wecom.choices import (
    BUTTONS_ON,
    HINTS,
    LASTS,
    LONGEST_WORDS,
    NO_BUTTONS,
    NUMBERS_ON,
    PREFERENCE_LASTS,
    WANTS_BUTTONS,
    WANTS_NUMBERS,
    Choices,
)
from bot.channels.wecom.screen import Offer
from bot.messages import Incoming
from tests.channels.memory_shelf import MemoryShelf

T = TypeVar("T")

BUTTONS = (("确认", "note.confirm:1"), ("修改", "note.change:1"))
START = datetime(2026, 12, 1, 9, tzinfo=UTC)


@dataclass
class Desk:
    """Choices on an empty shelf, at `now`."""

    cards: bool = True
    now: datetime = START
    said: int = 0
    shelf: MemoryShelf = field(default_factory=MemoryShelf)

    def __post_init__(self) -> None:
        self.shelf.now = lambda: self.now
        self.choices = Choices(self.shelf, lambda: self.now, cards=self.cards)

    def passes(self, seconds: float) -> None:
        """Time."""
        self.now += timedelta(seconds=seconds)

    async def says(self, text: str, chat: str = "c") -> tuple[str, str] | None:
        """What is meant by what somebody says now."""
        self.said += 1
        incoming = Incoming("wecom", f"m{self.said}", chat, self.now, text=text, chat=chat)
        return await self.choices.chosen(incoming)


def at_desk(act: Callable[[Desk], Awaitable[T]], *, cards: bool = True) -> T:
    """What an act comes to."""

    async def run() -> T:
        return await act(Desk(cards))

    return asyncio.run(run())


def numbered(on: str = "n1", start: int = 1, answers: str | None = None) -> Offer:
    return Offer(BUTTONS, on, start=start, answers=answers, title="存吗？")


def on_card(on: str = "c1") -> Offer:
    return Offer(BUTTONS, on, is_card=True, title="存吗？")


# What was offered


def test_each_chat_has_its_own_screen() -> None:
    async def act(desk: Desk) -> None:
        await desk.choices.offer("c", numbered())
        assert await desk.says("1", "d") is None
        assert await desk.says(" 1 ") == ("note.confirm:1", "n1")
        assert await desk.says("1") is None

    at_desk(act)


def test_a_number_is_free_until_it_is_offered() -> None:
    async def act(desk: Desk) -> None:
        assert await desk.choices.free_number("c", numbered("n2")) == 1
        await desk.choices.offer("c", numbered())
        assert await desk.choices.free_number("c", numbered("n2")) == 3
        assert await desk.choices.free_number("d", numbered("n2")) == 1
        desk.passes(61)
        assert await desk.choices.free_number("c", numbered("n2")) == 1

    at_desk(act)


def test_several_processes_at_once_take_a_choice_once() -> None:
    async def act(desk: Desk) -> None:
        await desk.choices.offer("c", numbered())
        taken = await asyncio.gather(*[desk.says("1") for _ in range(5)])
        assert [each for each in taken if each] == [("note.confirm:1", "n1")]

    at_desk(act)


@pytest.mark.parametrize(("late", "known"), [(-5, True), (5, False)])
def test_an_offer_is_over_after_three_days(late: int, known: bool) -> None:
    async def act(desk: Desk) -> None:
        await desk.choices.offer("c", numbered())
        desk.passes(LASTS.total_seconds() + late)
        assert (await desk.says("1") is not None) == known

    at_desk(act)


def test_a_press_uses_it_up() -> None:
    async def act(desk: Desk) -> None:
        await desk.choices.offer("c", numbered())
        await desk.choices.offer("c", numbered("n2", 3))
        await desk.choices.spend("c", "n1")
        assert await desk.says("1") is None
        assert await desk.says("3") == ("note.confirm:1", "n2")

    at_desk(act)


def test_a_plain_answer_to_a_later_message_ends_it() -> None:
    async def act(desk: Desk) -> None:
        await desk.choices.offer("c", numbered(answers="m1"))
        await desk.choices.end("c", "m1")
        await desk.choices.end("d", "m2")
        assert await desk.says("1") is not None
        await desk.choices.offer("c", numbered("n2", answers="m1"))
        await desk.choices.end("c", "m2")
        assert await desk.says("1") is None

    at_desk(act)


def test_long_words_are_not_looked_up() -> None:
    """A dictation is no button's words, and must not need the database here."""

    async def act(desk: Desk) -> None:
        desk.shelf.away = True
        assert await desk.says("见" * (LONGEST_WORDS + 1)) is None
        assert await desk.says(" ") is None
        with pytest.raises(ChannelDownError):
            await desk.says("1")

    at_desk(act)


# How somebody likes it


def test_the_way_out_is_told_beside_the_first_three_cards_of_each() -> None:
    async def act(desk: Desk) -> None:
        manners = [await desk.choices.manner("c", f"c{place}") for place in range(HINTS + 2)]
        assert manners == [(True, True)] * HINTS + [(True, False)] * 2
        assert await desk.choices.manner("d", "c1") == (True, True)

    at_desk(act)


def test_a_card_that_is_sent_again_has_the_same_words_beside_it() -> None:
    """Else it would be another message for WeCom, and be shown twice."""

    async def act(desk: Desk) -> None:
        for place in range(HINTS + 1):
            first = await desk.choices.manner("c", f"c{place}")
            assert await desk.choices.manner("c", f"c{place}") == first
        assert first == (True, False)

    at_desk(act)


@pytest.mark.parametrize("words", sorted(WANTS_NUMBERS))
def test_what_a_person_wants_is_kept(words: str) -> None:
    async def act(desk: Desk) -> None:
        assert await desk.choices.switch("c", words)
        assert await desk.choices.manner("c", "c1") == (False, False)
        assert await desk.choices.manner("d", "c1") == (True, True)
        desk.passes(PREFERENCE_LASTS.total_seconds() - 60)
        assert await desk.choices.switch("c", min(WANTS_BUTTONS))
        assert await desk.choices.manner("c", "c1") == (True, False)

    at_desk(act)


@pytest.mark.parametrize("words", ["", "用数字吧", "数字", "按钮", "用 数字"])
def test_other_words_change_nothing(words: str) -> None:
    async def act(desk: Desk) -> None:
        assert not await desk.choices.switch("c", words)
        assert desk.shelf.kept == {}

    at_desk(act)


def test_who_wants_numbers_is_offered_the_latest_with_what_it_is_about() -> None:
    async def act(desk: Desk) -> None:
        await desk.choices.offer("c", on_card())
        await desk.choices.switch("c", "用数字")
        told = await desk.choices.say_manner("c")
        assert told == f"{NUMBERS_ON}\n\n存吗？\n\n回复数字：1 确认　2 修改"
        assert ASK not in told
        assert await desk.says("2") == ("note.change:1", "c1")
        assert await desk.choices.say_manner("c") == NUMBERS_ON

    at_desk(act)


def test_labels_with_digits_are_told_as_words() -> None:
    async def act(desk: Desk) -> None:
        labels = (("完成 1", "todo.done:1"), ("推迟 1", "todo.later:1"))
        await desk.choices.offer("c", Offer(labels, "c1", is_card=True, title="送资料"))
        await desk.choices.switch("c", "用数字")
        told = await desk.choices.say_manner("c")
        assert told == f"{NUMBERS_ON}\n\n送资料\n\n回按钮上的字：完成 1　推迟 1"
        assert await desk.says("1") is None
        assert await desk.says("推迟1") == ("todo.later:1", "c1")

    at_desk(act)


def test_a_number_sent_before_the_numbers_were_told_does_not_count() -> None:
    async def act(desk: Desk) -> None:
        await desk.choices.offer("c", on_card())
        desk.passes(600)
        await desk.choices.switch("c", "用数字")
        desk.passes(-1)
        assert await desk.says("1") is None
        desk.passes(5)
        assert await desk.says("1") is not None

    at_desk(act)


@pytest.mark.parametrize(("cards", "told"), [(True, BUTTONS_ON), (False, NO_BUTTONS)])
def test_who_wants_buttons_hears_whether_there_are_any(cards: bool, told: str) -> None:
    async def act(desk: Desk) -> None:
        assert await desk.choices.switch("c", "用按钮")
        assert await desk.choices.say_manner("c") == told
        assert await desk.choices.manner("c", "c1") == (cards, False)

    at_desk(act, cards=cards)


def test_where_cards_are_off_nobody_is_told_how_to_do_without() -> None:
    async def act(desk: Desk) -> None:
        assert await desk.choices.manner("c", "c1") == (False, False)
        assert desk.shelf.kept == {}

    at_desk(act, cards=False)

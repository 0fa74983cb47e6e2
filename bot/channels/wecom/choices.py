"""Buttons that are answered in words or by number: each person's screen, and how each likes it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from bot.channel import Shelf
from bot.channels.wecom.cards import tell_choices
from bot.channels.wecom.screen import Offer, Screen
from bot.messages import Incoming

T = TypeVar("T")

LASTS = timedelta(days=3)
PREFERENCE_LASTS = timedelta(days=400)

WANTS_NUMBERS = frozenset({"用数字", "看不到按钮", "没有按钮", "看不到卡片", "不显示按钮"})
WANTS_BUTTONS = frozenset({"用按钮", "用卡片"})
NUMBERS_ON = "好，以后按钮都写成数字，回数字就行。想换回来就说「用按钮」。"
BUTTONS_ON = "好，以后还是发按钮。看不到就说「用数字」。"
NO_BUTTONS = "这里发不了按钮，还是回数字。"
HINTS = 3
"""So often a person is told how to do without cards."""

LONGEST_WORDS = 30
"""What is longer is no button's words, and need not be looked up."""


class Choices:
    """What each chat was offered, and how each person likes it; without `cards` nobody is shown
    any."""

    def __init__(self, shelf: Shelf, now: Callable[[], datetime], *, cards: bool = True) -> None:
        self._shelf = shelf
        self._now = now
        self._cards = cards

    async def free_number(self, chat: str, offer: Offer) -> int:
        """The first number for an offer that is to be made."""
        return Screen.load(await self._shelf.get(_key(chat))).free_number(offer, self._time())

    async def offer(self, chat: str, offer: Offer) -> None:
        """Keep what was offered."""
        now = self._time()
        await self._change(chat, lambda screen: screen.add(offer, now))

    async def chosen(self, incoming: Incoming) -> tuple[str, str] | None:
        """The button that is meant by what was said, and the message it is on. Raises
        ChannelDownError."""
        said = incoming.text.strip()
        if not 0 < len(said) <= LONGEST_WORDS:
            return None

        def take(screen: Screen) -> tuple[str, str] | None:
            return screen.take(said, incoming.at.timestamp(), incoming.id)

        if take(Screen.load(await self._shelf.get(_key(incoming.chat)))) is None:
            return None
        return await self._change(incoming.chat, take)

    async def spend(self, chat: str, on: str) -> None:
        """A button of that message was pressed. Raises ChannelDownError."""
        await self._change(chat, lambda screen: screen.spend(on))

    async def end(self, chat: str, answers: str) -> None:
        """Something else was answered since: from now on a number is what it says."""
        screen = Screen.load(await self._shelf.get(_key(chat)))
        if [offer for offer in screen.offers if offer.answers != answers]:
            await self._change(chat, lambda now: now.keep(lambda each: each.answers == answers))

    async def switch(self, chat: str, said: str) -> bool:
        """Whether somebody said that they want to choose otherwise from now on, which is kept.
        Raises ChannelDownError."""
        if said not in WANTS_NUMBERS and said not in WANTS_BUTTONS:
            return False
        numbers = said in WANTS_NUMBERS
        wanted = "numbers" if numbers else "buttons"
        await self._shelf.put(f"prefers:{chat}", wanted, PREFERENCE_LASTS)
        if numbers:
            now = self._time()
            await self._change(chat, lambda screen: screen.number_latest(now))
        return True

    async def say_manner(self, chat: str) -> str:
        """How somebody chooses now, and by number what there is to choose. Raises
        ChannelDownError."""
        if await self._shelf.get(f"prefers:{chat}") != "numbers":
            return BUTTONS_ON if self._cards else NO_BUTTONS
        screen = Screen.load(await self._shelf.get(_key(chat)))
        if not screen.offers:
            return NUMBERS_ON
        latest = screen.offers[-1]
        return tell_choices(f"{NUMBERS_ON}\n\n{latest.title}", latest.shown, latest.start)

    async def manner(self, chat: str, on: str) -> tuple[bool, bool]:
        """Whether a person sees cards, and whether to tell beside the one of that id how to do
        without; counts as told, and once when it is sent again. Raises ChannelDownError."""
        if not self._cards:
            return False, False

        def told(kept: str | None) -> tuple[str | None, tuple[bool, bool]]:
            if kept in {"numbers", "buttons"}:
                return kept, (kept == "buttons", False)
            beside = (kept or "").split()
            if on not in beside and len(beside) < HINTS:
                beside.append(on)
            return " ".join(beside), (True, on in beside)

        return await self._shelf.change(f"prefers:{chat}", told, PREFERENCE_LASTS)

    async def _change(self, chat: str, to: Callable[[Screen], T]) -> T:
        def changed(kept: str | None) -> tuple[str | None, T]:
            screen = Screen.load(kept)
            told = to(screen)
            return screen.dump(), told

        return await self._shelf.change(_key(chat), changed, LASTS)

    def _time(self) -> float:
        return self._now().timestamp()


def _key(chat: str) -> str:
    return f"offers:{chat}"

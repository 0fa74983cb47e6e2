"""Buttons by number, for people whose WeCom shows no cards: what was offered, what was chosen."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.channel import Shelf
from bot.channels.wecom.cards import number
from bot.messages import Button

LASTS = timedelta(days=3)
PREFERENCE_LASTS = timedelta(days=400)
NUMBERS_ON = "好，以后按钮都写成数字，回数字就行。想换回来就说「用按钮」。"
BUTTONS_ON = "好，以后还是发按钮。看不到就说「用数字」。"
HINTS = 3
"""So often a person is told how to do without cards."""

WANTS_NUMBERS = frozenset({"用数字", "看不到按钮", "没有按钮", "看不到卡片", "不显示按钮"})
WANTS_BUTTONS = frozenset({"用按钮", "用卡片"})

_NUMBER = re.compile(r"(?:选|第)?\s*(\d{1,2})\s*[个号.、。)]?")


@dataclass(frozen=True, slots=True)
class Offer:
    """The buttons that a person saw last, and the platform's id of the message they were on."""

    buttons: tuple[Button, ...]
    on: str | None
    numbered: bool


class Choices:
    """What each chat was offered, and how each person likes it."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def offer(
        self, chat: str, buttons: Sequence[Button], on: str | None, *, numbered: bool
    ) -> None:
        """Keep what was offered in place of what was before."""
        offered = [[button.label, button.id] for button in buttons]
        kept = json.dumps({"buttons": offered, "on": on, "numbered": numbered})
        await self._shelf.put(f"choices:{chat}", kept, LASTS)

    async def latest(self, chat: str) -> Offer | None:
        """What was offered last, unless it is too old."""
        kept = await self._shelf.get(f"choices:{chat}")
        if kept is None:
            return None
        found = json.loads(kept)
        buttons = tuple(Button(label, id_) for label, id_ in found["buttons"])
        return Offer(buttons, found["on"], found["numbered"])

    async def chosen(self, chat: str, text: str) -> tuple[str, str | None] | None:
        """The button that a bare number means, and the message it is on; None when it means
        none."""
        place = number_in(text)
        offer = await self.latest(chat) if place is not None else None
        if offer is None or not offer.numbered or not 0 < (place or 0) <= len(offer.buttons):
            return None
        return offer.buttons[(place or 0) - 1].id, offer.on

    async def forget_numbers(self, chat: str) -> None:
        """From now on a number is what it says: something else was answered."""
        offer = await self.latest(chat)
        if offer is not None and offer.numbered:
            await self._shelf.change(f"choices:{chat}", lambda _: (None, None), LASTS)

    async def switch(self, chat: str, said: str) -> bool:
        """Whether somebody said that they want to choose otherwise from now on, which is kept.
        Raises ChannelDownError."""
        if said not in WANTS_NUMBERS and said not in WANTS_BUTTONS:
            return False
        numbers = said in WANTS_NUMBERS
        await self.prefer(chat, numbers=numbers)
        offer = await self.latest(chat) if numbers else None
        if offer is not None:
            await self.offer(chat, offer.buttons, offer.on, numbered=True)
        return True

    async def say_manner(self, chat: str) -> str:
        """How somebody chooses now, and by number what there is to choose. Raises
        ChannelDownError."""
        cards, _ = await self.manner(chat)
        offer = None if cards else await self.latest(chat)
        text = BUTTONS_ON if cards else NUMBERS_ON
        return number(text, offer.buttons) if offer else text

    async def prefer(self, chat: str, *, numbers: bool) -> None:
        """Keep how a person wants to choose."""
        wanted = "numbers" if numbers else "buttons"
        await self._shelf.put(f"prefers:{chat}", wanted, PREFERENCE_LASTS)

    async def manner(self, chat: str) -> tuple[bool, bool]:
        """Whether a person sees cards, and whether to tell how to do without; counts as told."""

        def told(kept: str | None) -> tuple[str | None, tuple[bool, bool]]:
            if kept in {"numbers", "buttons"}:
                return kept, (kept == "buttons", False)
            times = int(kept or 0)
            return str(min(times + 1, HINTS)), (True, times < HINTS)

        return await self._shelf.change(f"prefers:{chat}", told, PREFERENCE_LASTS)


def number_in(text: str) -> int | None:
    """The number that a text is, with no more than 「选」 or a full stop about it."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return int(found[1]) if found else None

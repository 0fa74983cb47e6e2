"""Buttons by number, for people whose WeCom shows no cards: what was offered, what was chosen."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.channel import Shelf
from bot.messages import Button

LASTS = timedelta(days=3)
PREFERENCE_LASTS = timedelta(days=400)
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
        if place is None:
            return None
        offer = await self.latest(chat)
        if offer is None or not offer.numbered or not 0 < place <= len(offer.buttons):
            return None
        return offer.buttons[place - 1].id, offer.on

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

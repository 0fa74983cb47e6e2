"""What people do at Telegram, as the updates that it causes."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.channels.telegram_server import PlayedTelegram


@dataclass
class Crowd:
    """Anybody who writes to the bot; messages are numbered from 100 on."""

    telegram: PlayedTelegram
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(100))
    _seconds: Iterator[int] = field(default_factory=itertools.count)

    async def says(self, account: int, text: str) -> int:
        """Somebody writes; the number of the message."""
        return await self.sends(account, text=text)

    async def sends(self, account: int, **content: Any) -> int:
        """Somebody sends something; the number of the message."""
        number = next(self._numbers)
        await self.telegram.says(message=message(account, number, **content))
        return number

    async def edits(self, account: int, number: int, text: str) -> None:
        """Somebody changes what was written, and takes at least a second for it."""
        edited_at = int(time.time()) + next(self._seconds)
        changed = message(account, number, text=text, edit_date=edited_at)
        await self.telegram.says(edited_message=changed)

    async def presses(self, account: int, data: str, card: int) -> None:
        """Somebody presses a button of the message with the number `card`."""
        query = {
            "id": str(next(self._numbers)),
            "from": person(account),
            "chat_instance": "1",
            "data": data,
            "message": {"message_id": card, "date": 1, "chat": chat(account), "text": "卡片"},
        }
        await self.telegram.says(callback_query=query)


def person(account: int) -> dict[str, Any]:
    """Somebody as Telegram describes people."""
    return {"id": account, "is_bot": False, "first_name": "某人"}


def chat(account: int) -> dict[str, Any]:
    """The private chat with somebody."""
    return {"id": account, "type": "private", "first_name": "某人"}


def message(account: int, number: int, **content: Any) -> dict[str, Any]:
    """Something written in it just now."""
    return {
        "message_id": number,
        "date": int(time.time()),
        "chat": chat(account),
        "from": person(account),
        **content,
    }

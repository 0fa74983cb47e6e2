"""WeCom's official client of AI bots in a node process, to see that the played server is the one it
knows."""

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.channels.telegram_server import until
from tests.channels.wecom_bot_server import BOT, SECRET
from tests.channels.wecom_node import FOLDER, NoNodeError, install


@dataclass
class NodeBot:
    """Gives orders to the process; `heard` is what the client said it heard, in order."""

    process: Process
    heard: list[dict[str, Any]] = field(default_factory=list)
    _done: dict[int, dict[str, Any]] = field(default_factory=dict)
    _orders: int = 0

    def connect(self, url: str, secret: str = SECRET) -> None:
        """Connect and subscribe."""
        self._tell({"do": "connect", "url": url, "bot": BOT, "secret": secret})

    async def does(self, what: str, **fields: Any) -> dict[str, Any]:
        """An order of wecom_bot.mjs, and what came of it."""
        self._orders += 1
        number = self._orders
        self._tell({"id": number, "do": what, **fields})
        await until(lambda: number in self._done)
        return self._done.pop(number)

    async def hears(self, name: str) -> Any:
        """The frame of the newest event of this name, once there is one."""
        await until(lambda: any(one["heard"] == name for one in self.heard))
        return [one for one in self.heard if one["heard"] == name][-1].get("frame")

    async def listen(self) -> None:
        """Note what the process says."""
        assert self.process.stdout
        async for line in self.process.stdout:
            said = json.loads(line)
            if "heard" in said:
                self.heard.append(said)
            else:
                self._done[said["id"]] = said

    def _tell(self, order: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order).encode() + b"\n")


@asynccontextmanager
async def node_bot() -> AsyncIterator[NodeBot]:
    """A client that is not connected yet. The test is skipped without node."""
    try:
        node = await asyncio.to_thread(install)
    except NoNodeError as error:
        pytest.skip(f"WeCom's own packages cannot be used: {error}")
    script = str(FOLDER / "wecom_bot.mjs")
    process = await asyncio.create_subprocess_exec(
        node, script, stdin=PIPE, stdout=PIPE, limit=2**24
    )
    bot = NodeBot(process)
    listening = asyncio.create_task(bot.listen())
    try:
        yield bot
    finally:
        process.kill()
        await process.wait()
        await listening

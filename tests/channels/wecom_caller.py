"""WeCom's callbacks made by a node process with the official @wecom/crypto."""

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Unpack

import pytest

from tests.channels.wecom_callbacks import (
    AES_KEY,
    CALLBACK_TOKEN,
    CallbackCaller,
    Delivery,
    Line,
    Manner,
)
from tests.channels.wecom_node import FOLDER, NoNodeError, install

GONE = "the node process ended"


@dataclass
class NodeCaller(CallbackCaller):
    """Gives orders to the process and waits for what came of them."""

    process: Process
    _waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    _orders: int = 0

    async def verify(self, **manner: Unpack[Manner]) -> Delivery:
        """GET with an echostr; the answer must be its text."""
        return _delivery(await self.order("verify", **manner))

    async def raw(self, text: str, **manner: Unpack[Manner]) -> Delivery:
        """POST; any answer but 200 in time is repeated."""
        return _delivery(await self.order("post", xml=text, **manner))

    async def order(self, what: str, **fields: Any) -> dict[str, Any]:
        """Any order of wecom_caller.mjs."""
        if self.process.returncode is not None:
            raise ConnectionError(GONE)
        self._orders += 1
        number = self._orders
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self.tell({"id": number, "do": what, **fields})
        return await self._waiting[number]

    def tell(self, order: dict[str, Any]) -> None:
        """Write one line."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order).encode() + b"\n")

    async def listen(self) -> None:
        """Hand outcomes to those who wait; all fail when the process is gone."""
        assert self.process.stdout
        async for line in self.process.stdout:
            outcome = json.loads(line)
            waiting = self._waiting.pop(outcome["id"])
            if not waiting.done():
                waiting.set_result(outcome)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError(GONE))


def _delivery(outcome: dict[str, Any]) -> Delivery:
    return Delivery(
        tuple(outcome["statuses"]),
        outcome["milliseconds"],
        outcome["body"],
        outcome["right"],
        tuple(outcome["replayed"]),
    )


@asynccontextmanager
async def wecom_caller(
    callback_url: str, token: str = CALLBACK_TOKEN, aes_key: str = AES_KEY, **more: Any
) -> AsyncIterator[NodeCaller]:
    """A caller for a URL; `more` are the other fields of Line. The test is skipped without node."""
    try:
        node = await asyncio.to_thread(install)
    except NoNodeError as error:
        pytest.skip(f"WeCom's own packages cannot be used: {error}")
    script = str(FOLDER / "wecom_caller.mjs")
    process = await asyncio.create_subprocess_exec(
        node, script, stdin=PIPE, stdout=PIPE, limit=2**24
    )
    assert process.stdin
    line = Line(callback_url, token, aes_key, **more)
    caller = NodeCaller(line, process=process)
    caller.tell({"do": "configure", **asdict(line)})
    listening = asyncio.create_task(caller.listen())
    try:
        yield caller
    finally:
        process.stdin.close()
        process.kill()
        await process.wait()
        await listening

"""Serving processes that are started, killed and started again, as on real machines."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.channels.telegram_server import TOKEN

SERVE = ("bot", "serve")


@dataclass
class Replica:
    """One `serve` process; its log stays in the data folder."""

    environment: dict[str, str]
    log: Path
    port: int
    command: tuple[str, ...] = SERVE
    _process: subprocess.Popen[bytes] | None = None
    kills: int = 0

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - ours
                [sys.executable, "-m", *self.command],
                env=os.environ | self.environment | {"WEB_PORT": str(self.port)},
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """As a power cut would."""
        self._end(signal.SIGKILL)
        self.kills += 1

    def stop(self) -> int:
        """As an administrator would; the exit code."""
        return self._end(signal.SIGTERM)

    async def is_up(self, seconds: float = 60) -> None:
        """Wait until it serves. Raises TimeoutError."""
        async with asyncio.timeout(seconds), httpx2.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    if (await client.get(f"http://127.0.0.1:{self.port}/healthz")).is_success:
                        return
                except httpx2.HTTPError:
                    pass
                await asyncio.sleep(0.05)

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        return self._process.wait(60)

    def give_up(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self._process is not None and self._process.poll() is None:
            self.kill()


@dataclass
class Installation:
    """A database and a data folder for all replicas; `platform` says where a played platform is,
    `more` what else is set."""

    database_url: str
    data: Path
    platform: dict[str, str]
    more: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = SERVE

    @asynccontextmanager
    async def running(self, count: int) -> AsyncIterator[list[Replica]]:
        """So many processes of this installation, up and serving; none is left at the end."""
        replicas = [self._replica(f"replica-{number}") for number in range(count)]
        try:
            for replica in replicas:
                replica.start()
            await asyncio.gather(*(replica.is_up() for replica in replicas))
            yield replicas
        finally:
            for replica in replicas:
                replica.give_up()

    def _replica(self, name: str) -> Replica:
        environment = {
            "DATABASE_URL": self.database_url,
            "DATA_DIR": str(self.data),
            "STOP_SECONDS": "5",
            "PUSH_SECONDS": "3600",
            **self.platform,
            **self.more,
        }
        return Replica(environment, self.data / f"{name}.log", free_port(), self.command)


def telegram_at(url: str) -> dict[str, str]:
    """The settings of a bot at a played Telegram."""
    return {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": url,
        "ALLOW_CROSS_BORDER": "true",
        "CROSS_BORDER_BASIS": "benchmark",
    }


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

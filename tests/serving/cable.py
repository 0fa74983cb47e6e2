"""The cable between the program and its PostgreSQL server, which a test can pull out."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import Engine, text


@dataclass
class Cable:
    """A way for TCP connections to the server; pulled out, it ends them and lets no new ones in."""

    database: Engine
    loop: asyncio.AbstractEventLoop
    port: int = 0
    plugged: bool = True
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)

    def pull(self) -> None:
        """Every connection breaks."""
        self.plugged = False
        self.loop.call_soon_threadsafe(self._break)

    def _break(self) -> None:
        for end in list(self._ends):
            end.transport.abort()

    def plug(self) -> None:
        """Connections are let through again."""
        self.plugged = True

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways."""
        if not self.plugged:
            writer.transport.abort()
            return
        there = await _reach(self.database)
        self._ends |= {writer, there[1]}
        try:
            await asyncio.gather(_pump(reader, there[1]), _pump(there[0], writer))
        finally:
            self._ends -= {writer, there[1]}

    @property
    def address(self) -> str:
        """The database's address by this way."""
        url = self.database.url.set(host="127.0.0.1", port=self.port)
        return url.render_as_string(hide_password=False)


async def _reach(database: Engine) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The server itself, by its socket unless an address was given."""
    if database.url.host:
        return await asyncio.open_connection(database.url.host, database.url.port or 5432)
    with database.connect() as connection:
        folders = connection.execute(text("SHOW unix_socket_directories")).scalar_one()
        port = connection.execute(text("SHOW port")).scalar_one()
    folder = folders.split(",")[0].strip()
    return await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


@contextmanager
def cable(database: Engine) -> Iterator[Cable]:
    """One that is plugged in; it lives in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    way = Cable(database, loop)
    listening = asyncio.start_server(way.carry, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result()
    way.port = server.sockets[0].getsockname()[1]
    try:
        yield way
    finally:
        way.pull()
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.1), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

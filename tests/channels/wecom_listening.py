"""An ASGI app on a free loopback port, whose connections can be cut."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.requests import Request
from starlette.types import ASGIApp


class Listener(uvicorn.Server):
    """A server inside somebody else's event loop: it leaves signals alone and ends at once."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        quiet = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
        super().__init__(quiet)
        # Told its protocol, asyncio turns Nagle off: each answer would be 40 ms late
        self._socket = socket.socket(proto=socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def open(self) -> None:
        """Listen."""
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup([self._socket])

    async def close(self) -> None:
        """Cut all connections, without waiting for what is under way."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        self._socket.close()

    def cut(self, request: Request) -> None:
        """Cut the connection that a request came over."""
        for connection in list(self.server_state.connections):
            if connection.transport.get_extra_info("peername") == tuple(request.client or ()):
                connection.transport.abort()


@asynccontextmanager
async def listening(app: ASGIApp, port: int = 0) -> AsyncIterator[Listener]:
    """While the app is reached at `.url`."""
    listener = Listener(app, port)
    await listener.open()
    try:
        yield listener
    finally:
        await listener.close()

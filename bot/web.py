"""The web server: what platforms call, whether all is well, and figures."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Health:
    """Whether each part does its work; all must."""

    parts: dict[str, bool]

    @property
    def ok(self) -> bool:
        """Whether all is well."""
        return all(self.parts.values())


class Server(uvicorn.Server):
    """Leaves the signals to the program around it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured."""
        yield


def web_server(
    routes: Sequence[BaseRoute],
    metrics: Metrics,
    health: Callable[[], Health],
    *,
    host: str,
    port: int,
) -> Server:
    """The server, ready to serve."""

    async def healthz(_: Request) -> Response:
        found = await run_in_threadpool(health)
        return JSONResponse({"ok": found.ok, **found.parts}, 200 if found.ok else 503)

    async def figures(_: Request) -> Response:
        return PlainTextResponse(metrics.text(), media_type="text/plain; version=0.0.4")

    own = [Route("/healthz", healthz), Route("/metrics", figures)]
    app = Starlette(routes=[*own, *routes])
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return Server(config)

"""The least that a bot can do on the same transport: a webhook that echoes, and keeps nothing.

`python -m benchmarks.echo_bot PORT TELEGRAM_URL TOKEN` is what the price of durability is measured
against.
"""

import asyncio
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, Update


def echo_app(bot: Bot) -> Starlette:
    """Acknowledges at once and sends the text back."""
    errands: set[asyncio.Task[object]] = set()

    async def called(request: Request) -> Response:
        update = Update.de_json(await request.json(), bot)
        if update.message is not None:
            chat, text = update.message.chat_id, update.message.text or "…"
            errand: asyncio.Task[object] = asyncio.create_task(bot.send_message(chat, text))
            errands.add(errand)
            errand.add_done_callback(errands.discard)
        return Response()

    async def healthz(_: Request) -> Response:
        return Response()

    return Starlette(
        routes=[Route("/telegram/updates", called, methods=["POST"]), Route("/healthz", healthz)]
    )


async def main() -> None:
    """Serve until killed."""
    port, telegram, token = sys.argv[1:4]
    bot = Bot(token, base_url=f"{telegram}/bot")
    await bot.initialize()
    await uvicorn.Server(
        uvicorn.Config(echo_app(bot), port=int(port), access_log=False, log_level="warning")
    ).serve()


if __name__ == "__main__":
    asyncio.run(main())

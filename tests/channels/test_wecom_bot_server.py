"""The played WeCom keeps the rules of an AI bot's platform, so that tests which pass there mean
something."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.channels.wecom.errors import CodeError
from bot.channels.wecom_bot.link import Frame, Link
from tests.channels.telegram_server import until
from tests.channels.wecom_bot_phones import (
    BAD_PARAMETER,
    BAD_REQUEST,
    BAD_TYPE,
    NOBODY,
    RESPONDED,
    TASK_TAKEN,
    TOO_LATE,
    TOO_MANY,
)
from tests.channels.wecom_bot_play import SHORT, bot_at
from tests.channels.wecom_bot_server import USER, PlayedBotServer, played_bot_server

Scene = Callable[[PlayedBotServer, Link], Awaitable[None]]
RESPOND, PUSH, UPDATE = "aibot_respond_msg", "aibot_send_msg", "aibot_respond_update_msg"


def play(scene: Scene) -> PlayedBotServer:
    """Run a scene with a client that does as it is told."""

    async def run() -> PlayedBotServer:
        async with played_bot_server() as server:
            link, heard = Link(bot_at(server.url), SHORT), list[Frame]()
            task = asyncio.create_task(link.run(heard.append))
            await until(lambda: link.ready)
            await scene(server, link)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return server

    return asyncio.run(run())


async def code_of(asking: Awaitable[Any]) -> int:
    """What a command comes to."""
    try:
        await asking
    except CodeError as error:
        return error.code
    return 0


def bubble(content: str = "好", *, finish: bool = True, name: str = "s") -> Frame:
    """A frame of a bubble."""
    return {"msgtype": "stream", "stream": {"id": name, "finish": finish, "content": content}}


def markdown(content: str = "早") -> Frame:
    """A message that answers nothing."""
    return {"chatid": USER, "chat_type": 1, "msgtype": "markdown", "markdown": {"content": content}}


def card(task: str = "t1", count: int = 2) -> Frame:
    """A card with so many buttons."""
    buttons = [{"text": f"选{n}", "key": f"k{n}"} for n in range(count)]
    made = {
        "card_type": "button_interaction",
        "main_title": {"title": "选一个"},
        "button_list": buttons,
        "task_id": task,
    }
    return {"chatid": USER, "chat_type": 1, "msgtype": "template_card", "template_card": made}


def test_a_fourth_message_is_kept_back_until_one_has_its_answer() -> None:
    async def scene(server: PlayedBotServer, link: Link) -> None:
        first = await server.says(USER, "一")
        for text in ("二", "三", "四"):
            await server.says(USER, text)
        assert server.kept_back == [USER]
        await link.ask(RESPOND, bubble(finish=False), first)
        assert not await server.says(USER, "五")
        await link.ask(RESPOND, bubble(), first)
        assert await server.says(USER, "六")
        server.ahead += 361
        assert await server.says(USER, "七")

    play(scene)


def test_a_bubble_ends_once_and_in_time_and_has_one_name() -> None:
    async def scene(server: PlayedBotServer, link: Link) -> None:
        asked = await server.says(USER, "一")
        assert await code_of(link.ask(RESPOND, bubble(finish=False), asked)) == 0
        assert await code_of(link.ask(RESPOND, bubble(name="other"), asked)) == RESPONDED
        assert await code_of(link.ask(RESPOND, bubble("x" * 20_481), asked)) == BAD_PARAMETER
        assert await code_of(link.ask(RESPOND, bubble(" "), asked)) == BAD_PARAMETER
        assert await code_of(link.ask(RESPOND, bubble(), asked)) == 0
        assert await code_of(link.ask(RESPOND, bubble(), asked)) == RESPONDED
        late = await server.says(USER, "二")
        server.ahead += 361
        assert await code_of(link.ask(RESPOND, bubble(name="l"), late)) == TOO_LATE
        assert await code_of(link.ask(RESPOND, bubble(), "never-asked")) == BAD_REQUEST

    play(scene)


def test_everything_counts_in_a_conversation() -> None:
    async def scene(server: PlayedBotServer, link: Link) -> None:
        asked = await server.says(USER, "一")
        for _ in range(10):
            await link.ask(RESPOND, bubble(finish=False), asked)
        for _ in range(20):
            await link.ask(PUSH, markdown())
        assert await code_of(link.ask(RESPOND, bubble(), asked)) == TOO_MANY
        assert await code_of(link.ask(PUSH, markdown())) == TOO_MANY
        server.ahead += 61
        assert await code_of(link.ask(PUSH, markdown())) == 0

    play(scene)


def test_pushes_go_to_those_who_wrote_and_are_of_known_kinds() -> None:
    async def scene(server: PlayedBotServer, link: Link) -> None:
        assert await code_of(link.ask(PUSH, markdown())) == NOBODY
        server.phones.wrote.add(USER)
        text = {"chatid": USER, "chat_type": 1, "msgtype": "text", "text": {"content": "早"}}
        assert await code_of(link.ask(PUSH, text)) == BAD_TYPE

    play(scene)


def test_cards_have_six_buttons_at_most_and_ids_of_their_own() -> None:
    async def scene(server: PlayedBotServer, link: Link) -> None:
        server.phones.wrote.add(USER)
        assert await code_of(link.ask(PUSH, card(count=7))) == BAD_PARAMETER
        assert await code_of(link.ask(PUSH, card(count=0))) == BAD_PARAMETER
        assert await code_of(link.ask(PUSH, card("not one"))) == BAD_PARAMETER
        assert await code_of(link.ask(PUSH, card())) == 0
        assert await code_of(link.ask(PUSH, card())) == TASK_TAKEN

    play(scene)


@pytest.mark.parametrize(("seconds", "code"), [(4, 0), (6, BAD_REQUEST)])
def test_a_pressed_card_is_changed_within_five_seconds(seconds: int, code: int) -> None:
    async def scene(server: PlayedBotServer, link: Link) -> None:
        server.phones.wrote.add(USER)
        await link.ask(PUSH, card())
        asked = await server.presses(USER, "选1")
        assert await code_of(link.ask(RESPOND, bubble(), asked)) == BAD_REQUEST
        server.ahead += seconds
        body = {"response_type": "update_template_card", **card(count=1)}
        assert await code_of(link.ask(UPDATE, body, asked)) == code

    assert len(play(scene).shown_to(USER)[0].buttons) == (1 if code == 0 else 2)


def test_a_file_comes_whole_or_not_at_all() -> None:
    async def scene(server: PlayedBotServer, link: Link) -> None:
        init = {"type": "file", "filename": "a.txt", "total_size": 9, "total_chunks": 1}
        for wrong in ({"total_chunks": 101}, {"total_size": 600_000}, {"type": "book"}):
            asked = link.ask("aibot_upload_media_init", {**init, **wrong})
            assert await code_of(asked) == BAD_PARAMETER
        begun = await link.ask("aibot_upload_media_init", init)
        assert await code_of(link.ask("aibot_upload_media_finish", begun)) == BAD_PARAMETER
        chunk = {**begun, "chunk_index": 0, "base64_data": "eHh4eHh4eHh4"}
        assert await code_of(link.ask("aibot_upload_media_chunk", chunk)) == 0
        server.ahead += 31 * 60
        assert await code_of(link.ask("aibot_upload_media_finish", begun)) == BAD_PARAMETER

    play(scene)

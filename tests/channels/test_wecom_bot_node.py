"""WeCom's official client works with the played server: what our own client learns there, it would
find at WeCom."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

from tests.channels.telegram_server import until
from tests.channels.wecom_bot_node import NodeBot, node_bot
from tests.channels.wecom_bot_phones import BAD_SECRET, NOBODY, RESPONDED, TASK_TAKEN, TOO_LATE
from tests.channels.wecom_bot_play import bot_at, playing
from tests.channels.wecom_bot_server import USER, PlayedBotServer, played_bot_server

Scene = Callable[[PlayedBotServer, NodeBot], Awaitable[None]]
CARD = {
    "card_type": "button_interaction",
    "main_title": {"title": "保存？"},
    "button_list": [{"text": "确认", "key": "ok"}, {"text": "修改", "key": "no"}],
    "task_id": "t-1",
}


def play(scene: Scene) -> PlayedBotServer:
    """Run a scene once the official client is subscribed."""

    async def run() -> PlayedBotServer:
        async with played_bot_server() as server, node_bot() as node:
            node.connect(server.url)
            await node.hears("authenticated")
            await scene(server, node)
            return server

    return asyncio.run(run())


async def refused(doing: Awaitable[dict[str, Any]]) -> int:
    """The code of what is not done."""
    return int((await doing)["code"])


def test_it_subscribes_hears_a_message_and_answers_in_one_bubble() -> None:
    async def scene(server: PlayedBotServer, node: NodeBot) -> None:
        await server.says(USER, "见了王主任")
        frame = await node.hears("message.text")
        assert frame["body"]["text"]["content"] == "见了王主任"
        reply = {"frame": frame, "stream": "s-1"}
        await node.does("stream", **reply, content="收到，正在整理…", finish=False)
        assert not server.shown_to(USER)[0].ended
        await node.does("stream", **reply, content="记好了", finish=True)
        again = node.does("stream", **reply, content="再来", finish=True)
        assert await refused(again) == RESPONDED

    (bubble,) = play(scene).shown_to(USER)
    assert (bubble.text, bubble.ended, bubble.frames) == ("记好了", True, 2)


def test_it_learns_that_a_bubble_is_too_old() -> None:
    async def scene(server: PlayedBotServer, node: NodeBot) -> None:
        await server.says(USER, "见了王主任")
        frame = await node.hears("message.text")
        server.ahead += 361
        late = node.does("stream", frame=frame, stream="s-1", content="晚了", finish=True)
        assert await refused(late) == TOO_LATE

    play(scene)


def test_it_pushes_a_card_and_changes_it_when_it_is_pressed() -> None:
    async def scene(server: PlayedBotServer, node: NodeBot) -> None:
        body = {"msgtype": "template_card", "template_card": CARD}
        assert await refused(node.does("push", chat=USER, body=body)) == NOBODY
        server.phones.wrote.add(USER)
        await node.does("push", chat=USER, body=body)
        assert await refused(node.does("push", chat=USER, body=body)) == TASK_TAKEN
        await server.presses(USER, "确认")
        frame = await node.hears("event.template_card_event")
        click = frame["body"]["event"]["template_card_event"]
        assert (click["event_key"], click["task_id"]) == ("ok", "t-1")
        worn = {**CARD, "button_list": [{"text": "已选：确认", "key": "-"}]}
        await node.does("update", frame=frame, card=worn)

    (card,) = play(scene).shown_to(USER)
    assert list(card.buttons.values()) == ["已选：确认"]


def test_it_sends_a_file_in_pieces_and_opens_one_that_came() -> None:
    content = bytes(range(256)) * 6000

    async def scene(server: PlayedBotServer, node: NodeBot) -> None:
        server.phones.wrote.add(USER)
        sent = base64.b64encode(content).decode()
        file = {"kind": "file", "name": "本周.xlsx", "content": sent}
        assert "answer" in await node.does("send_file", chat=USER, **file)
        await server.file(USER, "名单 1.xlsx", content)
        frame = await node.hears("message.file")
        came = (await node.does("download", **frame["body"]["file"]))["answer"]
        assert (came["name"], came["content"]) == ("名单 1.xlsx", sent)

    (file,) = play(scene).shown_to(USER)
    assert (file.kind, file.text, file.data) == ("file", "本周.xlsx", content)


def test_it_welcomes_and_is_told_of_voices() -> None:
    async def scene(server: PlayedBotServer, node: NodeBot) -> None:
        await server.enters(USER)
        frame = await node.hears("event.enter_chat")
        await node.does("welcome", frame=frame, text="您好")
        await server.voice(USER, "刚见了王主任")
        voice = await node.hears("message.voice")
        assert voice["body"]["voice"]["content"] == "刚见了王主任"

    assert play(scene).texts() == ["您好"]


def test_it_sees_the_kick_and_leaves_the_bot_to_us() -> None:
    async def scene(server: PlayedBotServer, node: NodeBot) -> None:
        async with playing(server, bot=bot_at(server.url)) as ours:
            await node.hears("event.disconnected_event")
            await node.hears("disconnected")
            assert ours.channel.ready
            await server.says(USER, "早")
            await ours.heard()
        assert not any(one["heard"] == "message.text" for one in node.heard)

    play(scene)


def test_it_comes_back_after_the_network_failed() -> None:
    async def scene(server: PlayedBotServer, node: NodeBot) -> None:
        server.cut()
        await until(lambda: server.subscriptions == 2 and server.subscribed)
        await until(lambda: server.pings >= 2)

    play(scene)


def test_a_wrong_secret_is_refused_with_its_code() -> None:
    async def run() -> None:
        async with played_bot_server() as server, node_bot() as node:
            node.connect(server.url, secret="wrong")
            await node.hears("error")
            words = [one["words"] for one in node.heard if one["heard"] == "error"]
            assert str(BAD_SECRET) in words[0]
            assert not server.subscribed

    asyncio.run(run())

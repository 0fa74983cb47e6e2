"""The bot's connection comes back after every kind of end, quietly, and knows what became of what
it asked."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.channel import ChannelDownError
from bot.channels.wecom_bot_errors import translate
from bot.channels.wecom_bot_link import FRAME_BYTES, Frame, Link, Outage
from bot.channels.wecom_bot_times import TIMES, Times
from bot.channels.wecom_errors import CodeError
from tests.channels.telegram_server import until
from tests.channels.wecom_bot_phones import BAD_SECRET, NOBODY, NOT_SUBSCRIBED, TOO_MANY
from tests.channels.wecom_bot_play import SHORT, bot_at
from tests.channels.wecom_bot_server import USER, PlayedBotServer, played_bot_server, serving

Scene = Callable[["Linked"], Awaitable[None]]
HELLO = {"chatid": USER, "chat_type": 1, "msgtype": "markdown", "markdown": {"content": "早"}}


@dataclass
class Linked:
    """A link at work, and what it brought."""

    server: PlayedBotServer
    link: Link
    taken: list[Frame] = field(default_factory=list)

    async def back(self, subscriptions: int) -> None:
        """The bot is connected, for so many times now."""
        await until(lambda: self.server.subscriptions >= subscriptions and self.link.ready)

    async def say(self) -> None:
        """Send something. Raises what comes of it."""
        await self.link.ask("aibot_send_msg", HELLO)


@asynccontextmanager
async def linked(
    server: PlayedBotServer, times: Times = SHORT, **bot: Any
) -> AsyncIterator[Linked]:
    """While a link runs; nothing but being cancelled ends it."""
    link = Link(bot_at(server.url, **bot), times)
    made = Linked(server, link)
    task = asyncio.create_task(link.run(made.taken.append))
    try:
        yield made
    finally:
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError), ended


def play(scene: Scene, times: Times = SHORT) -> PlayedBotServer:
    """Run a scene once the bot is connected; somebody has written to it before."""

    async def run() -> PlayedBotServer:
        async with played_bot_server() as server, linked(server, times) as made:
            server.phones.wrote.add(USER)
            await made.back(1)
            await scene(made)
            return server

    return asyncio.run(run())


def ends(how: Callable[[PlayedBotServer], Awaitable[None]]) -> list[dict[str, Any]]:
    """The log of a connection that ends in some way and comes back."""

    async def scene(made: Linked) -> None:
        await how(made.server)
        await made.back(2)
        await made.say()
        await made.server.says(USER, "还在吗")
        await until(lambda: made.taken)

    with capture_logs() as logs:
        server = play(scene)
    assert server.texts() == ["早"]
    return [dict(line) for line in logs if line["event"] == "wecom_bot_outage"]


def test_it_comes_back_after_a_clean_close() -> None:
    lines = ends(lambda server: server.leave())
    assert [line["reason"] for line in lines] == ["closed"]


def test_it_comes_back_after_the_network_failed() -> None:
    async def cut(server: PlayedBotServer) -> None:
        server.cut()

    assert [line["reason"] for line in ends(cut)] == ["closed"]


def test_it_comes_back_when_two_pings_stay_unanswered() -> None:
    async def fall_silent(server: PlayedBotServer) -> None:
        before, server.deaf = server.pings, True
        await until(lambda: not server.subscribed)
        assert server.pings - before >= 2
        server.deaf = False

    assert [line["reason"] for line in ends(fall_silent)] == ["silent"]


def test_one_lost_pong_is_no_reason_to_leave() -> None:
    async def scene(made: Linked) -> None:
        made.server.deaf = True
        await until(lambda: made.server.pings >= 1)
        made.server.deaf = False
        await asyncio.sleep(5 * SHORT.ping)
        assert made.server.subscriptions == 1

    play(scene)


def test_it_comes_back_when_wecom_has_forgotten_the_subscription() -> None:
    async def scene(made: Linked) -> None:
        made.server.faults["aibot_send_msg"] = [NOT_SUBSCRIBED]
        with pytest.raises(ChannelDownError, match="network"):
            await made.say()
        await made.back(2)
        await made.say()

    assert play(scene).texts() == ["早"]


def test_it_comes_back_after_a_failed_subscription() -> None:
    lines = ends(lambda server: refuse_next(server, -1, -1))
    assert [line["reason"] for line in lines] == ["closed", "refused"]


async def refuse_next(server: PlayedBotServer, *codes: int) -> None:
    """The next subscriptions are refused."""
    server.refusals = list(codes)
    await server.leave()


def test_a_server_that_is_away_for_long_is_found_again() -> None:
    async def run() -> None:
        async with played_bot_server() as server:
            port = int(server.url.rsplit(":", 1)[1])
        async with linked(server) as made:
            await asyncio.sleep(0.2)
            assert not made.link.ready
            async with serving(server, port):
                await made.back(1)

    with capture_logs() as logs:
        asyncio.run(run())
    outages = [line["failures"] for line in logs if line["event"] == "wecom_bot_outage"]
    assert outages[:3] == [1, 2, 4]
    assert len(outages) <= 5


def test_another_program_that_takes_the_bot_is_left_alone_for_a_while() -> None:
    async def run() -> None:
        async with played_bot_server() as server, linked(server) as first:
            await first.back(1)
            began = time.monotonic()
            async with linked(server, TIMES) as second:
                await second.back(2)
                await until(lambda: not first.link.ready)
                await first.back(3)
                assert time.monotonic() - began > 0.7 * SHORT.shortest_shut
                await until(lambda: not second.link.ready)

    with capture_logs() as logs:
        asyncio.run(run())
    reasons = [line["reason"] for line in logs if line["event"] == "wecom_bot_outage"]
    assert reasons == ["kicked", "kicked"]


def test_two_programs_do_not_fight_for_ever() -> None:
    outage = Outage(TIMES)
    pauses = [outage.pause_after("kicked", lasted) for lasted in (5, 60, 120, 240, 480, 900, 900)]
    assert pauses == [60, 120, 240, 480, 900, 900, 900]
    assert outage.pause_after("kicked", 3600) == 60


def test_pauses_double_up_to_half_a_minute_and_begin_anew_after_a_good_connection() -> None:
    outage = Outage(TIMES)
    pauses = [outage.pause_after("network", 0) for _ in range(8)]
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert outage.pause_after("closed", 120) == 1


def test_a_wrong_secret_is_tried_again_much_later_and_never_written_down() -> None:
    async def run() -> int:
        async with played_bot_server() as server, linked(server, secret="wrong-secret-9"):
            await until(lambda: server.subscriptions)
            await asyncio.sleep(0.6 * SHORT.shortest_shut)
            tries = server.subscriptions
            await until(lambda: server.subscriptions > tries)
            return tries

    with capture_logs() as logs:
        assert asyncio.run(run()) == 1
    codes = [line["code"] for line in logs if line["event"] == "wecom_bot_refused"]
    assert codes[0] == BAD_SECRET
    assert "wrong-secret-9" not in repr(logs)


def test_what_is_asked_without_a_connection_fails_at_once() -> None:
    async def run() -> None:
        link = Link(bot_at("ws://127.0.0.1:9"))
        with pytest.raises(ChannelDownError, match="network"):
            await link.ask("aibot_send_msg", HELLO)

    asyncio.run(run())


def test_what_waits_for_an_answer_fails_when_the_connection_ends() -> None:
    async def scene(made: Linked) -> None:
        made.server.mute = True
        asking = [asyncio.create_task(made.say()) for _ in range(3)]
        await until(lambda: len(made.server.sent("aibot_send_msg")) == 3)
        made.server.cut()
        for found in await asyncio.gather(*asking, return_exceptions=True):
            assert isinstance(found, ChannelDownError)
            assert found.reason == "network"

    play(scene, replace(SHORT, ping=9, answer=9))


def test_an_answer_that_does_not_come_is_a_timeout() -> None:
    async def scene(made: Linked) -> None:
        made.server.mute = True
        with pytest.raises(ChannelDownError, match="timeout"):
            await made.say()

    play(scene, replace(SHORT, answer=0.1, ping=9))


def test_a_refusal_says_its_code() -> None:
    async def scene(made: Linked) -> None:
        made.server.phones.wrote.clear()
        with pytest.raises(CodeError) as refused:
            await made.say()
        assert refused.value.code == NOBODY

    play(scene)


def test_frames_under_one_id_go_one_at_a_time_and_in_order() -> None:
    async def scene(made: Linked) -> None:
        req_id = await made.server.says(USER, "早")
        stream = {"id": "s", "finish": False}
        asking = [
            made.link.ask(
                "aibot_respond_msg",
                {"msgtype": "stream", "stream": {**stream, "content": str(place)}},
                req_id,
            )
            for place in range(20)
        ]
        await asyncio.gather(*asking)
        bodies = made.server.sent("aibot_respond_msg")
        assert [body["stream"]["content"] for body in bodies] == [str(n) for n in range(20)]
        assert not made.link._waiting
        assert not made.link._lines

    play(scene)


def test_a_message_under_an_awaited_id_is_not_taken_for_the_answer() -> None:
    async def scene(made: Linked) -> None:
        req_id = await made.server.says(USER, "早")
        made.server.mute = True
        body = {"msgtype": "stream", "stream": {"id": "s", "finish": True, "content": "好"}}
        asking = asyncio.create_task(made.link.ask("aibot_respond_msg", body, req_id))
        await until(lambda: made.server.sent("aibot_respond_msg"))
        again = {"cmd": "aibot_msg_callback", "headers": {"req_id": req_id}, "body": {"n": 2}}
        await made.server.write(json.dumps(again))
        await until(lambda: len(made.taken) == 2)
        assert not asking.done()
        await made.server.write(json.dumps({"headers": {"req_id": req_id}, "errcode": 0}))
        assert await asking == {}

    play(scene, replace(SHORT, ping=9))


@pytest.mark.parametrize("frame", ["no json", "[]", "7", '{"headers":7}', '{"cmd":""}', "{}"])
def test_frames_of_no_sense_change_nothing(frame: str) -> None:
    async def scene(made: Linked) -> None:
        await made.server.write(frame)
        await made.say()
        assert made.server.subscriptions == 1

    play(scene)


def test_a_frame_that_is_too_large_is_not_read() -> None:
    async def scene(made: Linked) -> None:
        await made.server.write("x" * (FRAME_BYTES + 1))
        await made.back(2)
        assert not made.taken

    with capture_logs() as logs:
        play(scene)
    assert "too_large" in [line.get("reason") for line in logs]


def test_a_reader_that_breaks_does_not_end_the_connection_for_good() -> None:
    async def run() -> None:
        async with played_bot_server() as server:
            link = Link(bot_at(server.url), SHORT)

            def broken(_: Frame) -> None:
                raise ZeroDivisionError

            task = asyncio.create_task(link.run(broken))
            await until(lambda: link.ready)
            await server.says(USER, "早")
            await until(lambda: server.subscriptions >= 2 and link.ready)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    with capture_logs() as logs:
        asyncio.run(run())
    assert "wecom_bot_link_broken" in [line["event"] for line in logs]


def test_the_codes_that_tell_somebody_from_something() -> None:
    told = {code: translate(CodeError(code, "")).reason for code in (NOBODY, TOO_MANY, -1, 40058)}
    assert told == {NOBODY: "never_wrote", TOO_MANY: "slow_down", -1: "busy", 40058: "refused"}

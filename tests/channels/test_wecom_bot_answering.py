"""The notice and the answer share one bubble under the message; what comes too late, or after too
many others, comes by itself and is never lost."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from bot.channel import ChannelDownError, SlowDownError
from bot.channels.wecom_bot.answers import PARTING
from bot.channels.wecom_bot.sending import LOOK_BELOW
from bot.messages import Reply
from tests.channels.memory_shelf import MemoryShelf
from tests.channels.telegram_server import until
from tests.channels.wecom_bot_phones import BAD_REQUEST, TOO_LATE, TOO_MANY
from tests.channels.wecom_bot_play import CARD, SHORT, Play, now_of, playing
from tests.channels.wecom_bot_server import COLLEAGUE, USER, PlayedBotServer, played_bot_server

Scene = Callable[[Play], Awaitable[None]]
WORKING = Reply("收到，正在整理…", passing=True)
DONE = Reply("记好了：王主任，面访。")


def play(scene: Scene, **more: Any) -> PlayedBotServer:
    """Run a scene; what people see afterwards."""

    async def run() -> PlayedBotServer:
        async with played_bot_server() as server, playing(server, **more) as made:
            await scene(made)
            return server

    return asyncio.run(run())


async def said(made: Play, *texts: str) -> list[str]:
    """Messages that are in the inbox; their ids."""
    before = len(made.inbox.taken)
    for text in texts:
        await made.server.says(USER, text)
    await made.heard(before + len(texts))
    return [incoming.id for incoming in made.inbox.taken[before:]]


async def notice(made: Play, message: str, reply: Reply = WORKING) -> None:
    """Say that it is being worked on."""
    await made.channel.send(USER, reply, answers=message, key=f"working-{message}")


async def answer(made: Play, message: str | None, reply: Reply = DONE, key: str = "a") -> None:
    """Answer it."""
    await made.channel.send(USER, reply, answers=message, key=f"{key}-{message}")


def test_the_answer_takes_the_place_of_the_notice() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        await notice(made, message)
        (bubble,) = made.server.shown_to(USER)
        assert (bubble.text, bubble.ended) == (WORKING.text, False)
        await answer(made, message)

    (bubble,) = play(scene).shown_to(USER)
    assert (bubble.text, bubble.ended, bubble.frames) == (DONE.text, True, 2)


def test_a_quick_answer_needs_no_notice() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        await answer(made, message)
        await notice(made, message)

    (bubble,) = play(scene).shown_to(USER)
    assert (bubble.text, bubble.frames) == (DONE.text, 1)


def test_a_second_answer_comes_by_itself() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        await answer(made, message)
        await answer(made, message, Reply("还有一件事"), key="b")

    server = play(scene)
    assert [(shown.kind, shown.text) for shown in server.shown_to(USER)] == [
        ("bubble", DONE.text),
        ("markdown", "还有一件事"),
    ]


def test_what_answers_nothing_is_pushed() -> None:
    async def scene(made: Play) -> None:
        await said(made, "早")
        await answer(made, None)

    assert [shown.kind for shown in play(scene).shown_to(USER)] == ["markdown"]


def test_an_answer_never_goes_into_the_bubble_of_somebody_else() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        made.server.phones.wrote.add(COLLEAGUE)
        await made.channel.send(COLLEAGUE, Reply("小陈见了王主任"), answers=message, key="x")

    server = play(scene)
    assert server.texts(COLLEAGUE) == ["小陈见了王主任"]
    assert not server.shown_to(USER)


def test_a_card_alone_goes_under_the_message() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        await answer(made, message, CARD)
        assert made.server.sent("aibot_respond_msg")

    assert [shown.kind for shown in play(scene).shown_to(USER)] == ["card"]


def test_a_card_after_a_notice_follows_its_bubble() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        await notice(made, message)
        await answer(made, message, CARD)

    bubble, card = play(scene).shown_to(USER)
    assert (bubble.text, bubble.ended) == (LOOK_BELOW, True)
    assert card.kind == "card"


def test_long_words_with_buttons_are_the_bubble_and_then_the_card() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        await notice(made, message)
        await answer(made, message, Reply("一" * 300, CARD.buttons))

    bubble, card = play(scene).shown_to(USER)
    assert bubble.text == "一" * 300
    assert list(card.buttons.values()) == ["确认", "修改"]


def test_an_answer_that_takes_too_long_for_its_bubble_comes_by_itself() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        await notice(made, message)
        made.server.ahead += 301
        await until(lambda: made.server.shown_to(USER)[0].ended)
        await answer(made, message)

    bubble, late = play(scene).shown_to(USER)
    assert bubble.text == PARTING
    assert (late.kind, late.text) == ("markdown", DONE.text)


def test_a_message_without_a_notice_is_answered_by_itself_after_five_and_a_half_minutes() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        made.server.ahead += 331
        await answer(made, message)
        assert not made.server.sent("aibot_respond_msg")

    assert [shown.kind for shown in play(scene).shown_to(USER)] == ["markdown"]


@pytest.mark.parametrize("code", [TOO_LATE, BAD_REQUEST, 40058, 999999])
def test_a_bubble_that_wecom_refuses_falls_back_to_a_message_of_its_own(code: int) -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        made.server.faults["aibot_respond_msg"] = [code]
        await answer(made, message)

    assert [(s.kind, s.text) for s in play(scene).shown_to(USER)] == [("markdown", DONE.text)]


def test_a_notice_that_wecom_refuses_is_said_by_itself() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        made.server.faults["aibot_respond_msg"] = [TOO_LATE]
        await notice(made, message)
        await answer(made, message)

    assert play(scene).texts() == [WORKING.text, DONE.text]


def test_too_many_messages_are_tried_again_in_the_same_bubble() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        made.server.faults["aibot_respond_msg"] = [TOO_MANY]
        with pytest.raises(SlowDownError) as slow:
            await answer(made, message)
        assert slow.value.seconds == 60
        await answer(made, message)

    assert [shown.kind for shown in play(scene).shown_to(USER)] == ["bubble"]


def test_a_third_message_puts_the_oldest_aside_so_that_a_fourth_is_not_lost() -> None:
    async def scene(made: Play) -> None:
        first, second, third = await said(made, "一", "二", "三")
        await until(lambda: made.server.shown_to(USER))
        (fourth,) = await said(made, "四")
        await until(lambda: len(made.server.shown_to(USER)) == 2)
        for place, message in enumerate((first, second, third, fourth)):
            await answer(made, message, Reply(f"答{place + 1}"))

    server = play(scene)
    assert not server.kept_back
    assert [(shown.kind, shown.text) for shown in server.shown_to(USER)] == [
        ("bubble", PARTING),
        ("bubble", PARTING),
        ("markdown", "答1"),
        ("markdown", "答2"),
        ("bubble", "答3"),
        ("bubble", "答4"),
    ]


def test_messages_that_are_answered_do_not_count() -> None:
    async def scene(made: Play) -> None:
        for text in ("一", "二", "三", "四", "五"):
            (message,) = await said(made, text)
            await answer(made, message, Reply(f"答{text}"))

    server = play(scene)
    assert server.texts() == ["答一", "答二", "答三", "答四", "答五"]
    assert all(shown.kind == "bubble" for shown in server.shown_to(USER))


def test_frames_of_one_bubble_are_a_second_apart() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        for number in range(3):
            await notice(made, message, Reply(f"第{number}步", passing=True))
        await answer(made, message)
        times = [at for at, cmd, _ in made.server.frames if cmd == "aibot_respond_msg"]
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert len(gaps) == 3
        assert min(gaps) >= 0.9 * SHORT.frame_gap

    play(scene)


def test_an_answer_whose_arrival_nobody_confirmed_is_not_shown_twice() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        made.server.unsaid = ["aibot_respond_msg"]
        with pytest.raises(ChannelDownError):
            await answer(made, message)
        await until(lambda: made.channel.ready)
        await answer(made, message)

    assert play(scene).texts() == [DONE.text]


def test_what_was_cut_off_by_an_outage_is_answered_in_the_same_bubble() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        await notice(made, message)
        made.server.cut()
        await until(lambda: not made.channel.ready)
        with pytest.raises(ChannelDownError):
            await answer(made, message)
        await until(lambda: made.channel.ready)
        await answer(made, message)

    (bubble,) = play(scene, times=replace(SHORT, shortest_pause=0.3)).shown_to(USER)
    assert (bubble.text, bubble.ended) == (DONE.text, True)


def test_a_bubble_is_finished_by_the_process_that_takes_over() -> None:
    async def run() -> PlayedBotServer:
        async with played_bot_server() as server:
            shelf = MemoryShelf(now_of(server))
            async with playing(server, shelf=shelf) as first:
                (message,) = await said(first, "见了王主任")
                await notice(first, message)
            async with playing(server, shelf=shelf) as second:
                await answer(second, message)
                await answer(second, message, Reply("还有一件事"), key="b")
            async with playing(server, shelf=shelf) as third:
                await answer(third, message, Reply("最后一件"), key="c")
            assert len(server.sent("aibot_respond_msg")) == 2
            return server

    server = asyncio.run(run())
    assert [(shown.kind, shown.text) for shown in server.shown_to(USER)] == [
        ("bubble", DONE.text),
        ("markdown", "还有一件事"),
        ("markdown", "最后一件"),
    ]


def test_a_message_that_comes_again_is_answered_where_it_came_last() -> None:
    async def scene(made: Play) -> None:
        for _ in range(2):
            await made.server.says(USER, "见了王主任", msgid="same")
        await made.heard(2)
        del made.server.asked["req-1"]
        await answer(made, "same")

    assert [shown.kind for shown in play(scene).shown_to(USER)] == ["bubble"]


def test_a_notice_and_an_answer_at_the_same_time_leave_the_answer() -> None:
    async def scene(made: Play) -> None:
        for number in range(10):
            (message,) = await said(made, f"第{number}条")
            await asyncio.gather(notice(made, message), answer(made, message))

    server = play(scene)
    assert {shown.text for shown in server.shown_to(USER)} == {DONE.text}
    assert all(shown.ended for shown in server.shown_to(USER))


def test_the_answer_comes_though_the_database_is_away_for_the_notice() -> None:
    async def scene(made: Play) -> None:
        (message,) = await said(made, "见了王主任")
        made.shelf.away = True
        await notice(made, message)
        with pytest.raises(ChannelDownError, match="database"):
            await answer(made, message)
        made.shelf.away = False
        await answer(made, message)

    (bubble,) = play(scene).shown_to(USER)
    assert (bubble.text, bubble.frames) == (DONE.text, 2)

"""Polling: nothing is acknowledged before it is safe, through every outage."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from datetime import timedelta
from typing import Any

import pytest
import structlog

from bot.channels.sayings import INBOX_CLOSED
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.library import TelegramConfig
from bot.channels.telegram.receiving import NOT_IN_GROUPS
from tests.channels.telegram_server import (
    BOT,
    GROUP,
    NOW,
    TOKEN,
    Fault,
    KeptInbox,
    Pauses,
    PlayedTelegram,
    channel_to,
    membership,
    message,
    played_telegram,
    press,
    receiving,
    until,
)

OTHER = {"chat": {"id": 502, "type": "private"}, "from": {**BOT, "id": 502, "is_bot": False}}
MENTION = {"entities": [{"type": "mention", "offset": 0, "length": 11}], "chat": GROUP}
Scene = Callable[[PlayedTelegram, KeptInbox, Pauses], Awaitable[None]]


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """The events that were logged."""
    with structlog.testing.capture_logs() as events:
        yield events


def polling(scene: Scene, inbox: KeptInbox | None = None) -> None:
    """Play a scene while a channel polls; pauses take no time."""

    async def play() -> None:
        kept, pauses = inbox or KeptInbox(), Pauses()
        async with (
            played_telegram() as server,
            channel_to(server, pauses) as channel,
            receiving(channel, kept),
        ):
            await scene(server, kept, pauses)

    asyncio.run(play())


def test_what_people_say_arrives_in_order_and_is_acknowledged() -> None:
    async def scene(server: PlayedTelegram, inbox: KeptInbox, pauses: Pauses) -> None:
        for number in range(5):
            await server.says(message=message(f"第{number}句", number + 1))
        await until(lambda: len(inbox.taken) == 5 and server.waiting() == 0)
        assert inbox.texts == [f"第{number}句" for number in range(5)]
        assert pauses.seconds == []

    polling(scene)


def test_all_kinds_arrive() -> None:
    async def scene(server: PlayedTelegram, inbox: KeptInbox, _: Pauses) -> None:
        await server.says(message=message("一"))
        await server.says(edited_message=message("二", edit_date=1793698900))
        await server.says(callback_query=press("note.confirm:1"))
        await server.says(my_chat_member=membership("kicked"))
        await until(lambda: inbox.gone)
        assert [said.id for said in inbox.taken] == ["501:11", "501:11:e2", "c990"]
        assert inbox.gone == [("telegram", "501")]

    polling(scene)


def test_a_webhook_of_before_is_taken_down_and_nothing_is_dropped() -> None:
    async def play() -> None:
        inbox = KeptInbox()
        async with played_telegram() as server:
            await server._update_queues.set_webhook(TOKEN, {"url": "http://127.0.0.1:9/gone"})
            await server.says(message=message("等着的"))
            async with channel_to(server) as channel, receiving(channel, inbox):
                await until(lambda: inbox.taken)
        assert inbox.texts == ["等着的"]
        assert server.sent("deleteWebhook") == [{"drop_pending_updates": "false"}]

    asyncio.run(play())


def test_what_the_inbox_cannot_take_stays_with_telegram_and_comes_again() -> None:
    seen_waiting = []

    async def scene(server: PlayedTelegram, inbox: KeptInbox, pauses: Pauses) -> None:
        await server.says(message=message("先说的", 1))
        await server.says(message=message("后说的", 2))
        await until(lambda: len(inbox.offered) == 6)
        seen_waiting.append(server.waiting())
        await until(lambda: len(inbox.taken) == 2)
        assert [said.text for said in inbox.offered] == ["先说的"] * 7 + ["后说的"]
        assert inbox.texts == ["先说的", "后说的"]
        assert pauses.seconds == [1, 2, 4, 8, 15, 15]
        assert server.texts == [INBOX_CLOSED]
        await until(lambda: server.waiting() == 0)

    polling(scene, KeptInbox.closed(6))
    assert seen_waiting == [2]


def test_an_update_is_acknowledged_only_after_it_was_taken() -> None:
    class SlowInbox(KeptInbox):
        async def take(self, incoming: Any) -> None:
            await release.wait()
            await super().take(incoming)

    release = asyncio.Event()

    async def scene(server: PlayedTelegram, inbox: KeptInbox, _: Pauses) -> None:
        await server.says(message=message("一"))
        await asyncio.sleep(0.1)
        assert server.waiting() == 1
        assert all(int(asked.get("offset", 0)) <= 1 for asked in server.sent("getUpdates"))
        release.set()
        await until(lambda: server.waiting() == 0)
        assert inbox.texts == ["一"]

    polling(scene, SlowInbox())


def test_everybody_who_waits_is_told_once_in_an_outage() -> None:
    async def scene(server: PlayedTelegram, inbox: KeptInbox, _: Pauses) -> None:
        await server.says(message=message("小陈说"))
        await server.says(message={**message("小李说"), **OTHER})
        await until(lambda: len(inbox.taken) == 2)
        told = [(sent["chat_id"], sent["text"]) for sent in server.sent("sendMessage")]
        assert sorted(told) == [("501", INBOX_CLOSED), ("502", INBOX_CLOSED)]
        inbox.failures = list(KeptInbox.closed(2).failures)
        await server.says(message=message("又一次"))
        await until(lambda: len(inbox.taken) == 3 and len(server.texts) == 3)

    polling(scene, KeptInbox.closed(4))


def test_an_update_that_breaks_the_inbox_does_not_hold_up_the_others() -> None:
    async def scene(server: PlayedTelegram, inbox: KeptInbox, _: Pauses) -> None:
        await server.says(message=message("怪的"))
        await server.says(message=message("好的"))
        await until(lambda: inbox.taken)
        assert [said.text for said in inbox.offered] == ["怪的"] * 5 + ["好的"]

    polling(scene, KeptInbox(*[ZeroDivisionError("x") for _ in range(5)]))


def test_a_few_accidents_in_the_inbox_lose_nothing() -> None:
    accidents = [ZeroDivisionError("x") for _ in range(4)]

    async def scene(server: PlayedTelegram, inbox: KeptInbox, _: Pauses) -> None:
        for text in ("一", "二"):
            inbox.failures = list(accidents)
            await server.says(message=message(text))
            await until(lambda: not inbox.failures and server.waiting() == 0)
        assert inbox.texts == ["一", "二"]

    polling(scene)


def test_what_cannot_be_read_is_passed_over() -> None:
    async def scene(server: PlayedTelegram, inbox: KeptInbox, _: Pauses) -> None:
        await server.says(message={"text": "没有编号"})
        await server.says(poll={"id": "1"})
        await server.says(message=message("好的"))
        await until(lambda: inbox.taken and server.waiting() <= 1)
        assert inbox.texts == ["好的"]

    polling(scene)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("getUpdates", 500),
        Fault("getUpdates", 502, body="<html>bad gateway</html>"),
        Fault("getUpdates", 200, body="not json"),
        Fault("getUpdates", 200, body='{"ok": true}'),
        Fault("getUpdates", 200, body='{"ok": true, "result": [7]}'),
        Fault("getUpdates", 401, "Unauthorized"),
        Fault("getUpdates", 404, "Not Found"),
        Fault("getUpdates", 409, "Conflict: terminated by other getUpdates request"),
        Fault("deleteWebhook", 500),
        Fault("getMe", 503),
    ],
)
def test_polling_survives(fault: Fault, logged: list[MutableMapping[str, Any]]) -> None:
    async def play() -> None:
        inbox, pauses = KeptInbox(), Pauses()
        async with played_telegram() as server:
            channel = TelegramChannel(TelegramConfig(TOKEN, server.url), pause=pauses)
            server.faults = [fault] * 7
            async with receiving(channel, inbox):
                await server.says(message=message("好的"))
                await until(lambda: inbox.taken)
            await channel.close()
        assert inbox.texts == ["好的"]
        assert pauses.seconds == [1, 2, 4, 8, 16, 30, 30]
        assert [event["failures"] for event in logged] == [1, 2, 4]

    asyncio.run(play())


def test_what_has_no_number_is_passed_over() -> None:
    async def scene(server: PlayedTelegram, inbox: KeptInbox, pauses: Pauses) -> None:
        odd = '{"ok": true, "result": [{"message": {}}, {"update_id": "1"}]}'
        server.faults = [Fault("getUpdates", 200, body=odd)]
        await server.says(message=message("一"))
        await until(lambda: server.waiting() == 0)
        await server.says(message=message("二"))
        await until(lambda: len(inbox.taken) == 2)
        assert server.faults == []
        assert pauses.seconds == []

    polling(scene)


def test_polling_waits_as_long_as_telegram_asks() -> None:
    async def scene(server: PlayedTelegram, inbox: KeptInbox, pauses: Pauses) -> None:
        flood = Fault("getUpdates", 429, "Too Many Requests", {"retry_after": 11})
        server.faults = [flood]
        await server.says(message=message("一"))
        await until(lambda: server.waiting() == 0)
        await server.says(message=message("二"))
        await until(lambda: len(inbox.taken) == 2)
        assert pauses.seconds == [11]

    polling(scene)


def test_polling_goes_on_when_the_server_comes_up_late() -> None:
    async def play() -> None:
        pauses = Pauses()
        channel = TelegramChannel(TelegramConfig(TOKEN, "http://127.0.0.1:9"), pause=pauses)
        async with receiving(channel, KeptInbox()):
            await until(lambda: len(pauses.seconds) > 3)
        await channel.close()

    asyncio.run(play())


def test_a_pressed_button_is_confirmed_after_it_is_safe(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(server: PlayedTelegram, inbox: KeptInbox, _: Pauses) -> None:
        server.faults = [Fault("answerCallbackQuery", 400, "Bad Request: query is too old")]
        await server.says(callback_query=press("a.b", "1"))
        await server.says(callback_query=press("a.b", "2"))
        await until(lambda: server.sent("answerCallbackQuery"))
        assert [said.id for said in inbox.offered] == ["c1", "c1", "c1", "c2"]
        assert server.sent("answerCallbackQuery") == [{"callback_query_id": "2"}]

    polling(scene, KeptInbox.closed(2))
    assert caplog.text == "", "a press too old to be confirmed is nothing to report"


def test_closing_waits_for_the_last_confirmation() -> None:
    async def play() -> None:
        inbox = KeptInbox()
        async with played_telegram() as server:
            server.faults = [Fault("answerCallbackQuery", late=0.1)]
            async with channel_to(server) as channel, receiving(channel, inbox):
                await server.says(callback_query=press("a.b", "1"))
                await until(lambda: inbox.taken)
            assert server.sent("answerCallbackQuery") == [{"callback_query_id": "1"}]

    asyncio.run(play())


def test_groups_are_sent_to_the_private_chat_once_a_minute() -> None:
    async def play() -> PlayedTelegram:
        inbox, clock = KeptInbox(), [NOW]
        async with played_telegram() as server:
            channel = TelegramChannel(TelegramConfig(TOKEN, server.url), now=lambda: clock[0])
            async with receiving(channel, inbox):
                await server.says(message=message("@RepMateBot 王主任怎么样", 1, **MENTION))
                await server.says(message=message("@RepMateBot 在吗", 2, **MENTION))
                await server.says(message=message("王主任不错", 3, chat=GROUP))
                await until(lambda: server.waiting() == 0)
                clock[0] += timedelta(minutes=1)
                await server.says(message=message("@RepMateBot 在吗", 4, **MENTION))
                await until(lambda: server.waiting() == 0)
            await channel.close()
        assert inbox.offered == []
        return server

    server = asyncio.run(play())
    assert server.sent("sendMessage") == [{"chat_id": "-9", "text": NOT_IN_GROUPS}] * 2


def test_polling_has_no_routes() -> None:
    channel = TelegramChannel(TelegramConfig(TOKEN, "http://127.0.0.1:9"))
    assert list(channel.routes(KeptInbox())) == []
    assert channel.receives_alone

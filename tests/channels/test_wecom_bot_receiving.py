"""What people say reaches the inbox, in order and once per frame, though the inbox is closed for a
while; what must be said at once is said."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.channel import ChannelDownError, InboxClosedError, MediaGoneError
from bot.channels.sayings import INBOX_CLOSED
from bot.channels.wecom_bot.answers import PARTING
from bot.channels.wecom_bot.files import decrypt, name_at, name_in
from bot.channels.wecom_bot.receiving import (
    HELLO,
    IN_PRIVATE,
    NOT_IN_GROUPS,
    NOT_KEPT,
    NOT_TAKEN,
)
from bot.messages import Incoming, Media, MediaKind, Reply
from tests.channels.memory_shelf import MemoryShelf
from tests.channels.telegram_server import KeptInbox, until
from tests.channels.wecom_bot_play import SHORT, Play, bot_at, now_of, playing
from tests.channels.wecom_bot_server import (
    COLLEAGUE,
    GROUP,
    NAME,
    USER,
    PlayedBotServer,
    played_bot_server,
)
from tests.channels.wecom_bot_uploads import seal

Scene = Callable[[Play], Awaitable[None]]


class SlowInbox(KeptInbox):
    """Needs a while for each message; how many it had at once at most."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    async def take(self, incoming: Incoming) -> None:
        """Keep it, slowly."""
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.02)
        self.now -= 1
        await super().take(incoming)


class ShutInbox(KeptInbox):
    """Closed until it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.is_open = False

    async def take(self, incoming: Incoming) -> None:
        """Keep it, if open."""
        if not self.is_open:
            self.offered.append(incoming)
            raise InboxClosedError
        await super().take(incoming)


def play(scene: Scene, **more: Any) -> PlayedBotServer:
    """Run a scene; what people see afterwards."""

    async def run() -> PlayedBotServer:
        async with played_bot_server() as server, playing(server, **more) as made:
            await scene(made)
            return server

    return asyncio.run(run())


def test_texts_voices_and_pictures_are_heard() -> None:
    async def scene(made: Play) -> None:
        await made.server.says(USER, "见了王主任")
        await made.server.voice(COLLEAGUE, "刚从市一院出来")
        await made.server.sends("third", "image")
        await made.server.likes(USER)
        await made.heard(3)
        heard = {incoming.account: incoming for incoming in made.inbox.taken}
        assert heard[USER].text == "见了王主任"
        assert heard[COLLEAGUE].text == "刚从市一院出来"
        assert heard["third"].media == Media(MediaKind.OTHER, "", name="图片")

    play(scene)


def test_a_message_that_comes_twice_is_handed_in_twice_and_answered_once() -> None:
    async def scene(made: Play) -> None:
        for _ in range(2):
            await made.server.says(USER, "见了王主任", msgid="same")
        await made.heard(2)
        assert [incoming.id for incoming in made.inbox.taken] == ["same", "same"]
        await made.channel.send(USER, Reply("好"), answers="same", key="a")

    assert play(scene).texts() == ["好"]


def test_each_person_is_heard_in_order_and_four_people_at_a_time() -> None:
    inbox = SlowInbox()

    async def scene(made: Play) -> None:
        for number in range(3):
            for person in range(8):
                await made.server.says(f"p{person}", f"{number}")
        await made.heard(24)

    play(scene, inbox=inbox)
    assert inbox.most == 4
    for person in range(8):
        assert [i.text for i in inbox.taken if i.account == f"p{person}"] == ["0", "1", "2"]


def test_what_is_said_while_the_database_is_away_is_kept_in_order_and_told_once() -> None:
    inbox = ShutInbox()

    async def scene(made: Play) -> None:
        await made.server.says(USER, "一")
        await until(lambda: made.server.shown_to(USER))
        await made.server.says(USER, "二")
        await made.server.says(COLLEAGUE, "三")
        await until(lambda: made.server.shown_to(COLLEAGUE))
        await until(lambda: len(inbox.offered) > 6)
        assert made.server.texts(USER) == [INBOX_CLOSED]
        inbox.is_open = True
        await made.heard(3)
        first = next(incoming for incoming in inbox.taken if incoming.account == USER)
        await made.channel.send(USER, Reply("记好了"), answers=first.id, key="a")

    server = play(scene, inbox=inbox)
    assert [i.text for i in inbox.taken if i.account == USER] == ["一", "二"]
    assert server.texts(USER) == ["记好了"]
    assert server.texts(COLLEAGUE) == [INBOX_CLOSED]


def test_people_who_wait_behind_others_are_told_too() -> None:
    inbox = ShutInbox()

    async def scene(made: Play) -> None:
        for person in range(9):
            await made.server.says(f"p{person}", "早")
        await until(lambda: all(made.server.shown_to(f"p{person}") for person in range(9)))
        inbox.is_open = True
        await made.heard(9)

    play(scene, inbox=inbox)


def test_who_writes_in_the_middle_of_an_outage_is_told_at_once() -> None:
    async def scene(made: Play) -> None:
        for person in range(4):
            await made.server.says(f"p{person}", "早")
        await until(lambda: all(made.server.shown_to(f"p{person}") for person in range(4)))
        await made.server.says(USER, "见了王主任")
        await made.shown(1)

    play(scene, inbox=ShutInbox(), times=replace(SHORT, inbox_pause=60.0))


def test_a_second_outage_is_told_again() -> None:
    inbox = ShutInbox()

    async def scene(made: Play) -> None:
        for place in range(2):
            inbox.is_open = False
            await made.server.says(USER, f"第{place}条")
            await made.shown(place + 1)
            inbox.is_open = True
            await made.heard(place + 1)

    assert play(scene, inbox=inbox).texts() == [INBOX_CLOSED, INBOX_CLOSED]


def test_a_long_outage_leaves_the_promise_in_the_bubble() -> None:
    inbox = ShutInbox()

    async def scene(made: Play) -> None:
        await made.server.says(USER, "见了王主任")
        await until(lambda: made.server.shown_to(USER))
        made.server.ahead += 301
        await until(lambda: made.server.shown_to(USER)[0].ended)
        inbox.is_open = True
        await made.heard()
        await made.channel.send(USER, Reply("记好了"), answers=made.inbox.taken[0].id, key="a")

    texts = play(scene, inbox=inbox).texts()
    assert texts == [INBOX_CLOSED, "记好了"]
    assert PARTING not in texts


def test_a_database_that_is_away_before_the_inbox_is_asked_is_an_outage_as_well() -> None:
    async def scene(made: Play) -> None:
        made.shelf.away = True
        await made.server.says(USER, "1")
        await until(lambda: made.server.shown_to(USER))
        made.shelf.away = False
        await made.heard()

    assert play(scene).texts() == [INBOX_CLOSED]


def test_an_inbox_that_breaks_on_one_message_goes_on_with_the_next() -> None:
    inbox = KeptInbox(*[ZeroDivisionError() for _ in range(5)])

    async def scene(made: Play) -> None:
        await made.server.says(USER, "一")
        await made.server.says(USER, "二")
        await made.heard()

    with capture_logs() as logs:
        play(scene, inbox=inbox)
    assert inbox.texts == ["二"]
    assert [line["event"] for line in logs].count("wecom_bot_message_given_up") == 1


def test_an_outage_is_not_a_flood_of_lines() -> None:
    inbox = KeptInbox.closed(40)

    async def scene(made: Play) -> None:
        await made.server.says(USER, "一")
        await made.heard()

    times = replace(SHORT, inbox_pause=0.0005)
    with capture_logs() as logs:
        play(scene, inbox=inbox, times=times)
    lines = [line["failures"] for line in logs if line["event"] == "wecom_bot_inbox_closed"]
    assert lines == [1, 2, 4, 8, 16, 32]


def test_more_than_can_wait_is_not_taken_and_says_so() -> None:
    inbox = ShutInbox()

    async def scene(made: Play) -> None:
        for person in range(6):
            await made.server.says(f"p{person}", "早")
        await until(lambda: made.server.texts("p5"))
        inbox.is_open = True
        await made.heard(5)

    server = play(scene, inbox=inbox, most_waiting=5)
    assert server.texts("p5") == [NOT_TAKEN]
    assert server.texts("p0") == [INBOX_CLOSED]
    assert len(inbox.taken) == 5


def test_what_waits_when_the_program_ends_is_kept_if_it_can_be() -> None:
    inbox = ShutInbox()

    async def run() -> None:
        async with played_bot_server() as server:
            times = replace(SHORT, inbox_pause=20.0, ending=3.0)
            async with playing(server, inbox=inbox, times=times):
                await server.says(USER, "一")
                await server.says(USER, "二")
                await until(lambda: inbox.offered)
                inbox.is_open = True

    asyncio.run(run())
    assert inbox.texts == ["一", "二"]


def test_what_cannot_be_kept_when_the_program_ends_is_told() -> None:
    inbox = ShutInbox()

    async def run() -> PlayedBotServer:
        async with played_bot_server() as server:
            async with playing(server, inbox=inbox):
                await server.says(USER, "一")
                await until(lambda: server.shown_to(USER))
            return server

    with capture_logs() as logs:
        server = asyncio.run(run())
    assert server.texts() == [NOT_KEPT]
    assert [line["messages"] for line in logs if line["event"] == "wecom_bot_messages_lost"] == [1]


def test_somebody_who_comes_in_is_welcomed_once_in_ninety_days() -> None:
    async def scene(made: Play) -> None:
        for _ in range(3):
            await made.server.enters(USER)
        await until(lambda: made.server.shown_to(USER))
        await made.server.enters(COLLEAGUE)
        await until(lambda: made.server.shown_to(COLLEAGUE))
        assert made.server.texts() == [HELLO]
        made.server.ahead += 91 * 24 * 3600
        await made.server.enters(USER)
        await until(lambda: len(made.server.shown_to(USER)) == 2)
        assert not made.inbox.taken

    play(scene)


def test_a_call_from_a_group_is_answered_in_private_and_the_group_is_told() -> None:
    async def scene(made: Play) -> None:
        made.server.phones.wrote.add(USER)
        await made.server.group_says(GROUP, USER, f"@{NAME}\u2005下一个见谁")
        await made.heard()
        incoming = made.inbox.taken[0]
        assert (incoming.text, incoming.chat) == ("下一个见谁", USER)
        notice = Reply("收到，正在整理…", passing=True)
        await made.channel.send(USER, notice, answers=incoming.id, key="w")
        await made.channel.send(USER, Reply("王主任"), answers=incoming.id, key="a")
        await until(lambda: made.server.shown_to(GROUP))

    server = play(scene)
    assert [(shown.text, shown.ended) for shown in server.shown_to(GROUP)] == [(IN_PRIVATE, True)]
    assert server.texts(USER) == ["王主任"]


def test_a_name_with_blanks_is_understood_in_a_group() -> None:
    async def scene(made: Play) -> None:
        for mention in ("@Rep Mate 助手\u2005", "@rep mate 助手 ", "＠ＲＥＰ　Ｍａｔｅ 助手\u2005"):
            await made.server.group_says(GROUP, USER, f"{mention}/next li@x.com @张三")
            await until(lambda: made.inbox.taken)
            assert made.inbox.taken.pop().text == "/next li@x.com @张三"

    async def run() -> None:
        async with played_bot_server() as server:
            bot = bot_at(server.url, name="Rep Mate 助手")
            async with playing(server, bot=bot) as made:
                await scene(made)

    asyncio.run(run())


def test_a_mere_call_is_sent_to_the_private_chat() -> None:
    async def scene(made: Play) -> None:
        await made.server.group_says(GROUP, USER, f"@{NAME}")
        await until(lambda: made.server.shown_to(GROUP))
        assert not made.inbox.offered

    assert play(scene).texts(GROUP) == [NOT_IN_GROUPS]


def test_a_busy_group_is_not_answered_more_than_wecom_bears() -> None:
    async def scene(made: Play) -> None:
        for number in range(40):
            await made.server.group_says(GROUP, f"p{number}", f"@{NAME} 早")
        await made.heard(40)
        await asyncio.sleep(0.1)
        assert 20 < len(made.server.shown_to(GROUP)) <= 30

    assert not play(scene).refused


def test_a_file_is_known_by_its_name_and_fetched_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 400

    async def scene(made: Play) -> None:
        await made.server.file(USER, "医院名单 2026.xlsx", content)
        await made.heard()
        media = made.inbox.taken[0].media
        assert media is not None
        assert (media.kind, media.name) == (MediaKind.FILE, "医院名单 2026.xlsx")
        await made.channel.fetch(media, tmp_path / "in.xlsx")
        assert (tmp_path / "in.xlsx").read_bytes() == content
        assert [path.name for path in tmp_path.iterdir()] == ["in.xlsx"]

    play(scene)


def test_a_file_whose_address_is_no_longer_good_is_gone(tmp_path: Path) -> None:
    async def scene(made: Play) -> None:
        await made.server.file(USER, "名单.xlsx", b"x" * 99)
        await made.heard()
        media = made.inbox.taken[0].media
        assert media is not None
        made.server.ahead += 301
        with pytest.raises(MediaGoneError, match="gone"):
            await made.channel.fetch(media, tmp_path / "in.xlsx")
        assert not list(tmp_path.iterdir())
        await made.server.file(USER, "名单.xlsx", b"x" * 99)
        await made.heard(2)

    play(scene)


@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        ("no json", "gone"),
        ('{"url": 7, "aeskey": ""}', "gone"),
        ('{"url": "file:///etc/passwd", "aeskey": ""}', "gone"),
        ('{"url": "http://127.0.0.1:9/file/1", "aeskey": ""}', "network"),
        ('{"url": "http://[", "aeskey": ""}', "network"),
    ],
)
def test_a_file_that_cannot_be_had_says_why(ref: str, reason: str, tmp_path: Path) -> None:
    async def scene(made: Play) -> None:
        with pytest.raises((MediaGoneError, ChannelDownError), match=reason):
            await made.channel.fetch(Media(MediaKind.FILE, ref), tmp_path / "in.xlsx")
        assert not list(tmp_path.iterdir())

    play(scene)


def test_a_file_of_another_key_is_gone_and_a_large_one_refused(tmp_path: Path) -> None:
    async def scene(made: Play) -> None:
        await made.server.file(USER, "名单.xlsx", b"x" * 99)
        await made.heard()
        media = made.inbox.taken[0].media
        assert media is not None
        for key in ("", "AAAA", "A" * 43, "!"):
            wrong = replace(media, ref=json.dumps({**json.loads(media.ref), "aeskey": key}))
            if key:
                with pytest.raises(MediaGoneError, match="gone"):
                    await made.channel.fetch(wrong, tmp_path / "in.xlsx")
        with pytest.raises(MediaGoneError, match="too_large"):
            await made.channel.fetch(replace(media, size=30_000_000), tmp_path / "in.xlsx")
        await made.server.file(USER, "大.xlsx", b"x" * 21_000_000)
        await made.heard(2)
        large = made.inbox.taken[1].media
        assert large is not None
        assert (large.size or 0) > 20_971_520
        with pytest.raises(MediaGoneError, match="too_large"):
            await made.channel.fetch(replace(large, size=None), tmp_path / "in.xlsx")
        assert not list(tmp_path.iterdir())

    play(scene)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 31, 32, 33, 4096])
def test_files_of_every_length_open(length: int) -> None:
    key, sealed = seal(b"x" * length)
    assert decrypt(sealed, base64.b64decode(key)) == b"x" * length


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="a b.xlsx"', "a b.xlsx"),
        ("attachment; filename=a.xlsx", "a.xlsx"),
        ("attachment; filename*=UTF-8''%E5%90%8D%20%E5%8D%95.xlsx", "名 单.xlsx"),
        ("attachment; filename=\"x\"; filename*=utf-8''%E5%90%8D.xlsx", "名.xlsx"),
        ('attachment; filename="%E5%90%8D.xlsx"', "名.xlsx"),
        ('attachment; filename="名单.xlsx"', "名单.xlsx"),
        ('attachment; filename="名单.xlsx"'.encode().decode("latin-1"), "名单.xlsx"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ("inline", ""),
        ("", ""),
    ],
)
def test_names_of_files_as_servers_write_them(header: str, name: str) -> None:
    assert name_in(header) == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://x/a/%E5%90%8D%E5%8D%95.xlsx?sign=1&t=2", "名单.xlsx"),
        ("https://x/a/0a1b2c?sign=a.xlsx", ""),
        ("https://x/", ""),
        ("https://x/a.not-an-ending", ""),
    ],
)
def test_an_address_may_tell_the_name_of_a_file(url: str, name: str) -> None:
    assert name_at(url) == name


def test_a_message_between_two_connections_is_in_the_inbox_of_the_second() -> None:
    async def run() -> None:
        async with played_bot_server() as server:
            shelf = MemoryShelf(now_of(server))
            for text in ("一", "二"):
                async with playing(server, shelf=shelf) as made:
                    await server.says(USER, text)
                    await made.heard()
                    assert made.inbox.texts == [text]

    asyncio.run(run())


def test_the_channel_receives_again_after_it_was_stopped() -> None:
    async def run() -> None:
        async with played_bot_server() as server, playing(server) as made:
            first = asyncio.create_task(made.channel.receive(made.inbox))
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            await server.says(USER, "还在")

    asyncio.run(run())

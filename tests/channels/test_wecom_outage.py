"""While the inbox is closed, hangs or is broken: WeCom is answered in time, and what was said is
brought in later, whole and in order."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog

from bot.channel import InboxClosedError
from bot.channels.sayings import INBOX_CLOSED
from bot.channels.wecom.channel import HELLO, WeComChannel
from bot.channels.wecom.choices import NUMBERS_ON
from bot.channels.wecom.receiving import MOST_STRIKES
from bot.channels.wecom.spool import Spool
from bot.messages import Incoming
from tests.channels.telegram_server import KeptInbox, until
from tests.channels.wecom_app_stage import CARD, CONFIRM, LATER, Stage, on_line, on_stage, play
from tests.channels.wecom_plain_caller import PlainCaller
from tests.channels.wecom_server import COLLEAGUE, MEMBER

QUICK_SECONDS = 0.1


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The inbox gets less time than it really does."""
    monkeypatch.setattr("bot.channels.wecom.receiving.KEEP_SECONDS", QUICK_SECONDS)


class HungInbox(KeptInbox):
    """Nothing comes out of it until it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = asyncio.Event()

    async def take(self, incoming: Incoming) -> None:
        """Keep it some time."""
        await self.opened.wait()
        await super().take(incoming)


class PickyInbox(KeptInbox):
    """Breaks over some words."""

    async def take(self, incoming: Incoming) -> None:
        """Keep it, or break."""
        if incoming.text == "坏":
            raise RuntimeError("of the inbox")
        await super().take(incoming)


@asynccontextmanager
async def draining(channel: WeComChannel, inbox: KeptInbox) -> AsyncIterator[None]:
    """While the channel brings in what waits."""
    task = asyncio.create_task(channel.receive(inbox))
    try:
        yield
    finally:
        task.cancel()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError), ended


def test_a_hung_inbox_keeps_wecom_waiting_for_less_than_it_waits(tmp_path: Path) -> None:
    async def run() -> None:
        inbox = HungInbox()
        async with on_stage(tmp_path) as stage, stage.called(inbox) as caller:
            said = [caller.says(MEMBER, "一"), caller.presses(MEMBER, "c1", "note.confirm:1")]
            for taken in await asyncio.gather(*said):
                assert taken.statuses == (200,)
                assert taken.milliseconds < 4000
            inbox.opened.set()
            async with draining(stage.channel, inbox):
                await until(lambda: len(inbox.taken) == 2)

    asyncio.run(run())


def test_that_all_threads_wait_for_the_database_loses_nothing(quick: None, tmp_path: Path) -> None:
    """A database that hangs takes the threads of everybody who asks it something."""
    hung = threading.Event()

    async def run() -> None:
        inbox = HungInbox()
        async with on_stage(tmp_path) as stage, stage.called(inbox, seconds=1) as caller:
            for _ in range(64):
                asyncio.get_running_loop().run_in_executor(None, hung.wait, 8)
            said = [await caller.says(MEMBER, text) for text in "一二三"]
            assert [each.statuses for each in said] == [(200,)] * 3
            inbox.opened.set()
            async with draining(stage.channel, inbox):
                await until(lambda: inbox.texts == ["一", "二", "三"])
            hung.set()

    asyncio.run(run())


def test_what_was_said_in_an_outage_is_kept_in_order(quick: None, tmp_path: Path) -> None:
    async def run() -> None:
        inbox = HungInbox()
        async with on_stage(tmp_path) as stage, stage.called(inbox) as caller:
            for number in range(12):
                account = (MEMBER, COLLEAGUE)[number % 2]
                assert (await caller.says(account, f"第{number}句")).statuses == (200,)
            assert inbox.taken == []
            async with draining(stage.channel, inbox):
                inbox.opened.set()
                await until(lambda: len(inbox.taken) == 12)
                assert inbox.texts == [f"第{number}句" for number in range(12)]
                await until(Spool(tmp_path).is_empty)
                await caller.says(MEMBER, "之后")
                await until(lambda: inbox.texts[-1] == "之后")
            assert Spool(tmp_path).count() == (0, 0)
            assert len(inbox.taken) == 13

    asyncio.run(run())


def test_each_person_is_told_once_in_an_outage(tmp_path: Path) -> None:
    async def run() -> None:
        inbox = KeptInbox()
        async with on_stage(tmp_path) as stage, stage.called(inbox) as caller:
            for outage in (1, 2):
                inbox.failures = [InboxClosedError()]
                for number in range(3):
                    await caller.says(MEMBER, f"第{outage}-{number}句")
                    await caller.presses(COLLEAGUE, "c1", f"note.pick:{outage}-{number}")
                await stage.wecom.sees(MEMBER, outage)
                await stage.wecom.sees(COLLEAGUE, outage)
                async with draining(stage.channel, inbox):
                    await until(Spool(tmp_path).is_empty)
            told = stage.wecom.texts(MEMBER), stage.wecom.texts(COLLEAGUE)
            assert told == ([INBOX_CLOSED] * 2, [INBOX_CLOSED] * 2)

    asyncio.run(run())


def test_that_nobody_can_be_told_changes_nothing(tmp_path: Path) -> None:
    async def act(stage: Stage, caller: PlainCaller) -> None:
        stage.wecom.refuse(60020, "message/send", times=9)
        assert (await caller.says(MEMBER, "你好")).statuses == (200,)
        assert Spool(tmp_path).count() == (1, 0)

    on_line(act, KeptInbox.closed(1), tmp_path)


def test_the_spool_outlives_the_process(tmp_path: Path) -> None:
    async def run() -> None:
        async with on_stage(tmp_path) as stage, stage.called(KeptInbox.closed(1)) as caller:
            for text in "一二三":
                await caller.says(MEMBER, text)
        inbox = KeptInbox.closed(2)
        async with on_stage(tmp_path) as stage, draining(stage.channel, inbox):
            await until(lambda: inbox.texts == ["一", "二", "三"])
            await until(lambda: Spool(tmp_path).count() == (0, 0))
            assert stage.pauses.seconds[:2] == [2, 4], "longer and longer"

    asyncio.run(run())


def test_what_was_spooled_for_other_keys_is_put_aside(tmp_path: Path) -> None:
    async def run() -> None:
        async with on_stage(tmp_path) as stage, stage.called(KeptInbox.closed(1)) as caller:
            await caller.says(MEMBER, "一")
        inbox = KeptInbox()
        async with on_stage(tmp_path, token="changed") as stage, draining(stage.channel, inbox):
            await until(lambda: Spool(tmp_path).count() == (0, 1))
        assert inbox.offered == []

    asyncio.run(run())


def test_nothing_can_be_read_from_the_disk(tmp_path: Path) -> None:
    async def act(stage: Stage, caller: PlainCaller) -> None:
        await caller.says(MEMBER, "stands-for-words")

    on_line(act, KeptInbox.closed(1), tmp_path)
    (kept,) = tmp_path.iterdir()
    assert MEMBER not in kept.read_text()
    assert "stands-for-words" not in kept.read_text()


def test_on_a_full_disk_wecom_calls_again_with_the_same_id(tmp_path: Path) -> None:
    in_the_way = tmp_path / "spool"
    in_the_way.write_text("")

    async def act(stage: Stage, caller: PlainCaller) -> None:
        assert (await caller.says(MEMBER, "你好", 7)).statuses == (503, 503, 200)
        assert (await caller.clicks(MEMBER, "/next")).statuses == (200,)

    inbox = KeptInbox.closed(2)
    on_line(act, inbox, in_the_way / "wecom")
    assert [incoming.id for incoming in inbox.offered[:3]] == ["m7"] * 3
    assert len(inbox.taken) == 2


def test_what_wecom_repeats_has_the_same_id(quick: None, tmp_path: Path) -> None:
    async def run() -> None:
        inbox = HungInbox()
        async with on_stage(tmp_path) as stage:
            async with stage.called(inbox, seconds=QUICK_SECONDS / 2) as caller:
                said = await caller.says(MEMBER, "你好", 7)
                assert said.statuses[0] is None
                assert said.tries > 1
            inbox.opened.set()
            async with draining(stage.channel, inbox):
                await until(lambda: inbox.taken)
                await until(Spool(tmp_path).is_empty)
        assert {incoming.id for incoming in inbox.taken} == {"m7"}

    asyncio.run(run())


@pytest.mark.parametrize("failure", [RuntimeError("x"), ZeroDivisionError(), TimeoutError()])
def test_a_broken_inbox_loses_nothing(failure: Exception, tmp_path: Path) -> None:
    async def run() -> None:
        inbox = KeptInbox(failure, failure)
        async with on_stage(tmp_path) as stage, stage.called(inbox) as caller:
            for text in "一二":
                assert (await caller.says(MEMBER, text)).statuses == (200,)
            async with draining(stage.channel, inbox):
                await until(lambda: inbox.texts == ["一", "二"])

    with structlog.testing.capture_logs() as events:
        asyncio.run(run())
    assert "wecom_inbox_broken" in {event["event"] for event in events}


def test_what_always_breaks_the_inbox_is_put_aside(tmp_path: Path) -> None:
    async def run() -> None:
        inbox = PickyInbox()
        async with on_stage(tmp_path) as stage, stage.called(inbox) as caller:
            for text in ("坏", "一", "二"):
                assert (await caller.says(MEMBER, text)).statuses == (200,)
            async with draining(stage.channel, inbox):
                await until(lambda: inbox.texts == ["一", "二"])
                await until(lambda: Spool(tmp_path).count() == (0, 1))
                assert stage.pauses.seconds[: MOST_STRIKES - 1] == [2, 4, 8, 15]

    asyncio.run(run())


def test_a_shelf_that_is_away_closes_the_inbox_to_what_needs_it(tmp_path: Path) -> None:
    async def act(stage: Stage, caller: PlainCaller) -> None:
        stage.shelf.away = True
        for taken in (
            await caller.presses(MEMBER, "c1", "note.confirm:1"),
            await caller.says(MEMBER, "1"),
            await caller.says(MEMBER, "用数字"),
            await caller.enters(MEMBER),
        ):
            assert taken.statuses == (200,)
        assert Spool(tmp_path).count() == (4, 0)
        stage.shelf.away = False
        async with draining(stage.channel, inbox):
            await until(lambda: len(inbox.taken) == 2)
            told = await stage.wecom.sees(MEMBER, 2)
            assert {shown.text for shown in told} == {NUMBERS_ON, HELLO}

    inbox = KeptInbox()
    on_line(act, inbox, tmp_path)


def test_a_disk_that_cannot_be_written_to_stops_no_process(tmp_path: Path) -> None:
    """What has been brought in lies there still, and is brought in again: the inbox knows it."""

    async def act(stage: Stage) -> None:
        inbox = KeptInbox()
        async with stage.called(KeptInbox.closed(1)) as caller:
            await caller.says(MEMBER, "一")
        failures = [OSError("read-only"), OSError("read-only")]

        def drop(_: Spool, path: Path) -> None:
            if failures:
                raise failures.pop()
            path.unlink()

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Spool, "drop", drop)
            async with draining(stage.channel, inbox):
                await until(lambda: Spool(tmp_path).is_empty())
        assert {incoming.text for incoming in inbox.taken} == {"一"}

    play(act, tmp_path)


def test_a_choice_that_finds_the_inbox_closed_is_a_choice_still(tmp_path: Path) -> None:
    async def act(stage: Stage) -> None:
        inbox = KeptInbox.closed(2)
        sent = await stage.send(CARD)
        async with stage.called(inbox) as caller:
            assert (await caller.says(MEMBER, "1", later=LATER)).statuses == (200,)
            async with draining(stage.channel, inbox):
                await until(lambda: inbox.taken)
        assert [(each.press, each.pressed_on) for each in inbox.taken] == [(CONFIRM.id, sent)]

    play(act, tmp_path, cards=False)

"""WeCom's calls: whatever people do arrives, and nothing of what strangers do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.channels.wecom.channel import HELLO
from bot.channels.wecom.receiving import CALLBACK_PATH
from bot.messages import MediaKind
from tests.channels.telegram_server import KeptInbox, until
from tests.channels.wecom_app_stage import Stage, on_line, on_stage, play
from tests.channels.wecom_callbacks import CallbackCaller
from tests.channels.wecom_caller import wecom_caller
from tests.channels.wecom_plain_caller import PlainCaller
from tests.channels.wecom_server import COLLEAGUE, MEMBER

OTHER_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"

# Everything that people do


@asynccontextmanager
async def both_callers(stage: Stage, inbox: KeptInbox) -> AsyncIterator[list[CallbackCaller]]:
    """The plain one, and Tencent's own crypto."""
    async with stage.called(inbox) as plain, wecom_caller(plain.line.url) as node:
        yield [plain, node]


def test_the_address_is_verified_within_a_second(tmp_path: Path) -> None:
    async def run() -> None:
        async with on_stage(tmp_path) as stage, both_callers(stage, KeptInbox()) as callers:
            for caller in callers:
                taken = await caller.verify()
                assert (taken.right, taken.status) == (True, 200)
                assert taken.milliseconds < 1000
                assert not (await caller.verify(forged=True)).right
                assert not (await caller.verify(receive_id="wwother")).right
                assert not (await caller.verify(aes_key=OTHER_KEY)).right

    asyncio.run(run())


def test_whatever_people_do_arrives(tmp_path: Path) -> None:
    async def do_everything(caller: CallbackCaller) -> None:
        taken = [
            await caller.says(MEMBER, "见了陆主任 <b>&amp;</b> ]]> 🙂\n第二行", 7),
            await caller.voice(MEMBER, "v1", 8),
            await caller.image(MEMBER, "i1"),
            await caller.file(MEMBER, "f1", "名单.xlsx"),
            await caller.location(MEMBER, "东院"),
            await caller.presses(MEMBER, "c1", "note.confirm:1"),
            await caller.clicks(MEMBER, "/next"),
            await caller.event(MEMBER, "view", {"EventKey": "http://u"}),
            await caller.event(MEMBER, "unsubscribe"),
            await caller.raw("<xml><Nothing/></xml>"),
        ]
        assert [each.statuses for each in taken] == [(200,)] * len(taken)
        assert [each.body for each in taken] == [""] * len(taken)

    async def run() -> None:
        inbox = KeptInbox()
        async with on_stage(tmp_path) as stage, both_callers(stage, inbox) as callers:
            for caller in callers:
                await do_everything(caller)
                words, voice, image, file, place, press, menu = inbox.taken
                assert (words.id, words.text) == ("m7", "见了陆主任 <b>&amp;</b> ]]> 🙂\n第二行")
                assert [each.media and each.media.kind for each in (voice, image, file, place)] == [
                    MediaKind.VOICE,
                    MediaKind.OTHER,
                    MediaKind.FILE,
                    MediaKind.OTHER,
                ]
                assert (press.press, press.pressed_on) == ("note.confirm:1", "c1")
                assert menu.text == "/next"
                assert inbox.gone == [("wecom", MEMBER)]
                assert {each.account for each in inbox.taken} == {MEMBER}
                inbox.taken.clear()
                inbox.gone.clear()

    asyncio.run(run())


def test_whoever_comes_in_is_greeted_once(tmp_path: Path) -> None:
    async def act(stage: Stage, caller: PlainCaller) -> None:
        for account in (MEMBER, MEMBER, COLLEAGUE):
            await caller.enters(account)
        await caller.event(MEMBER, "subscribe")
        await stage.wecom.sees(MEMBER)
        await stage.wecom.sees(COLLEAGUE)
        await stage.channel.close()
        assert stage.wecom.texts(MEMBER) == stage.wecom.texts(COLLEAGUE) == [HELLO]

    on_line(act, KeptInbox(), tmp_path)


def test_a_process_that_was_not_opened_takes_calls_too(tmp_path: Path) -> None:
    """One that only receives: it has no token until it needs one."""

    async def act(stage: Stage, caller: PlainCaller) -> None:
        assert (await caller.says(MEMBER, "你好")).statuses == (200,)
        assert stage.wecom.count("gettoken") == 0
        await caller.enters(MEMBER)
        assert (await stage.wecom.sees(MEMBER))[0].text == HELLO

    inbox = KeptInbox()
    on_line(act, inbox, tmp_path)
    assert inbox.texts == ["你好"]


def test_that_wecom_called_is_noted_seldom(tmp_path: Path) -> None:
    async def act(stage: Stage, caller: PlainCaller) -> None:
        await caller.says(MEMBER, "一")
        await until(lambda: "heard" in stage.shelf.kept)
        noted = stage.shelf.kept["heard"]
        assert noted[0].startswith(f"{stage.now():%Y-%m-%d}")
        await caller.says(MEMBER, "二")
        await asyncio.sleep(0.02)
        assert stage.shelf.kept["heard"] is noted

    on_line(act, KeptInbox(), tmp_path)


# Strangers


@pytest.mark.parametrize(
    "manner", [{"forged": True}, {"receive_id": "wwother"}, {"aes_key": OTHER_KEY}]
)
def test_strangers_are_turned_away(manner: Any, tmp_path: Path) -> None:
    async def act(stage: Stage, caller: PlainCaller) -> None:
        taken = await caller.says(MEMBER, "你好", **manner)
        assert taken.statuses == (403,) * 3

    inbox = KeptInbox()
    on_line(act, inbox, tmp_path)
    assert inbox.offered == []


def test_what_is_for_another_app_is_left_alone(tmp_path: Path) -> None:
    async def run() -> None:
        inbox = KeptInbox()
        async with on_stage(tmp_path) as stage, stage.called(inbox, agent_id=1000009) as caller:
            assert (await caller.says(MEMBER, "你好")).statuses == (200,)
        assert inbox.offered == []

    asyncio.run(run())


def test_a_replay_changes_nothing(tmp_path: Path) -> None:
    """The inbox knows it by its id."""

    async def act(stage: Stage, caller: PlainCaller) -> None:
        await caller.says(MEMBER, "你好", replays=2)
        await caller.presses(MEMBER, "c1", "note.confirm:1", replays=2)

    inbox = KeptInbox()
    on_line(act, inbox, tmp_path)
    assert len({incoming.id for incoming in inbox.taken}) == 2


def test_where_wecom_calls() -> None:
    async def act(stage: Stage) -> list[str]:
        return [getattr(route, "path", "") for route in stage.channel.routes(KeptInbox())]

    assert set(play(act)) == {CALLBACK_PATH}

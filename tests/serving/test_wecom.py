"""Conversations through WeCom's app, the queue and the database, all the way and back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from benchmarks.replicas import Installation
from bot.channels.sayings import INBOX_CLOSED
from bot.channels.wecom.channel import HELLO
from bot.config import Settings
from storage.customers import Customer
from storage.messages import Message
from storage.notes import VisitNote
from storage.shelf import Kept
from tests.channels.wecom_callbacks import AES_KEY, CALLBACK_TOKEN
from tests.channels.wecom_caller import wecom_caller
from tests.channels.wecom_server import AGENT, CORP, SECRET, played_wecom
from tests.office import VISIT, plant_world
from tests.serving.cable import Cable, cable
from tests.serving.conftest import on_postgres, on_sqlite
from tests.serving.stage import Chatter, bind, on_stage, settings_for
from tests.serving.test_outage import SAID
from tests.serving.wecom_stage import (
    Member,
    WeComStage,
    called_at,
    join,
    on_wecom,
    wecom_options,
    wecom_settings,
    wecom_variables,
)
from tests.speech.server import says, scripted
from tests.territory.files import good_sheets, save

LATER = 5
"""Seconds after which a number is meant for what was offered before."""

AMR = Path(__file__).parents[1] / "speech" / "km0.amr"


Installed = Callable[..., Settings]


@pytest.fixture
def installed(planted: str, tmp_path: Path) -> Installed:
    """Settings with WeCom's app on a planted database; they take its address, and more."""
    return partial(wecom_settings, planted, tmp_path / "data")


def test_a_dictation_becomes_a_card_and_the_card_a_record(installed: Installed) -> None:
    async def scene() -> None:
        async with on_wecom(installed) as stage:
            rep = stage.member("tangning")
            assert (await rep.says(VISIT)).status == 200
            await rep.hears("使用须知")
            card = await rep.hears("沈怀安", "card")
            assert list(card.buttons.values()) == ["确认", "修改", "取消"]
            await rep.presses("确认")
            await rep.hears("已存")
            assert not stage.wecom.truncated
            assert not stage.wecom.strange

    asyncio.run(scene())


@on_sqlite
def test_a_conversation_with_the_official_crypto(installed: Installed) -> None:
    """WeCom's server is played by its own library, address verification and all."""

    async def scene() -> None:
        async with (
            on_wecom(installed) as stage,
            wecom_caller(stage.caller.line.url, corp_id=CORP, agent_id=AGENT) as caller,
        ):
            assert (await caller.verify()).right
            rep = Member(stage, "tangning")
            said = await caller.says("tangning", VISIT, replays=1)
            assert (said.status, said.tries, said.replayed) == (200, 1, (200,))
            card = await rep.hears("沈怀安", "card")
            code = stage.wecom.new_code("tangning", card.task_id)
            key = next(iter(card.buttons))
            assert (await caller.presses("tangning", card.task_id, key, code)).status == 200
            await rep.hears("已存")
            assert card.replaced == "已选：确认"
            await rep.hears_nothing()

    asyncio.run(scene())


@on_postgres
def test_a_voice_is_heard_and_its_words_stand_above_the_card(installed: Installed) -> None:
    async def scene() -> None:
        with scripted(says(VISIT)) as speech:
            heard = partial(installed, speech_base_url=speech.base_url, speech_model="whisper-1")
            async with on_wecom(heard) as stage:
                rep = stage.member("tangning")
                voice = stage.wecom.hold_media(AMR.read_bytes(), "voice.amr", "voice")
                await stage.caller.voice("tangning", voice)
                await rep.hears(f"听到的是：「{VISIT}」")
                await rep.hears("沈怀安")
                assert len(speech.heard) == 1

    asyncio.run(scene())


@on_sqlite
def test_whoever_sees_no_cards_answers_by_number(installed: Installed) -> None:
    async def scene() -> None:
        async with on_wecom(installed) as stage:
            rep = stage.member("tangning")
            await rep.says(VISIT)
            await rep.hears("沈怀安", "card")
            await rep.says("用数字")
            offered = await rep.hears("以后按钮都写成数字")
            assert "回复数字：1 确认　2 修改　3 取消" in offered.text
            await rep.says("１", later=LATER, delay=0.5)
            await rep.hears("已存")
            await rep.says(VISIT.replace("二十", "三十"))
            await rep.hears("回复数字：1 确认　2 修改　3 取消")
            await rep.says("选 3", later=LATER, delay=0.5)
            await rep.hears("取消")

    asyncio.run(scene())


@on_sqlite
def test_what_is_no_word_gets_a_kind_answer(installed: Installed) -> None:
    async def scene() -> None:
        async with on_wecom(installed) as stage:
            rep = stage.member("tangning")
            await stage.caller.image("tangning", "media-1")
            await rep.hears("图片我看不了，也没有留下")
            await stage.caller.location("tangning", "云岭市")
            await rep.hears("不用发位置，我不查岗")
            await stage.caller.voice("tangning", stage.wecom.hold_media(b"x" * 9, "v.amr", "voice"))
            await rep.hears("现在还听不了语音")
            await stage.caller.clicks("tangning", "/next")
            await rep.hears("沈怀安")
            assert stage.wecom.count("media/get") == 0

    asyncio.run(scene())


@on_sqlite
def test_an_admin_imports_a_file_and_gets_one(installed: Installed, tmp_path: Path) -> None:
    async def scene() -> None:
        async with on_wecom(installed, bound=("admin",)) as stage:
            admin = stage.member("admin")
            content = save(tmp_path / "sent.xlsx", good_sheets()).read_bytes()
            media = stage.wecom.hold_media(content, "客户.xlsx")
            await stage.caller.file("admin", media, "客户.xlsx")
            await admin.hears("导入")
            with Session(stage.app.engine) as session:
                assert "殷书怀" in session.exec(select(Customer.name)).all()
            await admin.says("导出客户")
            await admin.hears("导出好了")
            sent = await admin.hears(".xlsx")
            assert (sent.kind, sent.data[:2]) == ("file", b"PK")

    asyncio.run(scene())


@on_sqlite
def test_a_newcomer_is_greeted_once_and_joins_with_a_code(
    installed: Installed, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with on_wecom(installed, bound=("admin",), others=("xinren",)) as stage:
            admin, newcomer = stage.member("admin"), stage.member("xinren")
            await stage.caller.enters("xinren")
            await newcomer.hears(HELLO)
            await stage.caller.enters("xinren")
            await admin.says("邀请唐宁")
            told = await admin.hears("邀请码：")
            code = told.text.split("邀请码：")[1][:10]
            await newcomer.says(f"我的邀请码是 {code}")
            await newcomer.hears("唐宁，您好！账号绑好了")
            assert len([text for text in newcomer.texts if text == HELLO]) == 1
            assert [each["name"] for each in stage.wecom.menu or []] == ["拜访", "待办", "更多"]

    asyncio.run(scene())


@on_sqlite
def test_operators_see_no_secret_and_no_words(installed: Installed, tmp_path: Path) -> None:
    async def scene() -> list[str]:
        async with on_wecom(partial(installed, log_level="DEBUG")) as stage:
            rep = stage.member("tangning")
            await rep.says(VISIT)
            await rep.hears("沈怀安")
            stage.wecom.revoke_token()
            await rep.presses("确认")
            await rep.hears("已存")
            with Session(stage.app.engine) as session:
                return list(session.exec(select(Kept.value)).all())

    kept = asyncio.run(scene())
    log = (tmp_path / "data" / "repmate.log").read_text(encoding="utf-8")
    secrets = (SECRET, CALLBACK_TOKEN, AES_KEY, "access_token", "corpsecret")
    assert not [word for word in (*secrets, "沈怀安", "舒络宁") if word in log]
    assert not [word for word in secrets if word in "\n".join(kept)]


@asynccontextmanager
async def _in_both(database_url: str, data: Path) -> AsyncIterator[tuple[Chatter, Member]]:
    """The same person at Telegram and in WeCom."""
    async with played_wecom(members=("tangning",)) as wecom:

        def both(telegram: str) -> Settings:
            return settings_for(database_url, data, telegram, **wecom_options(wecom.url))

        async with on_stage(both) as stage, called_at(stage.port) as caller:
            bind(stage.app, tangning=501)
            join(stage.app.engine, "tangning")
            yield stage.person(501), WeComStage(wecom, stage.app, caller).member("tangning")


@on_sqlite
def test_one_person_in_two_chats_has_one_draft(planted: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with _in_both(planted, tmp_path / "data") as (at_telegram, in_wecom):
            await at_telegram.says(VISIT)
            await at_telegram.hears("沈怀安")
            await in_wecom.says("时长改成三十五分钟")
            await in_wecom.hears("35分钟")
            await in_wecom.presses("确认")
            await in_wecom.hears("已存")
            await at_telegram.presses("确认")
            await at_telegram.hears("已")
            with Session(in_wecom.stage.app.engine) as session:
                (note,) = session.exec(select(VisitNote)).all()
                assert (note.status, note.content["duration_minutes"]) == ("confirmed", 35)

    asyncio.run(scene())


@on_sqlite
def test_what_wecom_repeats_is_answered_once(installed: Installed) -> None:
    async def scene() -> None:
        async with on_wecom(installed) as stage:
            rep = stage.member("tangning")
            await rep.says(VISIT, msg_id=7, replays=3)
            await rep.says(VISIT, msg_id=7)
            await rep.hears("沈怀安", "card")
            await rep.hears_nothing()
            with Session(stage.app.engine) as session:
                assert len(session.exec(select(Message)).all()) == 1

    asyncio.run(scene())


def test_what_is_said_while_postgresql_is_away_is_answered_in_order(
    postgres: Engine, tmp_path: Path
) -> None:
    """WeCom calls three times within seconds and then gives up: it must not have to call again."""

    async def scene(way: Cable) -> None:
        opened = partial(wecom_settings, way.address, tmp_path / "data")
        async with on_wecom(opened) as stage:
            rep = stage.member("tangning")
            await rep.says("你好")
            await rep.hears("唐宁，您好")
            way.pull()
            said = [await rep.says(text) for text in SAID]
            assert [(each.status, each.tries) for each in said] == [(200, 1)] * len(SAID)
            assert max(each.milliseconds for each in said) < 4500
            await rep.hears(INBOX_CLOSED)
            way.plug()
            for minutes in (21, 22, 23):
                await rep.hears(f"{minutes}分钟")
            assert len([text for text in rep.texts if "待确认" in text]) == len(SAID)
            assert rep.texts.count(INBOX_CLOSED) == 1

    plant_world(postgres)
    with cable(postgres) as way:
        asyncio.run(scene(way))


def test_two_processes_share_one_token(postgres: Engine, tmp_path: Path) -> None:
    async def scene() -> None:
        async with played_wecom(members=("tangning", "luowei")) as wecom:
            url = postgres.url.render_as_string(hide_password=False)
            here = Installation(url, tmp_path, wecom_variables(wecom.url))
            async with here.running(2) as both:
                addresses = [called_at(replica.port) for replica in both]
                async with addresses[0] as first, addresses[1] as second:
                    await first.says("tangning", "你好")
                    await second.says("luowei", "你好")
                    await wecom.sees("tangning")
                    await wecom.sees("luowei")
                for replica in both:
                    await asyncio.to_thread(replica.stop)
            assert wecom.count("gettoken") == 1

    plant_world(postgres)
    join(postgres, "tangning", "luowei")
    asyncio.run(scene())

"""Colleagues on the stage: who joins, who is told, who cannot be reached, who goes too fast."""

import asyncio
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from bot.inbox import PER_MINUTE, TOO_FAST
from storage.deliveries import Delivery
from storage.invites import create_invite
from storage.messages import Message
from storage.people import Person
from tests.channels.telegram_server import Fault
from tests.office import RASH, VISIT
from tests.serving.conftest import OpenSettings, on_postgres, on_sqlite
from tests.serving.stage import Stage, bind, on_stage


def _code(stage: Stage, login: str) -> str:
    with Session(stage.app.engine) as session:
        person = session.exec(select(Person).where(Person.login == login)).one()
        code = create_invite(session, person, now=datetime.now(UTC))
        session.commit()
        return code


@on_sqlite
def test_who_joins_with_a_code_gets_the_menu_of_their_role(installed: OpenSettings) -> None:
    async def scene() -> None:
        async with on_stage(installed()) as stage:
            newcomer = stage.person(777)
            await newcomer.says("你好")
            await newcomer.hears("还没有绑定")
            await newcomer.says("在吗")
            await newcomer.says(f"/start {_code(stage, 'shihong')}")
            assert "石宏，您好" in await newcomer.hears("账号绑好了")
            await newcomer.says("帮助")
            await newcomer.hears("石宏（主管），我能帮您")
            menus = stage.telegram.sent("setMyCommands")
            assert ["777" in str(menu.get("scope")) for menu in menus] == [False, True]

    asyncio.run(scene())


@on_postgres
def test_what_a_rep_tells_reaches_the_colleague_who_must_know(installed: OpenSettings) -> None:
    async def scene() -> None:
        async with on_stage(installed()) as stage:
            bind(stage.app, tangning=501, kangjie=502)
            rep, colleague = stage.person(501), stage.person(502)
            await rep.says(f"{VISIT}{RASH}")
            alert = await colleague.hears("【疑似不良事件】唐宁")
            assert "起了皮疹" in alert
            await rep.hears("已通知：康洁（合规）")
            await rep.hears("沈怀安")

    asyncio.run(scene())


@on_sqlite
def test_who_blocked_the_assistant_hears_it_when_they_are_back(installed: OpenSettings) -> None:
    async def scene() -> None:
        async with on_stage(installed()) as stage:
            bind(stage.app, tangning=501, kangjie=502, admin=900)
            rep, colleague, admin = (stage.person(number) for number in (501, 502, 900))
            blocked = Fault("sendMessage", 403, "Forbidden: bot was blocked by the user")
            stage.telegram.fails_in(502, blocked)
            await rep.says(RASH)
            assert "康洁 的聊天账号停用了机器人" in await admin.hears("消息没送到")
            await colleague.says("帮助")
            await colleague.hears("之前有 1 条消息没送到您这里")
            assert "起了皮疹" in await colleague.hears("【疑似不良事件】唐宁")
            await colleague.hears("合规提醒")
            await colleague.says("帮助")
            again = await colleague.hears("合规提醒")
            assert "不良事件】" not in again

    asyncio.run(scene())


@on_sqlite
def test_who_goes_too_fast_is_told_once(installed: OpenSettings) -> None:
    async def scene() -> None:
        async with on_stage(installed()) as stage:
            bind(stage.app, tangning=501, luowei=503)
            rep, other = stage.person(501), stage.person(503)
            for number in range(PER_MINUTE + 25):
                await rep.says(f"嗯嗯{number}")
            await other.says("帮助")
            await other.hears("拜访")
            with Session(stage.app.engine) as session:
                mine = select(Message.body).where(col(Message.account) == "501")
                assert PER_MINUTE <= len(session.exec(mine).all()) < PER_MINUTE + 25
                told = [row.body["text"] for row in session.exec(select(Delivery)).all()]
                assert told.count(TOO_FAST) == 1

    asyncio.run(scene())

"""Chat accounts through Telegram: a code that is shown and not kept, and the end of a binding."""

import asyncio

from sqlmodel import Session, col, select

from storage.deliveries import Delivery
from storage.messages import Message
from tests.serving.conftest import OpenSettings
from tests.serving.stage import bind, on_stage


def test_an_invite_code_binds_and_is_kept_nowhere(installed: OpenSettings) -> None:
    async def scene() -> None:
        async with on_stage(installed()) as stage:
            bind(stage.app, admin=900)
            admin, rep = stage.person(900), stage.person(501)
            await admin.says("邀请唐宁")
            told = await admin.hears("唐宁（代表，tangning）的邀请码：")
            code = told.split("邀请码：")[1][:10]
            await rep.says(f"/start {code}")
            await rep.hears("唐宁，您好！账号绑好了")
            with Session(stage.app.engine) as session:
                kept = [*session.exec(select(Message)), *session.exec(select(Delivery))]
                assert kept
                assert not any(code in str(row.model_dump()) for row in kept)
                (answer,) = session.exec(
                    select(Delivery.body).where(col(Delivery.chat) == "900")
                ).all()
                assert "只显示一次" in answer["text"]

    asyncio.run(scene())


def test_who_was_unbound_is_a_stranger(installed: OpenSettings) -> None:
    async def scene() -> None:
        async with on_stage(installed()) as stage:
            bind(stage.app, admin=900, tangning=501)
            admin, rep = stage.person(900), stage.person(501)
            await rep.says("你好")
            await rep.hears("唐宁，您好")
            await admin.says("解绑唐宁")
            await admin.hears("要解绑吗")
            await admin.presses("确认解绑")
            await admin.hears("已解绑唐宁")
            assert stage.shown_to(900)[-1].method == "editMessageText"
            await rep.says("下一个该见谁")
            await rep.hears("这个账号还没有绑定")

    asyncio.run(scene())

"""All that people send, on the stage: voices, files, pictures, changed messages, long answers."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlmodel import Session, select

from bot.channels.telegram.receiving import NOT_IN_GROUPS
from bot.messages import Reply
from bot.outbox import Address, post_alone
from storage.customers import Customer
from tests.channels.telegram_server import BOT, GROUP, PERSON, TOKEN, message
from tests.office import VISIT
from tests.serving.conftest import OpenSettings, on_postgres, on_sqlite
from tests.serving.stage import Stage, bind, on_stage
from tests.speech.server import says, scripted
from tests.speech.sounds import SPOKEN
from tests.territory.files import good_sheets, save

VOICE = {"file_id": "voice-1", "file_unique_id": "v", "duration": 6, "mime_type": "audio/ogg"}
ORIGIN = {"type": "hidden_user", "date": 1, "sender_user_name": "某人"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@on_postgres
def test_a_voice_is_heard_and_its_words_stand_above_the_card(
    installed: OpenSettings, tmp_path: Path
) -> None:
    async def scene() -> None:
        with scripted(says(VISIT)) as speech:
            more = {"speech_base_url": speech.base_url, "speech_model": "whisper-1"}
            async with on_stage(installed(**more)) as stage:
                bind(stage.app, tangning=501)
                rep = stage.person(501)
                stage.telegram.assets["voice-1"] = {"data": SPOKEN.read_bytes()}
                await rep.sends(voice=VOICE)
                await rep.hears(f"听到的是：「{VISIT}」")
                await rep.hears("沈怀安")
                await rep.presses("确认")
                await rep.hears("已存")
                assert len(speech.heard) == 1
                assert list((tmp_path / "data" / "audio").iterdir()) == []

    asyncio.run(scene())


@on_sqlite
def test_what_is_no_word_gets_a_kind_answer_and_is_not_kept(
    installed: OpenSettings, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with on_stage(installed()) as stage:
            bind(stage.app, tangning=501)
            rep = stage.person(501)
            photo = {"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}
            await rep.sends(photo=[photo])
            await rep.hears("图片我看不了，也没有留下")
            await rep.sends(location={"longitude": 105.6, "latitude": 27.3})
            await rep.hears("不用发位置，我不查岗")
            await rep.sends(voice=VOICE, forward_origin=ORIGIN)
            await rep.hears("不收录音文件和转发的语音")
            await rep.sends(voice=VOICE)
            await rep.hears("现在还听不了语音")
            await rep.sends(photo=[photo], caption=VISIT)
            await rep.hears("沈怀安")
            assert stage.telegram.sent("getFile") == []
            assert not (tmp_path / "data" / "audio").exists()

    asyncio.run(scene())


@on_sqlite
def test_an_admin_imports_a_file_and_gets_one(installed: OpenSettings, tmp_path: Path) -> None:
    async def scene() -> None:
        async with on_stage(installed()) as stage:
            bind(stage.app, admin=900, tangning=501)
            admin, rep = stage.person(900), stage.person(501)
            content = save(tmp_path / "sent.xlsx", good_sheets()).read_bytes()
            stage.telegram.assets["file-1"] = {"data": content}
            file = {"file_id": "file-1", "file_unique_id": "f", "file_name": "客户.xlsx"}
            await rep.sends(document={**file, "mime_type": XLSX})
            await rep.hears("这一项由管理员来做")
            await admin.sends(document={**file, "mime_type": XLSX})
            await admin.hears("导入")
            with Session(stage.app.engine) as session:
                assert "殷书怀" in session.exec(select(Customer.name)).all()
            await admin.says("导出客户")
            await admin.hears("导出好了")
            await admin.hears(".xlsx〕")
            (sent,) = [call for call in stage.shown_to(900) if call.uploads]
            assert sent.method == "sendDocument"

    asyncio.run(scene())


SECRET_WORDS = ("沈怀安", "舒络宁", "唐宁", "RCT", "三年随访", TOKEN)


async def _changes_what_was_written(stage: Stage) -> None:
    rep = stage.person(501)
    number = await rep.says(VISIT)
    await rep.hears("沈怀安")
    await rep.edits(number, VISIT.replace("二十分钟", "三十五分钟"))
    assert "35分钟" in await rep.hears("已按您改过的话重新整理")
    await rep.presses("确认")
    await rep.hears("已存")
    await rep.edits(number, VISIT.replace("二十分钟", "四十分钟"))
    await rep.hears("没有跟着改")


async def _is_called_in_a_group(stage: Stage) -> None:
    name = f"@{BOT['username']}"
    mention = {"type": "mention", "offset": 0, "length": len(name)}
    called = message(f"{name} {VISIT}", 400, chat=GROUP, entities=[mention])
    await stage.telegram.says(message={**called, "from": PERSON})
    await stage.person(-9).hears(NOT_IN_GROUPS)


async def _gets_a_long_answer(stage: Stage) -> None:
    now = datetime.now(UTC)
    text = "\n".join(f"第{number}行：" + "字" * 40 for number in range(150))
    with Session(stage.app.engine) as session:
        post_alone(session, "long", Address("telegram", "503", None), Reply(text), now)
        session.commit()
    reader = stage.person(503)
    await reader.hears("第149行")
    assert len(reader.texts) == 2
    assert "\n".join(reader.texts) == text


async def _is_watched(stage: Stage) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{stage.port}") as client:
        health, figures = await client.get("/healthz"), await client.get("/metrics")
    assert (health.status_code, health.json()["ok"]) == (200, True)
    assert 'repmate_messages_taken_total{channel="telegram",outcome="kept"} 4.0' in figures.text
    assert 'repmate_deliveries_total{channel="telegram",outcome="delivered"}' in figures.text
    assert not [word for word in SECRET_WORDS if word in figures.text + health.text]


@on_sqlite
def test_changed_words_groups_long_answers_and_what_operators_see(
    installed: OpenSettings, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with on_stage(installed(log_level="DEBUG")) as stage:
            bind(stage.app, tangning=501)
            await _changes_what_was_written(stage)
            await _is_called_in_a_group(stage)
            await _gets_a_long_answer(stage)
            await _is_watched(stage)

    asyncio.run(scene())
    log = (tmp_path / "data" / "repmate.log").read_text(encoding="utf-8")
    assert [json.loads(line)["event"] for line in log.splitlines()].count("serving") == 1
    assert not [word for word in SECRET_WORDS if word in log]

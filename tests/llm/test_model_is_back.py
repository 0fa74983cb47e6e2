"""The model is out of reach, then back: cards made without it are offered once more."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.app import App, open_app
from bot.config import Settings
from bot.messages import Incoming, Reply
from storage.notes import NoteVersion, VisitNote
from tests.llm.notes import met, note, visit
from tests.llm.server import Answer, Body, ScriptedModel, fails, says, scripted
from tests.test_dialogues import territory, world

__all__ = ["territory", "world"]

NOW = datetime.fromisoformat("2026-11-03T17:40:00+08:00")
FIRST = "刚从市人民心内出来，见了沈怀安主任，聊了二十分钟，讲了舒络宁的三年随访。"
SECOND = "下午又去市人民内分泌见了方林医生，聊了二十分钟，讲了糖稳清的说明书。"


class Outage:
    """A model that fails until it is mended, then words every point its own way."""

    def __init__(self) -> None:
        self.over = False

    def __call__(self, request: Body) -> Answer:
        if not self.over:
            return fails(401)
        first = "沈怀安" in request["messages"][-1]["content"]
        who, point = ("沈怀安主任", "三年随访") if first else ("方林医生", "糖稳清说明书")
        return says(note(visit(customers=[met(who)], key_points=[point])))


def _open(world: Path, folder: Path, model: ScriptedModel) -> App:
    shutil.copy(world, folder / "repmate.db")
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite:///{folder / 'repmate.db'}",
        data_dir=folder / "data",
        llm_base_url=model.base_url,
        llm_model="qwen",
        llm_timeout_seconds=3,
    )
    return open_app(settings)


def _handle(app: App, id_: str, text: str = "", press: str | None = None) -> list[Reply]:
    return app.dispatcher.handle(Incoming("terminal", id_, "tangning", NOW, text, press))


def _button(replies: list[Reply], label: str) -> str:
    return next(b.id for reply in replies for b in reply.buttons if b.label == label)


@pytest.mark.parametrize("stays_back", [True, False])
def test_a_card_made_offline_is_made_again_when_the_rep_wants_it(
    world: Path, tmp_path: Path, stays_back: bool
) -> None:
    outage = Outage()
    with scripted(outage) as model:
        app = _open(world, tmp_path, model)
        offline = _handle(app, "m1", FIRST)
        assert "离线整理" in offline[-1].text
        outage.over = True
        offer = _handle(app, "m2", SECOND)
        assert "模型恢复了" in offer[-1].text
        assert "沈怀安" in offer[-1].text
        outage.over = stays_back
        [again] = _handle(app, "p1", press=_button(offer, "重新整理"))
        app.close()
    expected = "已用模型重新整理" if stays_back else "还是没能重新整理"
    assert expected in again.text
    assert "客户：沈怀安" in again.text


def test_the_note_keeps_who_made_which_version(world: Path, tmp_path: Path) -> None:
    outage = Outage()
    with scripted(outage) as model:
        app = _open(world, tmp_path, model)
        _handle(app, "m1", FIRST)
        outage.over = True
        offer = _handle(app, "m2", SECOND)
        _handle(app, "p1", press=_button(offer, "重新整理"))
        with Session(app.engine) as session:
            kept = session.exec(select(VisitNote).where(VisitNote.dictation == FIRST)).one()
            versions = session.exec(select(NoteVersion).where(NoteVersion.note_id == kept.id)).all()
        app.close()
    assert kept.engine.startswith("qwen+structure_note/")
    assert not kept.offline
    assert (kept.input_tokens, kept.output_tokens) == (900, 120)
    assert [version.version for version in versions] == [1, 2]

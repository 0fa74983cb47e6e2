"""One message, all the way: once in effect, nothing lost, nothing leaked, nobody else's buttons."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType

import pytest
from sqlmodel import Session, col, select

from bot.answering import UNCLEAR
from bot.app import App, open_app
from bot.config import Settings
from bot.dispatch import Dispatcher
from bot.messages import Incoming, Reply
from bot.reception import STRANGER
from bot.registry import NoSlots, Registry, capability
from bot.turn import Turn
from bot.understanding.proposer import RulesProposer
from storage.invites import create_invite
from storage.messages import Message
from storage.next_steps import NextStep
from storage.notes import NoteStatus, NoteVersion, VisitNote
from storage.people import Person, Role
from tests.office import bind
from tests.test_dialogues import territory, world

__all__ = ["territory", "world"]

NOW = datetime.fromisoformat("2026-11-03T17:40:00+08:00")
VISIT = (
    "刚从市人民心内出来，见了沈怀安主任，聊了二十分钟，讲了舒络宁的三年随访。"
    "下周三前把RCT文献发给他。"
)


@pytest.fixture
def app(world: Path, tmp_path: Path) -> Iterator[App]:
    """The program on a copy of the dialogues' world."""
    shutil.copy(world, tmp_path / "repmate.db")
    url = f"sqlite:///{tmp_path / 'repmate.db'}"
    app = open_app(Settings(_env_file=None, database_url=url, data_dir=tmp_path / "data"))
    yield app
    app.close()


def _say(app: App, text: str, id_: str = "m1", account: str = "tangning") -> list[Reply]:
    return app.dispatcher.handle(Incoming("terminal", id_, account, NOW, text))


def _press(app: App, button: str, id_: str = "p1", account: str = "tangning") -> list[Reply]:
    return app.dispatcher.handle(Incoming("terminal", id_, account, NOW, press=button))


def _button(replies: list[Reply], label: str) -> str:
    return next(b.id for reply in replies for b in reply.buttons if b.label == label)


def test_the_same_message_twice_has_one_effect_and_the_same_answer(app: App) -> None:
    first = _say(app, VISIT)
    assert _say(app, VISIT) == first
    with Session(app.engine) as session:
        assert len(session.exec(select(VisitNote)).all()) == 1


def test_a_press_delivered_twice_confirms_once(app: App) -> None:
    button = _button(_say(app, VISIT), "确认")
    assert _press(app, button) == _press(app, button)
    with Session(app.engine) as session:
        assert len(session.exec(select(NextStep)).all()) == 1


def test_a_finished_card_says_so(app: App) -> None:
    button = _button(_say(app, VISIT), "确认")
    _press(app, button)
    assert "已经确认过" in _press(app, button, "p2")[0].text


def test_a_card_that_was_changed_since_is_not_confirmed_by_its_old_button(app: App) -> None:
    button = _button(_say(app, VISIT), "确认")
    _say(app, "时长改成三十分钟", "m2")
    assert "后来改过" in _press(app, button)[0].text
    with Session(app.engine) as session:
        assert session.exec(select(VisitNote.status)).all() == [NoteStatus.DRAFT]


def test_a_colleague_cannot_press_my_buttons(app: App) -> None:
    button = _button(_say(app, VISIT), "确认")
    assert "没有找到" in _press(app, button, account="luowei")[0].text
    with Session(app.engine) as session:
        assert session.exec(select(VisitNote.status)).all() == [NoteStatus.DRAFT]


@pytest.mark.parametrize(
    "button",
    [
        "note.ok",
        "note.ok:1",
        "note.ok:x:1",
        "note.ok:1:1:1",
        "nothing",
        "",
        ":",
        "note.who:1:1:1; DROP",
    ],
)
def test_a_made_up_button_does_nothing(app: App, button: str) -> None:
    [reply] = _press(app, button)
    assert "不能用了" in reply.text or "没有找到" in reply.text


def test_a_stranger_learns_nothing_but_how_to_join(app: App) -> None:
    assert _say(app, "下一个该见谁", account="nobody") == [Reply(STRANGER)]
    with Session(app.engine) as session:
        assert session.exec(select(Message)).all() == []


def test_what_is_not_understood_is_answered_and_kept(app: App) -> None:
    assert _say(app, "嗯嗯哦哦")[-1] == Reply(UNCLEAR[Role.REP])
    with Session(app.engine) as session:
        assert session.exec(select(Message.body)).all() == ["嗯嗯哦哦"]


def test_every_version_of_a_note_stays(app: App) -> None:
    _say(app, VISIT)
    _say(app, "时长改成三十分钟", "m2")
    with Session(app.engine) as session:
        versions = session.exec(select(NoteVersion).order_by(col(NoteVersion.version))).all()
        assert [v.content["duration_minutes"] for v in versions] == [20, 30]
        assert versions[1].because == "时长改成三十分钟"


@capability(command="/break", title="坏掉", example="坏掉", words=("坏掉",), slots=NoSlots)
def breaks(turn: Turn, _: object) -> Reply:
    """Writes, then fails as a bug would, with the person's name in the error."""
    turn.session.add(NextStep(owner_id=turn.me, action="不该留下", created_at=turn.now))
    turn.session.flush()
    raise RuntimeError(f"bug while serving {turn.person.name}")


def test_the_question_what_to_change_ends_with_a_dictation_in_another_chat(app: App) -> None:
    with Session(app.engine) as session:
        bind(session, "tangning", "601", NOW)
        session.commit()
    _press(app, _button(_say(app, VISIT), "修改"))
    other = "今天还在市人民心内见了方琳，聊了十分钟，她想要舒络宁的说明书"
    app.dispatcher.handle(Incoming("telegram", "1", "601", NOW, other, chat="601"))
    (changed,) = _say(app, "时长改成四十分钟", "m2")
    assert "10分钟 → 40分钟" in changed.text
    assert "方琳" in changed.text


def test_a_bug_is_one_kind_sentence_loses_nothing_and_leaves_no_half_work(
    app: App, tmp_path: Path
) -> None:
    module = ModuleType("broken")
    vars(module)["breaks"] = breaks
    registry = Registry.collect([module])
    broken = Dispatcher(app.engine, registry, app.policy, RulesProposer(), tmp_path)
    [reply] = broken.handle(Incoming("terminal", "m1", "tangning", NOW, "坏掉"))
    assert "没处理好" in reply.text
    assert "RuntimeError" not in reply.text
    with Session(app.engine) as session:
        assert session.exec(select(NextStep)).all() == []
        assert session.exec(select(Message.body)).all() == ["坏掉"]
    log = (tmp_path / "data" / "repmate.log").read_text(encoding="utf-8")
    assert "RuntimeError" in log
    assert "唐宁" not in log


def test_two_capabilities_cannot_claim_the_same_command() -> None:
    first, second = ModuleType("first"), ModuleType("second")
    vars(first)["breaks"] = breaks
    vars(second)["other"] = capability(command="/break", title="", example="")(
        lambda _turn, _slots: Reply("")
    )
    with pytest.raises(ValueError, match="/break is declared twice"):
        Registry.collect([first, second])


def test_a_good_invite_code_binds_the_account_once(app: App) -> None:
    with Session(app.engine) as session:
        person = session.exec(select(Person).where(Person.login == "luowei")).one()
        code = create_invite(session, person, now=NOW)
        session.commit()

    def write(id_: str, account: str, text: str) -> str:
        incoming = Incoming("telegram", id_, account, NOW, text)
        return app.dispatcher.handle(incoming)[-1].text

    assert write("1", "77", "你好") == STRANGER
    assert "骆薇，您好" in write("2", "77", f" {code.lower()} ")
    assert "用不了" in write("3", "88", code)
    assert "骆薇" in write("4", "77", "你好")

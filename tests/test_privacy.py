"""Prescription counts and patient identity are kept nowhere: not in the database file, the log, an
answer, a file, or what a model is asked (SY-05). The sentences: privacy_sentences.toml."""

import re
import shutil
import tomllib
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select, text

from bot.app import App, open_app
from bot.config import Settings
from bot.messages import Attachment, Incoming, Reply
from bot.territory import export_territory, import_territory
from bot.understanding.screening import mask
from storage.messages import Message
from storage.people import Person
from storage.rosters import roster_of
from tests.llm.notes import met, note, visit
from tests.llm.server import ScriptedModel, says, scripted
from tests.territory.files import good_sheets, save, with_cell
from tests.test_dialogues import territory, world

__all__ = ["territory", "world"]

NOW = datetime.fromisoformat("2026-11-03T17:40:00+08:00")
SENTENCES = tomllib.loads(
    (Path(__file__).parent / "privacy_sentences.toml").read_text(encoding="utf-8")
)
HARMLESS: list[str] = SENTENCES.pop("harmless")
SECRETS = [secret for kind in SENTENCES.values() for one in kind for secret in one["secret"]]
VISIT = "刚从市人民心内出来，见了沈怀安主任，聊了二十分钟。下周三前把RCT文献发给他。"
EVENT = "刚见了沈若兰主任，她说有个六十来岁的患者吃舒络宁第三天起了皮疹，停药两天就退了。"


class Rep:
    """唐宁 in one chat: says, presses, sends; what came back is kept."""

    def __init__(self, app: App, account: str = "tangning") -> None:
        self.app, self.account = app, account
        self.answers: list[Reply] = []
        self.numbers = count()

    def say(self, words: str) -> list[Reply]:
        """Send words."""
        return self._send(words)

    def press(self, label: str) -> list[Reply]:
        """Press the newest button whose label starts so."""
        shown = [b for reply in reversed(self.answers) for b in reply.buttons]
        return self._send(press=next(b.id for b in shown if b.label.startswith(label)))

    def _send(self, words: str = "", press: str | None = None) -> list[Reply]:
        number = f"/{self.account}/{next(self.numbers)}/"
        incoming = Incoming("terminal", number, self.account, NOW, words, press)
        replies = self.app.dispatcher.handle(incoming)
        self.answers += replies
        return replies


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    """A model that structures every dictation in the same harmless way."""
    with scripted(
        says(note(visit(customers=[met("沈怀安主任")], key_points=["血压达标"])))
    ) as model:
        yield model


@pytest.fixture(scope="module")
def folder(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this program keeps its database, its log and its files."""
    folder = tmp_path_factory.mktemp("privacy")
    shutil.copy(world, folder / "repmate.db")
    return folder


@pytest.fixture(scope="module")
def app(folder: Path, model: ScriptedModel) -> Iterator[App]:
    """The program with a model."""
    app = open_app(
        Settings(
            _env_file=None,
            database_url=f"sqlite:///{folder / 'repmate.db'}",
            data_dir=folder / "data",
            llm_base_url=model.base_url,
            llm_model="scripted",
            log_level="DEBUG",
        )
    )
    yield app
    app.close()


@pytest.fixture(scope="module")
def rep(app: App) -> Rep:
    """A rep who said every sentence there is, where it can be said, and confirmed what came."""
    rep = Rep(app)
    for sentence in SENTENCES["dictation"]:
        rep.say(sentence["say"])
        rep.press("确认")
    for sentence in SENTENCES["question"]:
        rep.say(sentence["say"])
    for sentence in SENTENCES["edit"]:
        rep.say(VISIT)
        rep.press("修改")
        rep.say(sentence["say"])
        rep.press("确认")
        rep.say("把上一条的" + sentence["say"])
    for sentence in SENTENCES["reason"]:
        rep.say("下一个该见谁")
        rep.press("不去")
        rep.say(sentence["say"])
    for sentence in SENTENCES["reminder"]:
        rep.say(sentence["say"])
        rep.press("确认")
    for sentence in SENTENCES["addition"]:
        rep.say(EVENT)
        rep.press("补充不良事件")
        rep.say(sentence["say"])
    return rep


def kept(text: str) -> list[str]:
    """The secrets that a text still has."""
    return [secret for secret in SECRETS if secret in text]


def test_there_are_enough_sentences_and_no_secret_is_said_twice() -> None:
    assert sum(len(kind) for kind in SENTENCES.values()) >= 60
    assert len(set(SECRETS)) == len(SECRETS)


def test_the_database_file_keeps_none_of_them(rep: Rep, folder: Path) -> None:
    with rep.app.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        rows = connection.execute(text("SELECT count(*) FROM message")).scalar_one()
    assert rows >= 100
    for path in folder.glob("repmate.db*"):
        stored = path.read_bytes().decode("utf-8", "replace")
        # Hashes of the audit trail and microseconds hold any digits by chance.
        stored = re.sub(r"[0-9a-f]{64}|\.\d{6}", "", stored)
        # JSON columns spell Chinese as \\uXXXX.
        spelled = re.sub(r"\\u([0-9a-f]{4})", lambda hit: chr(int(hit[1], 16)), stored)
        assert kept(stored) == []
        assert kept(spelled) == []


def test_the_log_and_the_files_keep_none_of_them(rep: Rep, folder: Path) -> None:
    assert rep.answers
    paths = [path for path in (folder / "data").rglob("*") if path.is_file()]
    assert any(path.name == "repmate.log" for path in paths)
    for path in paths:
        assert kept(path.read_bytes().decode("utf-8", "replace")) == []


def test_no_answer_repeats_them(rep: Rep) -> None:
    with Session(rep.app.engine) as session:
        stored = session.exec(select(Message.replies)).all()
    assert kept("\n".join(reply.text for reply in rep.answers)) == []
    assert kept(str(stored)) == []


def test_the_model_hears_none_of_them(rep: Rep, model: ScriptedModel) -> None:
    assert len(model.requests) >= len(SENTENCES["dictation"])
    assert kept(model.heard) == []
    assert "患者" in model.heard


def test_masking_is_told_and_the_rest_of_the_dictation_stays(rep: Rep) -> None:
    [said] = [one for one in SENTENCES["dictation"] if "7341" in one["secret"]]
    with Session(rep.app.engine) as session:
        bodies = session.exec(select(Message.body)).all()
    assert said["say"].replace("7341", "[已脱敏]") in bodies
    assert any("处方数量" in reply.text for reply in rep.answers)
    assert any("患者" in reply.text and "遮去" in reply.text for reply in rep.answers)


def test_an_export_has_none_of_them(rep: Rep, tmp_path: Path) -> None:
    with Session(rep.app.engine) as session:
        export_territory(session, tmp_path / "out.xlsx", now=NOW, actor_id=None)
    book = load_workbook(tmp_path / "out.xlsx", read_only=True)
    cells = [
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    ]
    assert len(cells) > 50
    assert kept(" ".join(cells)) == []


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("备注", "上月开舒心平7341盒"),
        ("备注", "介绍过患者薄熙梅，住院号7730192"),
        ("标签", "药事会成员;月处方量7341"),
        ("沟通风格", "爱聊38床那位阚玉珍"),
        ("门诊时间", "周二上午;每月6217支"),
        ("学术兴趣", "患者蒲德海的病例"),
    ],
)
def test_an_imported_cell_that_holds_one_is_refused_and_not_repeated(
    app: App, tmp_path: Path, header: str, cell: str
) -> None:
    path = save(tmp_path / "t.xlsx", with_cell(good_sheets(), "客户", 2, header, cell))
    number = f"/{header}/{len(cell)}/"
    file = Attachment(path.name, path, "application/octet-stream")
    [said] = app.dispatcher.handle(Incoming("terminal", number, "admin", NOW, file=file))
    assert "「客户」第 2 行 " in said.text
    assert f" 列「{header}」：里面像是" in said.text
    assert kept(said.text) == []


def test_what_a_customers_row_may_say_is_imported(app: App, tmp_path: Path) -> None:
    sheets = with_cell(good_sheets(), "客户", 2, "备注", "手机13988126699，2024年进修，带3个研究生")
    with Session(app.engine) as session:
        path = save(tmp_path / "t.xlsx", sheets)
        report = import_territory(session, path, now=NOW, actor_id=None)
        session.rollback()
    said = report.count_of("客户")
    assert said.added + said.updated + said.same == 3


def test_what_only_sounds_like_one_stays_as_it_was_said(app: App) -> None:
    with Session(app.engine) as session:
        rep = session.exec(select(Person).where(Person.login == "tangning")).one()
        roster = roster_of(session, rep)
    masked = {say: mask(say, roster).text for say in HARMLESS}
    assert {say: found for say, found in masked.items() if say != found} == {}

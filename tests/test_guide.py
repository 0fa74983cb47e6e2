"""The manual's examples work: each is said to the assistant in the sample territory."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.app import App, open_app
from bot.channels.talk import Talk
from bot.config import Settings
from bot.entry import COMMANDS
from bot.sample.customers import SAMPLE_REP
from bot.sample.history import seed_sample
from bot.terminal import open_talk

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "guide.zh.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def examples(section: str) -> list[str]:
    """What the table of a section says to say."""
    body = GUIDE.split(f"## {section}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|$", body, flags=re.MULTILINE)[1:]
    return [said for row in rows for said in row.split("；") if not said.startswith("点")]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The program with the sample in it."""
    folder = tmp_path_factory.mktemp("guide")
    app = open_app(
        Settings(_env_file=None, database_url=f"sqlite:///{folder / 'x.db'}", data_dir=folder)
    )
    with Session(app.engine) as session:
        seed_sample(session, app.policy, now=NOW)
        session.commit()
    yield app
    app.close()


@pytest.fixture(scope="module")
def talk(program: App) -> Talk:
    """The sample rep, who has told of one visit already."""
    talk = open_talk(program, SAMPLE_REP, NOW)
    dictation = re.search(r"^> (.+)$", GUIDE, flags=re.MULTILINE)
    assert dictation is not None
    assert "待确认" in talk.say(dictation[1])[-1].reply.text
    return talk


def test_the_rep_s_table_is_found() -> None:
    assert "下一个该见谁" in examples("代表")
    assert len(examples("代表")) >= 12


@pytest.mark.parametrize("said", examples("代表"))
def test_what_the_manual_tells_a_rep_to_say_is_understood(said: str, talk: Talk) -> None:
    answers = "\n".join(shown.reply.text for shown in talk.say(said))
    for failure in ("没看懂", "没处理好", "没找到", "没有找到", "看不懂"):
        assert failure not in answers


@pytest.mark.parametrize("said", examples("提醒"))
def test_what_the_manual_tells_about_reminders_is_understood(said: str, talk: Talk) -> None:
    answers = "\n".join(shown.reply.text for shown in talk.say(said))
    assert any(word in answers for word in ("我的提醒", "好，"))
    for failure in ("没看懂", "没处理好", "没有找到"):
        assert failure not in answers


@pytest.mark.parametrize("said", examples("合规"))
def test_what_the_manual_tells_compliance_to_say_is_understood(said: str, program: App) -> None:
    rep = open_talk(program, SAMPLE_REP, NOW)
    rep.say("有个患者吃了我们的药住院了")
    rep.say("有个患者吃了我们的药起皮疹")
    compliance = open_talk(program, "tangkewei", NOW)
    compliance.say("合规提醒")
    answers = "\n".join(shown.reply.text for shown in compliance.say(said))
    for failure in ("没看懂", "没处理好", "没有这个号", "没有找到"):
        assert failure not in answers


def test_what_the_manual_tells_an_admin_to_say_is_understood(program: App) -> None:
    body = GUIDE.split("## 管理员\n")[1].split("\n## ")[0]
    said = re.findall(r"发「(.+?)」", body)
    assert {"导入", "导出客户", "邀请陆晚晴", "绑定情况", "解绑陆晚晴"} <= set(said)
    admin = open_talk(program, "admin", NOW)
    for words in said:
        answers = "\n".join(shown.reply.text for shown in admin.say(words))
        for failure in ("没看懂", "没处理好", "人员里没有"):
            assert failure not in answers


def test_every_command_of_the_manual_and_the_readme_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    known = {name.split()[0] for name, _, _ in COMMANDS}
    named = re.findall(r"python -m bot ([a-z]+)", GUIDE + readme)
    assert named
    assert set(named) <= known

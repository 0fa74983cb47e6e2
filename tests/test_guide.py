"""The manual's examples work: each is said to the assistant in the sample territory."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.app import App, open_app
from bot.channels.talk import Talk
from bot.channels.wecom.cards import tell_choices
from bot.channels.wecom.choices import WANTS_BUTTONS, WANTS_NUMBERS
from bot.channels.wecom.receiving import CALLBACK_PATH
from bot.config import Settings
from bot.entry import COMMANDS
from bot.menus import UPDATED
from bot.messages import Button
from bot.sample.customers import SAMPLE_REP
from bot.sample.history import seed_sample
from bot.terminal import open_talk

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "guide.zh.md").read_text(encoding="utf-8")
WECOM = (ROOT / "docs" / "wecom.md").read_text(encoding="utf-8")
TEXTS = "\n".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *ROOT.glob("docs/*.md"))
)
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


def test_every_command_of_the_docs_exists() -> None:
    known = {name.split()[0] for name, _, _ in COMMANDS}
    named = re.findall(r"python -m bot ([a-z]+)", TEXTS)
    assert {"doctor", "serve", "menu", "invite"} <= set(named)
    assert set(named) <= known


def test_every_setting_of_the_docs_exists_and_those_of_wecom_are_explained() -> None:
    known = {name.upper() for name in Settings.model_fields}
    named = set(re.findall(r"\b(?:WECOM|TELEGRAM|LLM|SPEECH|WEB)_[A-Z_]+[A-Z]\b", TEXTS))
    assert named <= known
    assert {name for name in known if name.startswith("WECOM")} <= set(re.findall(r"\w+", WECOM))


def test_what_the_wecom_guide_tells_to_look_at_is_there() -> None:
    program = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    events = set(re.findall(r"`(wecom_[a-z_]+|daily_[a-z_]+)`", WECOM))
    assert {"wecom_forged", "wecom_bot_outage", "daily_limit_reached"} <= events
    assert [event for event in events if f'"{event}"' not in program] == []
    assert f"https://bot.example.com{CALLBACK_PATH}" in WECOM
    assert UPDATED in WECOM
    assert "「用数字」" in WECOM
    assert "「用按钮」" in WECOM
    assert ("用数字" in WANTS_NUMBERS, "用按钮" in WANTS_BUTTONS) == (True, True)


@pytest.mark.parametrize("text", [GUIDE, WECOM])
def test_the_guides_show_choices_in_words_as_wecom_does(text: str) -> None:
    numbered = tell_choices("", [Button(label, "x") for label in ("确认", "修改", "取消")], 1)
    worded = tell_choices("", [Button(label, "x") for label in ("完成 1", "推迟 1")], None)
    assert numbered in text
    assert worded in text


def test_people_are_put_in_before_anybody_is_invited() -> None:
    commands = re.findall(r"^\.venv/bin/python -m bot ([a-z]+)", WECOM, flags=re.MULTILINE)
    assert commands.index("migrate") < commands.index("import") < commands.index("invite")


def test_serve_stands_alone_since_it_does_not_return() -> None:
    blocks = re.findall(r"^```\n(.*?)^```", WECOM, flags=re.MULTILINE | re.DOTALL)
    serving = [block for block in blocks if "bot serve" in block]
    assert serving
    assert all(len(block.splitlines()) == 1 for block in serving)


def test_every_file_that_the_docs_name_is_there() -> None:
    named = set(re.findall(r"`((?:bot|tests|handlers|storage|deploy|prompts)/[\w./-]+)", TEXTS))
    assert {"bot/channels/wecom/spool.py", "bot/channels/wecom_bot/lanes.py"} <= named
    assert [name for name in named if not (ROOT / name).exists()] == []

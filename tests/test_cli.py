"""The commands as a user runs them: what they print, in Chinese, and their exit codes."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from bot.config import Settings
from bot.entry import main
from bot.policy import load_policy
from bot.sample.customers import SAMPLE_REP
from bot.sample.history import seed_sample
from storage.accounts import who_is
from storage.database import open_engine
from storage.invites import redeem_invite
from storage.migrate import migrate

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in an empty folder with default settings; gives exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)

    def run(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", StringIO(typed))
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the sample, made once."""
    path = tmp_path_factory.mktemp("sample") / "repmate.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    with Session(engine) as session:
        seed_sample(session, load_policy(), now=datetime.now(UTC))
        session.commit()
    engine.dispose()
    return path


@pytest.fixture
def sample(run: Run, seeded: Path, tmp_path: Path) -> Run:
    """Runs commands where the sample is already there."""
    (tmp_path / "data").mkdir()
    shutil.copy(seeded, tmp_path / "data" / "repmate.db")
    return run


@pytest.mark.parametrize("arguments", [(), ("--help",), ("chat", "-h")])
def test_help_shows_each_command_with_an_example(arguments: tuple[str, ...], run: Run) -> None:
    code, out, _ = run(*arguments)
    assert code == 0
    for command in (
        "chat",
        "structure",
        "import",
        "export",
        "migrate",
        "doctor",
        "menu",
        "invite",
        "unbind",
        "serve",
        "audit",
    ):
        assert f"python -m bot {command}" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("dance",), "没有这个命令"),
        (("chat", "--loud"), "没有「--loud」这个选项"),
        (("chat", "--as"), "没有「--as」这个选项，或后面少了内容"),
        (("import",), "「file」少了"),
        (("invite",), "「login」少了"),
        (("unbind",), "「login」少了"),
        (("structure", "x.jsonl", "--engine", "magic"), "「--engine」少了或写得不对"),
    ],
)
def test_bad_use_is_told_in_chinese_with_exit_code_2(
    arguments: tuple[str, ...], told: str, run: Run
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert "Usage" not in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("chat", "--json"), "还没有人员"),
        (("chat", "--as", "zhangsan"), "不能用 --as 换人"),
        (("chat", "--at", "昨天", "--json"), "看不懂时间「昨天」"),
        (("invite", "nobody"), "没有在用的账号「nobody」"),
        (("unbind", "nobody"), "没有账号「nobody」"),
        (("import", "none.xlsx"), "打不开文件「none.xlsx」"),
        (("structure", "none.jsonl"), "打不开文件「none.jsonl」"),
        (("menu",), "还没有配置聊天平台"),
        (("structure", "none.jsonl", "--engine", "llm"), "还没有配置大模型"),
    ],
)
def test_what_cannot_be_done_is_told_in_chinese(
    arguments: tuple[str, ...], told: str, run: Run
) -> None:
    code, _, err = run(*arguments)
    assert code == 1
    assert told in err
    assert "Traceback" not in err


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    code, _, err = run("migrate")
    assert code == 2
    assert "LOG_LEVEL" in err


def test_an_unreachable_database_points_to_doctor(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    code, _, err = run("migrate")
    assert code == 1
    assert "doctor" in err


def test_the_sample_is_seeded_once_and_its_day_can_be_played(run: Run) -> None:
    assert "已放入虚构的示例辖区" in run("sample")[1]
    assert "没有改动" in run("sample")[1]
    code, out, err = run("chat")
    assert (code, err) == (0, "")
    for line in ("下一个该见谁", "拜访记录", "已存", "李崇文", "不客气"):
        assert line in out


def test_the_sample_day_is_the_same_each_time_and_leaves_the_own_data_alone(
    run: Run, tmp_path: Path
) -> None:
    sunday = ("chat", "--at", "2026-11-22T10:00", "--as", SAMPLE_REP)
    code, out, err = run(*sunday)
    assert (code, err) == (0, "")
    assert "今天 11月20日（周五）" in out
    assert run(*sunday) == (0, out, "")
    assert list(tmp_path.iterdir()) == []


COMMANDS = [
    ("chat", "--json"),
    ("sample",),
    ("export", "x.xlsx"),
    ("migrate",),
    ("invite", SAMPLE_REP),
    ("audit", "verify"),
    ("doctor",),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_no_database_is_told_by_every_command(
    command: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "repmate.db").write_text("今天见了李主任" * 99, encoding="utf-8")
    code, out, err = run(*command)
    assert code == 1
    assert "repmate.db" in out + err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", [*COMMANDS, ("chat",)])
@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (("DATABASE_URL", "mysql://root@localhost/x"), "DATABASE_URL"),
        (("POLICY_FILE", "/"), "不是文件"),
    ],
)
def test_a_bad_setting_is_told_by_every_command(
    command: tuple[str, ...],
    setting: tuple[str, str],
    told: str,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(*setting)
    code, out, err = run(*command)
    assert code in {1, 2}
    assert told in out + err


def test_a_file_that_cannot_be_written_is_named(sample: Run) -> None:
    code, _, err = sample("export", "none/x.xlsx")
    assert code == 1
    assert "x.xlsx" in err
    assert err.count("\n") == 1


def test_a_reset_keeps_the_old_sample_but_never_touches_other_data(
    sample: Run, tmp_path: Path
) -> None:
    assert "已放入" in sample("sample", "--reset")[1]
    assert len(list((tmp_path / "data").glob("repmate.db.2*"))) == 1
    with sqlite3.connect(tmp_path / "data" / "repmate.db") as database:
        database.execute(
            "INSERT INTO person (login, name, role, active) VALUES ('wo', '我', 'rep', 1)"
        )
    code, _, err = sample("sample", "--reset")
    assert code == 1
    assert "没有动它" in err


def test_json_lines_from_stdin_and_from_a_file(sample: Run, tmp_path: Path) -> None:
    line = json.dumps({"text": "谢谢"})
    code, typed, _ = sample("chat", "--json", "--as", "tangkewei", typed=f"{line}\n")
    assert code == 0
    (tmp_path / "lines.jsonl").write_text(line, encoding="utf-8")
    _, read, _ = sample("chat", "--json", "--as", "tangkewei", "--file", "lines.jsonl")
    assert typed == read
    assert [json.loads(out) for out in typed.splitlines()][-1] == {"done": 1}


def test_a_card_of_an_earlier_run_can_be_confirmed(sample: Run) -> None:
    said = json.dumps({"text": "刚在市立心内见了李崇文主任，聊了二十分钟，下周三前把文献发他。"})
    sample("chat", "--json", "--at", "2026-11-03T10:00", typed=said)
    _, out, _ = sample("chat", "--json", "--at", "2026-11-03T10:05", typed='{"press": "确认"}')
    assert "已存" in out


def test_a_script_is_played(sample: Run, tmp_path: Path) -> None:
    (tmp_path / "day.txt").write_text("@ 2026-11-03 09:00 汤可为\n> 你好\n", encoding="utf-8")
    assert "汤可为，您好" in sample("chat", "--file", "day.txt")[1]


def test_the_territory_goes_out_and_comes_back_unchanged(sample: Run, tmp_path: Path) -> None:
    assert "客户 61 行" in sample("export", "out.xlsx")[1]
    assert load_workbook(tmp_path / "out.xlsx").sheetnames == ["人员", "医院", "客户", "产品"]
    code, out, _ = sample("import", "out.xlsx")
    assert code == 0
    assert "客户：新增 0，更新 0，没变 61" in out


def test_every_problem_of_a_territory_file_is_listed(sample: Run, tmp_path: Path) -> None:
    sample("export", "out.xlsx")
    book = load_workbook(tmp_path / "out.xlsx")
    for row in range(2, 27):
        book["客户"].cell(row, 9).value = 9
    book.save(tmp_path / "bad.xlsx")
    code, _, err = sample("import", "bad.xlsx")
    assert code == 1
    assert "「客户」第 2–26 行 I 列「潜力P」：写的是「9」" in err


def test_structure_prints_one_note_per_case_and_stores_nothing(sample: Run, tmp_path: Path) -> None:
    said = "刚在市立心内见了李崇文主任，聊了二十分钟。下周三前把文献发他。"
    case = {"id": "a", "as": "luwanqing", "at": "2026-11-03T10:00:00+08:00", "text": said}
    talk = {**case, "id": "b", "text": "早上好"}
    (tmp_path / "cases.jsonl").write_text(
        f"{json.dumps(case)}\n\n{json.dumps(talk)}\n", encoding="utf-8"
    )
    code, out, _ = sample("structure", "cases.jsonl")
    note, other = (json.loads(line) for line in out.splitlines())
    assert code == 0
    assert (note["id"], note["kind"], note["note"]["customers"]) == ("a", "note", ["李崇文"])
    assert note["note"]["next_steps"][0]["due"] == "2026-11-11"
    assert other == {"id": "b", "kind": "not_note", "note": None}
    with sqlite3.connect(tmp_path / "data" / "repmate.db") as database:
        assert database.execute("SELECT count(*) FROM message").fetchone() == (0,)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("x", "第 1 行不是一个 JSON 对象"),
        ('{"id": "a"}', "第 1 行缺少 as、at、text"),
        ('{"id": "a", "as": "luwanqing", "at": "x", "text": "x"}', "第 1 行的 at 不是时间"),
        ('{"id": "a", "as": "luwanqing", "at": "2026-11-03T10:00", "text": "x"}', "没有时区"),
        (
            '{"id": "a", "as": "who", "at": "2026-11-03T10:00+08:00", "text": "x"}',
            "没有账号「who」",
        ),
    ],
)
def test_a_bad_case_is_named_by_its_line(line: str, told: str, run: Run, tmp_path: Path) -> None:
    run("migrate")
    (tmp_path / "cases.jsonl").write_text(line, encoding="utf-8")
    code, _, err = run("structure", "cases.jsonl")
    assert code == 1
    assert told in err


def test_an_invite_is_shown_once_and_only_its_hash_is_kept(sample: Run, tmp_path: Path) -> None:
    code, out, _ = sample("invite", "luwanqing")
    shown = out.split("：")[1][:10]
    assert code == 0
    assert shown.encode() not in (tmp_path / "data" / "repmate.db").read_bytes()


def test_unbinding_takes_the_accounts_away(sample: Run, tmp_path: Path) -> None:
    assert "没有绑定聊天账号" in sample("unbind", "luwanqing")[1]
    code = sample("invite", "luwanqing")[1].split("：")[1][:10]
    engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'repmate.db'}")
    with Session(engine) as session:
        redeem_invite(session, code, channel="telegram", account="501", now=datetime.now(UTC))
        session.commit()
        assert sample("unbind", "luwanqing")[1].startswith("已解绑 陆晚晴 的 1 个聊天账号。")
        assert who_is(session, "telegram", "501") is None
    engine.dispose()


def test_the_audit_trail_is_intact_until_somebody_changes_it(sample: Run, tmp_path: Path) -> None:
    assert sample("audit", "verify")[0] == 0
    with sqlite3.connect(tmp_path / "data" / "repmate.db") as database:
        database.execute("DROP TRIGGER audit_entry_no_update")
        database.execute("UPDATE audit_entry SET action = 'x' WHERE id = 2")
    code, out, _ = sample("audit", "verify")
    assert code == 1
    assert "第 2 条" in out


def test_pushes_come_with_the_clock_and_are_listed_afterwards(sample: Run) -> None:
    morning = '{"at": "2026-11-24T08:45:00+08:00"}\n{"at": "2026-11-24T08:50:00+08:00"}\n'
    code, out, _ = sample("chat", "--json", "--as", SAMPLE_REP, typed=morning)
    lines = [json.loads(line) for line in out.splitlines()]
    first = lines[: lines.index({"done": 1})]
    assert (code, lines[lines.index({"done": 1}) + 1 :]) == (0, [{"done": 2}])
    own = next(line for line in first if line["to"] == SAMPLE_REP and "早安简报" in line["text"])
    assert (own["kind"], own["buttons"]) == ("push", ["今天去", "换一个", "预案"])
    assert own["text"].startswith("【早安简报】11月24日（周二）\n建议先见：\n1. ")
    assert sample("chat", "--json", "--as", SAMPLE_REP, typed='{"press": "预案"}\n')[1].count(
        "【预案】"
    )
    code, listed, _ = sample("pushes", "--at", "2026-11-24T08:50:00+08:00")
    assert "早安简报：送到了" in listed
    assert sample("pushes", "--at", "gestern")[0] == 1

"""The `eval` command as a company runs it, with its own territory and with its own model."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.config import Settings
from bot.entry import main
from tests.evaluation.cases import line
from tests.llm.notes import note, visit
from tests.llm.server import ScriptedModel, Step, fails, says, scripted

Run = Callable[..., tuple[int, str, str]]
TERRITORY = str(Path(__file__).parents[1] / "dialogues" / "territory.toml")
SAID = "刚在市人民心内见了大沈主任，聊了二十分钟，他说夜间数据太少。下周三前把文献发他。"
EXPECT = {
    "visit_date": "2026-11-18",
    "duration_minutes": 25,
    "channel": "面访",
    "hospital": "云岭市人民医院",
    "department": "心内科",
    "customers": ["沈怀安"],
    "key_points": [["夜间数据"]],
    "next_steps": [{"words": ["文献"], "customer": "沈怀安", "due": "2026-11-25"}],
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in a folder with two cases in `cases.jsonl`; exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    dictation = line(**{"as": "tangning"}, text=SAID, expect=EXPECT)
    greeting = line(id="b", **{"as": "tangning"}, text="早上好", kind="not_note", expect={})
    Path("cases.jsonl").write_text(f"{dictation}\n{greeting}\n", encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def _connect(monkeypatch: pytest.MonkeyPatch, model: ScriptedModel) -> None:
    monkeypatch.setenv("LLM_BASE_URL", model.base_url)
    monkeypatch.setenv("LLM_MODEL", "own")


def test_the_scores_are_printed_and_nothing_of_the_users_is_touched(
    run: Run, tmp_path: Path
) -> None:
    code, out, err = run("eval", "cases.jsonl", "--territory", TERRITORY, "--worst", "1")
    assert (code, err) == (0, "")
    for told in ("引擎：rules", "拜访 1，其他 1", "总分 0.9", "编造 0 处", "25", "20"):
        assert told in out
    assert SAID[:10] in out
    assert [path.name for path in tmp_path.iterdir()] == ["cases.jsonl"]


def test_a_territory_as_a_workbook(run: Run) -> None:
    run("import", "none.xlsx")
    book = Workbook()
    book.save("empty.xlsx")
    code, _, err = run("eval", "cases.jsonl", "--territory", "empty.xlsx")
    assert code == 1
    assert "人员" in err


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (says(note(visit(key_points=["数据太少"]))), "代答）0 条；调用 1 次，输入 900"),
        (fails(401), "代答）1 条；调用 1 次，输入 0"),
    ],
)
def test_an_own_model_is_measured_and_its_failures_are_counted(
    step: Step, told: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(step) as model:
        _connect(monkeypatch, model)
        _, out, _ = run("eval", "cases.jsonl", "--territory", TERRITORY, "--engine", "llm")
    assert "引擎：llm" in out
    assert told in out
    assert "口述 1 条" in out


def test_structure_tells_on_stderr_how_often_the_model_failed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("sample")
    case = {"id": "a", "as": "luwanqing", "at": "2026-11-18T17:40:00+08:00"}
    said = "刚在市立心内见了李崇文主任，聊了二十分钟。"
    Path("one.jsonl").write_text(json.dumps(case | {"text": said}), encoding="utf-8")
    with scripted(fails(401)) as model:
        _connect(monkeypatch, model)
        _, out, err = run("structure", "one.jsonl", "--engine", "llm")
    assert json.loads(out)["note"]["customers"] == ["李崇文"]
    assert "离线整理（由规则引擎代答）1 条" in err


def test_a_recorded_measurement_repeats_without_the_model(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = ("eval", "cases.jsonl", "--territory", TERRITORY, "--engine", "llm")
    monkeypatch.setenv("MODEL_RECORD", "tape")
    with scripted(says(note(visit(key_points=["数据太少"])))) as model:
        _connect(monkeypatch, model)
        first = run(*measure)
    monkeypatch.delenv("MODEL_RECORD")
    monkeypatch.setenv("MODEL_REPLAY", "tape")
    assert run(*measure) == first
    assert "调用 1 次" in first[1]


def test_a_replay_of_what_was_not_recorded_is_told_in_chinese(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_MODEL", "own")
    monkeypatch.setenv("MODEL_REPLAY", "tape")
    code, _, err = run("eval", "cases.jsonl", "--territory", TERRITORY, "--engine", "llm")
    assert code == 1
    assert err.startswith("MODEL_REPLAY：这次请求没有录过")


def test_a_folder_that_cannot_be_recorded_in_is_told_in_chinese(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_RECORD", "cases.jsonl/tape")
    with scripted(says(note(visit()))) as model:
        _connect(monkeypatch, model)
        code, _, err = run("eval", "cases.jsonl", "--territory", TERRITORY, "--engine", "llm")
    assert code == 1
    assert "MODEL_RECORD：不能写进" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("none.jsonl",), "打不开文件「none.jsonl」"),
        (("cases.jsonl", "--territory", "none.xlsx"), "打不开文件「none.xlsx」"),
        (("cases.jsonl", "--territory", "bad.toml"), "「bad.toml」写得不对"),
        (("cases.jsonl", "--territory", "cases.jsonl"), "xlsx"),
        (("cases.jsonl", "--territory", TERRITORY, "--engine", "llm"), "还没有配置大模型"),
        (("cases.jsonl",), "没有账号「tangning」"),
        (("broken.jsonl",), "第 1 行的 kind 应是 note 或 not_note"),
    ],
)
def test_what_cannot_be_measured_is_told_in_chinese(
    arguments: tuple[str, ...], told: str, run: Run
) -> None:
    Path("bad.toml").write_text('person = [{ login = "x" }]', encoding="utf-8")
    Path("broken.jsonl").write_text(line(kind="visit"), encoding="utf-8")
    code, out, err = run("eval", *arguments)
    assert (code, out) == (1, "")
    assert told in err
    assert "Traceback" not in err

"""The policy file: whatever is wrong with it is told in Chinese when the program starts."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.policy import DEFAULT_POLICY, Policy, PolicyError, load_policy

DEFAULT = DEFAULT_POLICY.read_text(encoding="utf-8")


def _changed(folder: Path, before: str, after: str) -> Path:
    assert DEFAULT.count(before) == 1
    path = folder / "company.toml"
    path.write_text(DEFAULT.replace(before, after), encoding="utf-8")
    return path


def _refused(path: Path) -> str:
    with pytest.raises(PolicyError) as refused:
        load_policy(path)
    told = str(refused.value)
    assert str(path) in told
    assert not re.search(r"Input should|Traceback|Errno", told)
    return told


def test_the_policy_that_comes_along_is_good() -> None:
    assert load_policy().recording.target_minutes == 30


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("due_days = 21", "due_days = 10", "cadence.kol：cap_days 不能大于 due_days"),
        ("due_days = 21", "due_days = 3651", "cadence.kol.due_days：不能大于 3650"),
        ("cap_days = 14", "cap_days = -1", "cadence.kol.cap_days：不能小于 0"),
        ("cap_days = 14", "cap_days = true", "cadence.kol.cap_days：要写整数"),
        ("cap_days = 14", 'cap_days = "14"', "cadence.kol.cap_days：要写整数"),
        ("cap_days = 14", "cap_days = 14.5", "cadence.kol.cap_days：要写整数"),
        ("cap_days = 14", "cap_dais = 14", "cadence.kol.cap_dais：没有这一项"),
        ("high = 4", "high = 2", "par：low 要小于 high"),
        ("high = 4", "high = 6", "par.high：不能大于 5"),
        ("late_minutes = 60", "late_minutes = 30", "target_minutes 要小于 late_minutes"),
        ("late_minutes = 60", "late_minutes = 1441", "late_minutes：不能大于 1440"),
        ("from_minutes = 20,", "from_minutes = 40,", "from_minutes 要小于 to_minutes"),
        ("solve_hours = 24", "solve_hours = 2", "respond_hours 要小于 solve_hours"),
        ("solve_hours = 24", "solve_hours = 8761", "solve_hours：不能大于 8760"),
        ("respond_workdays = 3", "respond_workdays = 251", "不能大于 250"),
        ("report_hours = 24", "report_hours = 0", "report_hours：不能小于 1"),
        ("limit_yuan = 200", "limit_yuan = 1_000_001", "limit_yuan：不能大于 1000000"),
        ("limit_yuan = 200", f"limit_yuan = {'9' * 5000}", "写得不对"),
        ("default_days = 7", "default_days = 0", "skip.default_days：不能小于 1"),
        ("question_hours = 4", "question_hours = 99999", "不能大于 8760"),
        ("join_minutes = 5", "join_minutes = 1441", "不能大于 1440"),
        ("keep_days = 30", "keep_days = 999999999", "不能大于 3650"),
        ("never_seen = 30.0", "never_seen = inf", "ranking.never_seen 要在 0 到 1000 之间"),
        ("never_seen = 30.0", "never_seen = nan", "ranking.never_seen"),
        ('"观察" = 0.0', '"观察" = -1e300', "ranking.segment 要在 0 到 1000 之间"),
        ("extra_holidays = []", "extra_holidays = [2026-13-01]", "写得不对"),
        ("extra_holidays = []", "extra_holidays = 2026-12-24", "要写成列表"),
        ("extra_holidays = []", 'extra_holidays = ["soon"]', "要写日期"),
        ("[skip]", "[skipp]", "skipp：没有这一项"),
        ("[par]  ", "[par  ", "行写得不对"),
        ("extra_workdays = []", "extra_workdays = " + "[" * 5000, "写得不对|嵌套"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, before: str, after: str, told: str) -> None:
    assert re.search(told, _refused(_changed(tmp_path, before, after)))


def test_a_day_cannot_be_both_worked_and_off(tmp_path: Path) -> None:
    path = tmp_path / "company.toml"
    both = "extra_holidays = [2026-12-24]\nextra_workdays = [2026-12-24]\n"
    path.write_text(DEFAULT[: DEFAULT.index("extra_holidays")] + both, encoding="utf-8")
    assert "2026-12-24" in _refused(path)


def test_a_missing_section_is_named(tmp_path: Path) -> None:
    path = tmp_path / "company.toml"
    path.write_text(DEFAULT[: DEFAULT.index("[calendar]")], encoding="utf-8")
    assert "calendar：缺少这一项" in _refused(path)


def test_what_is_no_text_file_is_refused_by_name(tmp_path: Path) -> None:
    binary = tmp_path / "binary.toml"
    binary.write_bytes(bytes(range(256)))
    assert "UTF-8" in _refused(binary)
    assert "不是文件" in _refused(tmp_path)
    assert "不存在" in _refused(tmp_path / "missing.toml")
    assert "不是文件" in _refused(Path(os.devnull))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_refused_by_name(tmp_path: Path) -> None:
    hidden = _changed(tmp_path, "high = 4", "high = 5")
    hidden.chmod(0)
    assert "权限" in _refused(hidden)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(raw)
    assert "\n" not in _refused(path).splitlines()[0]


@given(st.data())
def test_a_policy_that_is_taken_has_no_number_that_breaks_a_turn(data: st.DataObject) -> None:
    plain = load_policy().model_dump(mode="json")
    section = data.draw(st.sampled_from(["par", "recording", "skip", "conversation", "drafts"]))
    name = data.draw(st.sampled_from(sorted(plain[section])))
    plain[section][name] = data.draw(st.integers())
    try:
        Policy.model_validate(plain)
    except ValidationError:
        return
    assert 0 <= plain[section][name] <= 8760

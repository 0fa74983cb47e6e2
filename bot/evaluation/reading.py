"""Reads a case file with its gold, and tells in Chinese which line is wrong and how."""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.cases import CaseError
from bot.evaluation.gold import Case

_SHAPE = "每行要有 id、as、at、text、kind 和 expect"
_EXPECTED = {
    "at": "应是带时区的时间，例如 2026-11-03T17:40:00+08:00",
    "kind": "应是 note 或 not_note",
    "visit_date": "应是日期，例如 2026-11-03",
    "due": "应是日期（例如 2026-11-06）或 null",
    "level": "应是 1、2 或 3",
    "duration_minutes": "应是分钟数或 null",
    "words": '应是一组词，例如 ["文献|RCT"]',
    "goal": '应是一组词（例如 ["义诊"]）或 null',
    "expect": "应是一个对象；不是拜访的用 {}",
}
_KINDS = {"missing": "缺少", "list_type": "应是一组，用 [ ] 括起来", "string_type": "应是文字"}


def read_gold(lines: Iterable[str]) -> list[Case]:
    """Every case of a JSON-lines file; empty lines are skipped.

    Raises:
        CaseError: a line cannot be used, an id comes twice, or there is no case at all.
    """
    cases: dict[str, Case] = {}
    for number, case in _numbered(lines):
        if case.id in cases:
            raise CaseError(f"第 {number} 行的 id「{case.id}」前面已经有了，每条要不同。")
        cases[case.id] = case
    if not cases:
        raise CaseError(f"文件里没有用例。{_SHAPE}，一行一个 JSON 对象。")
    return list(cases.values())


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, Case]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _read_case(line, number)


def _read_case(line: str, number: int) -> Case:
    try:
        case = Case.model_validate_json(line)
    except ValidationError as error:
        raise CaseError(f"第 {number} 行{_explain(error.errors()[0])}。") from None
    if case.is_note and case.expect.visit_date is None:
        raise CaseError(f"第 {number} 行的 expect.visit_date 缺少：{_EXPECTED['visit_date']}。")
    return case


def _explain(error: ErrorDetails) -> str:
    """Where it is wrong and what is expected; never what the line says."""
    path = [str(part) for part in error["loc"]]
    if not path:
        return f"不是一个 JSON 对象。{_SHAPE}"
    where = f"的 {'.'.join(path)} "
    if error["type"] == "missing":
        return f"缺少 {'.'.join(path)}。{_SHAPE}" if len(path) == 1 else f"{where}缺少"
    inner = path[1:] if len(path) > 1 else path
    named = [part for part in inner if part in _EXPECTED]
    return where + (_EXPECTED[named[-1]] if named else _KINDS.get(error["type"], "写得不对"))

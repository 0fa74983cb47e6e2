"""The scores as a person reads them: Chinese labels, one line per field, the worst cases."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel
from rich.console import RenderableType
from rich.table import Table

from bot.evaluation.gold import unknown_words
from bot.evaluation.score import CaseScore, Result

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "kind": "是不是拜访",
        "visit_date": "拜访日期",
        "start_time": "开始时间",
        "duration_minutes": "时长",
        "channel": "方式",
        "hospital": "医院",
        "department": "科室",
        "customers": "客户",
        "ambiguous": "要问清的人",
        "new_people": "新认识的人",
        "goal": "目的",
        "key_points": "要点",
        "quotes": "原话",
        "profile_updates": "档案更新",
        "next_steps": "待办",
        "next_due": "待办的期限",
        "next_customer": "待办为了谁",
        "needs": "需求",
        "flags": "合规提醒",
    }
)
_PART_OF_A_STEP = {"next_due": "due", "next_customer": "customer"}
_LONGEST_VALUE = 160


def report(result: Result, *, worst: int = 0) -> Iterator[RenderableType]:
    """Everything that is to be printed, piece by piece."""
    dictations = sum(one.case.is_note for one in result.cases)
    others = len(result.cases) - dictations
    yield f"用例 {len(result.cases)} 条：拜访 {dictations}，其他 {others}。\n"
    yield _field_table(result)
    yield f"\n总分 {result.overall:.4f}（{len(result.fields)} 个字段的平均）"
    yield from _told_inventions(result)
    yield from _told_unknown_words(result)
    for case in result.worst(worst):
        yield f"\n{case.case.id}  {case.score:.3f}  {case.case.text}"
        yield _wrong_table(case)


def _field_table(result: Result) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("字段")
    for heading in ("得分", "准确率", "召回率", "应有", "找到", "给出", "有据"):
        table.add_column(heading, justify="right")
    for field, tally in result.fields.items():
        shares = (f"{share:.3f}" for share in (tally.score, tally.precision, tally.recall))
        counts = map(str, (tally.wanted, tally.found, tally.given, tally.right))
        table.add_row(LABELS[field], *shares, *counts)
    return table


def _told_inventions(result: Result) -> Iterator[str]:
    found = result.inventions
    counts = Counter(one.what for one in found)
    told = "，".join(f"{what} {counts[what]}" for what in ("原话", "客户", "日期"))
    yield f"编造 {len(found)} 处：{told}"
    for one in found:
        yield f"  {one.case_id}  {one.what}「{one.value}」"


def _told_unknown_words(result: Result) -> Iterator[str]:
    for one in result.cases:
        if unknown := unknown_words(one.case):
            yield f"{one.case.id} 的 expect 里有不认识的 {'、'.join(unknown)}，没有计分。"


def _wrong_table(case: CaseScore) -> Table:
    table = Table("", "应为", "实为", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for field in case.wrong:
        wanted, given = _both_sides(case, field)
        table.add_row(LABELS[field], _short(wanted), _short(given))
    return table


def _both_sides(case: CaseScore, field: str) -> tuple[Any, Any]:
    if field == "kind":
        return case.case.kind, case.kind
    if part := _PART_OF_A_STEP.get(field):
        steps = case.case.expect.next_steps, case.note.next_steps
        wanted, given = ([getattr(step, part) for step in side] for side in steps)
        return wanted, given
    return getattr(case.case.expect, field), getattr(case.note, field)


def _short(value: Any) -> str:
    told = json.dumps(value, ensure_ascii=False, default=_as_written)
    return told if len(told) <= _LONGEST_VALUE else f"{told[: _LONGEST_VALUE - 1]}…"


def _as_written(item: BaseModel) -> dict[str, Any]:
    return item.model_dump(exclude_unset=True)

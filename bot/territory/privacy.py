"""Cells of a territory file that hold what may not be collected: prescription counts, patients."""

import re

from bot.domain.note import FlagCode
from bot.domain.roster import Roster
from bot.territory.layout import Layout
from bot.territory.problems import ProblemList
from bot.territory.rows import Row
from bot.understanding.screening import mask

_FREE_TEXT = ("post", "title", "tags", "interests", "style", "clinic_hours", "remark")
# Almost no cell of 100,000 rows has any of these; only those that do are screened.
_SUSPECT = re.compile(r"\d{2}|[十百千万]|患者|病人|床|处方|微信")
_NOBODY = Roster(customers=(), hospitals=(), products=(), colleagues=())
_WRONG = {
    FlagCode.PRESCRIPTION_COUNT: "里面像是医生的处方数量（统方），法规不允许收集",
    FlagCode.PATIENT_PII: "里面像是患者的个人信息，不能保存",
}


def refuse_secrets(row: Row, layout: Layout, problems: ProblemList) -> None:
    """Note every cell with a prescription count or a patient's identity, without repeating it."""
    for field in _FREE_TEXT:
        for code in _found(row.values.get(field)):
            header = layout.column(field).header
            problems.add(layout.name, row.number, header, _WRONG[code], "请删掉这一段再导入")


def _found(value: object) -> list[FlagCode]:
    words = "，".join(value) if isinstance(value, list) else str(value or "")
    if not _SUSPECT.search(words):
        return []
    # A customer's row tells of that customer: say so, as a dictation would.
    flags = mask("该医生" + re.sub("[;；\n]", "，", words), _NOBODY).flags
    return sorted({flag.code for flag in flags})

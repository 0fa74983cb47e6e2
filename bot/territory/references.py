"""Whether a customer's row refers to what exists, and holds nothing that may not be collected."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from bot.domain.note import FlagCode
from bot.domain.roster import Roster
from bot.territory.layout import layouts
from bot.territory.problems import ProblemList
from bot.territory.rows import Row
from bot.understanding.screening import mask
from storage.people import Role

CARRY_CUSTOMERS = {Role.REP, Role.MANAGER}
FREE_TEXT = ("post", "tags", "interests", "style", "remark")
NUMERAL = re.compile("[0-9０-９一二三四五六七八九十百千两几]")
KEPT_HINTS = 100


@dataclass(frozen=True, slots=True)
class References:
    """What customers may refer to: owners by login with their role, hospitals, and the hospitals'
    short names for a hint."""

    owners: Mapping[str, Role | None]
    hospitals: frozenset[Any]
    aliases: dict[str, str]
    problems: ProblemList

    def nearest(self, said: str, names: Iterable[str]) -> str | None:
        """The name most like what was typed; only for the first problems, as it takes a while."""
        if self.problems.total >= KEPT_HINTS:
            return None
        near = get_close_matches(said, names, n=1)
        return near[0] if near else None


def check_customer(row: Row, references: References) -> None:
    """Note what is wrong with a customer beyond its single cells."""
    problems, values = references.problems, row.values
    if values["department"] is None and "department" not in row.unfit:
        problems.add("客户", row.number, "科室", "空着", "医生和药师必须填科室")
    _check_free_text(row, problems)
    owner, hospital = values["owner"], values["hospital"]
    if owner is not None:
        role = references.owners.get(owner)
        if owner not in references.owners:
            near = references.nearest(owner, references.owners)
            hint = f"是不是「{near}」？" if near else ""
            expected = f"{hint}应是「人员」表里的一个账号"
            problems.add("客户", row.number, "负责代表", f"没有「{owner}」这个账号", expected)
        elif role is not None and role not in CARRY_CUSTOMERS:
            wrong = f"「{owner}」的角色是{role.label}"
            problems.add("客户", row.number, "负责代表", wrong, "应是代表或主管的账号")
    if hospital is not None and hospital not in references.hospitals:
        problems.add(
            "客户",
            row.number,
            "医院",
            f"「医院」表里没有「{hospital}」",
            _hospital_hint(hospital, references),
        )


def _check_free_text(row: Row, problems: ProblemList) -> None:
    """No field may carry in words what no column may (SY-05)."""
    for name in FREE_TEXT:
        value = row.values.get(name)
        said = "；".join(value) if isinstance(value, list) else value or ""
        if NUMERAL.search(said) and holds_prescriptions(said):
            wrong = "里面像是医生的处方数量（统方），法规不允许收集"
            header = layouts()[2].column(name).header
            problems.add("客户", row.number, header, wrong, "请删掉这些数字")


@lru_cache(maxsize=4096)
def holds_prescriptions(said: str) -> bool:
    """Whether the screening would mask a prescription count in these words."""
    found = mask(said, Roster((), (), (), ()))
    return any(flag.code == FlagCode.PRESCRIPTION_COUNT for flag in found.flags)


def _hospital_hint(hospital: str, references: References) -> str:
    full = references.aliases.get(hospital)
    full = full or references.nearest(hospital, references.hospitals)
    return f"请写全称，是不是「{full}」？" if full else "请先加到「医院」表，或改成那里的全称"

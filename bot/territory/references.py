"""Whether a customer's row refers to what exists, and holds nothing that may not be collected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bot.territory.layout import layouts
from bot.territory.privacy import refuse_secrets
from bot.territory.problems import ProblemList
from bot.territory.rows import Row
from storage.people import Role

CARRY_CUSTOMERS = {Role.REP, Role.MANAGER}
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
    refuse_secrets(row, layouts().customers, problems)
    _check_owner(row, references)
    _check_hospital(row, references)


def _check_owner(row: Row, references: References) -> None:
    owner = row.values["owner"]
    if owner is None:
        return
    role = references.owners.get(owner)
    if owner not in references.owners:
        near = references.nearest(owner, references.owners)
        hint = f"是不是「{near}」？" if near else ""
        wrong, expected = f"没有「{owner}」这个账号", f"{hint}应是「人员」表里的一个账号"
    elif role is not None and role not in CARRY_CUSTOMERS:
        wrong, expected = f"「{owner}」的角色是{role.label}", "应是代表或主管的账号"
    else:
        return
    references.problems.add("客户", row.number, "负责代表", wrong, expected)


def _check_hospital(row: Row, references: References) -> None:
    hospital = row.values["hospital"]
    if hospital is not None and hospital not in references.hospitals:
        wrong, expected = f"「医院」表里没有「{hospital}」", _hospital_hint(hospital, references)
        references.problems.add("客户", row.number, "医院", wrong, expected)


def _hospital_hint(hospital: str, references: References) -> str:
    full = references.aliases.get(hospital)
    full = full or references.nearest(hospital, references.hospitals)
    return f"请写全称，是不是「{full}」？" if full else "请先加到「医院」表，或改成那里的全称"

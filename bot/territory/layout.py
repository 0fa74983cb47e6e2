"""The sheets and columns of a territory file, and which headers are refused."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from bot.domain.tiers import Tier
from bot.territory.kinds import Kind, choice, decimal, joined_words, text, whole, words
from storage.customers import CustomerKind
from storage.people import Role


class PrescriptionCountWords(BaseModel):
    """Words of a header that smells of prescription counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parts: frozenset[str]
    latin: frozenset[str]


class Words(BaseModel):
    """Spellings that `words.toml` lists."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tier: dict[Tier, list[str]]
    prescription_count: PrescriptionCountWords


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, the field that it fills, what its cells hold, and its width in the
    exported file. A `required` one must be there and be filled in every row; a `needed` one must
    be there."""

    header: str
    field: str
    kind: Kind
    width: int
    required: bool = False
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet: its name, its columns in order, and the fields that tell its rows apart."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    def column(self, field: str) -> Column:
        """The column that fills a field. Raises StopIteration for an unknown one."""
        return next(column for column in self.columns if column.field == field)

    def blank(self) -> dict[str, Any]:
        """A row with nothing filled in."""
        return {column.field: column.kind.blank() for column in self.columns}


def load_words() -> Words:
    """The checked contents of `words.toml`."""
    return Words.model_validate(
        tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
    )


class Layouts(NamedTuple):
    """The sheets, in the order of the file."""

    people: Layout
    hospitals: Layout
    customers: Layout
    products: Layout


@cache
def layouts() -> Layouts:
    """What the sheets of a territory file look like."""
    return Layouts(_people(), _hospitals(), _customers(), _products())


def _people() -> Layout:
    return Layout(
        "人员",
        (
            Column("账号", "login", text(64), 18, required=True),
            Column("姓名", "name", text(64), 10, required=True),
            Column("角色", "role", choice({r: [r.label, r.value] for r in Role}), 8, required=True),
            Column("团队", "team", text(100), 14),
            Column("上级账号", "manager", text(64), 18),
        ),
        ("login",),
    )


def _hospitals() -> Layout:
    return Layout(
        "医院",
        (
            Column("医院", "name", text(200), 32, required=True),
            Column("别名", "aliases", words(64), 34),
            Column("等级", "level", text(32), 12),
            Column("城市", "city", text(64), 10),
            Column("地址", "address", text(300), 32),
            Column("经度", "longitude", decimal(-180, 180), 14),
            Column("纬度", "latitude", decimal(-90, 90), 14),
        ),
        ("name",),
    )


def _customers() -> Layout:
    par = whole(1, 5)
    kinds = choice({kind: [kind.value] for kind in CustomerKind})
    return Layout(
        "客户",
        (
            Column("姓名", "name", text(64), 12, required=True),
            Column("性别", "gender", choice({"男": ["男"], "女": ["女"]}), 8),
            Column("医院", "hospital", text(200), 32, required=True),
            Column("科室", "department", text(100), 16, needed=True),
            Column("行政职务", "post", text(64), 14),
            Column("学术职称", "title", text(64), 14),
            Column("客户类型", "kind", kinds, 12, required=True),
            Column("分层", "tier", choice(load_words().tier), 10, required=True),
            Column("潜力P", "potential", par, 10, required=True),
            Column("意愿A", "attitude", par, 10, required=True),
            Column("关系R", "relationship", par, 10, required=True),
            Column("负责代表", "owner", text(64), 18, required=True),
            Column("标签", "tags", words(64), 40),
            Column("学术兴趣", "interests", words(100), 30),
            Column("沟通风格", "style", text(300), 30),
            Column("门诊时间", "clinic_hours", joined_words(200), 22),
            Column("备注", "remark", text(500), 26),
        ),
        ("name", "hospital", "department"),
    )


def _products() -> Layout:
    return Layout(
        "产品",
        (
            Column("产品", "name", text(100), 14, required=True),
            Column("别名", "aliases", words(64), 30),
            Column("适应症", "indication", text(500, blank=""), 40),
            Column("竞品", "competitors", words(64), 24),
        ),
        ("name",),
    )


def header_key(header: str) -> str:
    """A header without what people vary: width, case, spaces, line breaks, a star for 必填."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    return re.sub(r"[\s*_\-·]+", "", folded)


def smells_of_prescriptions(header: str) -> bool:
    """Whether a column of this name would hold prescription counts (SY-05)."""
    listed = load_words().prescription_count
    key = header_key(header)
    latin = set(re.findall("[a-z]+", unicodedata.normalize("NFKC", header).casefold()))
    return any(part in key for part in listed.parts) or not latin.isdisjoint(listed.latin)

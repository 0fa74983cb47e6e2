"""What a dictation is read against: the rep's own customers, places, products and colleagues."""

import re
from dataclasses import dataclass

_CALLED = re.compile(
    r"(?:人称|外号|绰号|昵称|别名|又名|曾用名|(?<!不)[叫喊称])(?:他|她|其|作|做|为|是|[:：])*"
    r"[「“\"]?((?!什么|我|号)[\u4e00-\u9fffA-Za-z、/]{2,14}?)(?:就行|即可|就好|[」”\"，,。；;（(\s]|$)"
)
_ANOTHER = re.compile(r"[、/或和]")


GIFT_LIMIT_YUAN = 200
"""Up to this value a gift is registered but not flagged (PRODUCT.md)."""


@dataclass(frozen=True, slots=True)
class RosterCustomer:
    """A customer of the rep's portfolio. `aliases` are nicknames (「大李主任」), from the remark
    column and from what reps confirmed. `kind` is 医生, 药师, 药店, 采购 or 研发伙伴."""

    id: int
    name: str
    hospital: str
    department: str | None
    post: str | None
    title: str | None
    kind: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RosterHospital:
    """A hospital or pharmacy chain, its short names, its departments as the file spells them."""

    name: str
    aliases: tuple[str, ...]
    departments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RosterProduct:
    """One of our products, with the brands it competes with."""

    name: str
    aliases: tuple[str, ...]
    indication: str
    competitors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything one rep's dictation may refer to; `customers` is the rep's own portfolio only. A
    gift of more than `gift_limit_yuan` is flagged (policy: `gift.limit_yuan`)."""

    customers: tuple[RosterCustomer, ...]
    hospitals: tuple[RosterHospital, ...]
    products: tuple[RosterProduct, ...]
    colleagues: tuple[str, ...]
    gift_limit_yuan: int = GIFT_LIMIT_YUAN


def aliases_of(remark: str) -> tuple[str, ...]:
    """The nicknames that a remark (备注) tells, in order: 「科里叫大李主任」 gives 大李主任.

    Remarks that name somebody without calling him so (「与王伟同音」) give none.
    """
    names = (name for found in _CALLED.findall(remark) for name in _ANOTHER.split(found))
    return tuple(dict.fromkeys(name for name in names if len(name) > 1))

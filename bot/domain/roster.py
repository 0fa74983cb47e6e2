"""What a dictation is read against: the rep's own customers, the places, products and colleagues."""

from dataclasses import dataclass


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
    """A hospital or pharmacy chain, its short names, and its departments as the file spells them."""

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
    """Everything one rep's dictation may refer to; `customers` is the rep's own portfolio only."""

    customers: tuple[RosterCustomer, ...]
    hospitals: tuple[RosterHospital, ...]
    products: tuple[RosterProduct, ...]
    colleagues: tuple[str, ...]

"""A small invented territory for the tests of the rules engine, and its clock."""

from datetime import datetime

from bot.domain.clock import SHANGHAI
from bot.domain.note import ProposedNote, ProposedVisit
from bot.domain.roster import Roster, RosterCustomer, RosterHospital, RosterProduct
from bot.understanding import rules

NOW = datetime(2026, 11, 18, 18, 0, tzinfo=SHANGHAI)
"""A Wednesday."""

_EAST = "云州市东院"
_WEST = "云州市西湖医院"
_SHOP = "云州同安大药房"


def _customer(
    number: int, name: str, hospital: str, department: str, *aliases: str
) -> RosterCustomer:
    return RosterCustomer(
        id=number,
        name=name,
        hospital=hospital,
        department=department,
        post=None,
        title=None,
        kind="医生",
        aliases=aliases,
    )


ROSTER = Roster(
    customers=(
        _customer(1, "陆长风", _EAST, "呼吸内科"),
        _customer(2, "孔令怡", _EAST, "呼吸内科"),
        _customer(3, "陆明轩", _EAST, "急诊科", "小陆医生"),
        _customer(4, "白秋月", _WEST, "儿科"),
        _customer(5, "郭守礼", _WEST, "药剂科"),
        _customer(6, "尹小满", _SHOP, "湖滨店"),
    ),
    hospitals=(
        RosterHospital(_EAST, ("东院",), ("呼吸内科", "急诊科")),
        RosterHospital(_WEST, ("西湖医院", "西湖"), ("儿科", "药剂科")),
        RosterHospital(_SHOP, ("同安大药房", "同安"), ("湖滨店",)),
    ),
    products=(RosterProduct("舒喘宁康", ("宁康",), "成人哮喘", ("信必乐",)),),
    colleagues=("何涛", "沈悦"),
)


def note(text: str) -> ProposedNote:
    """What the rules make of a dictation in this territory."""
    return rules.propose(text, ROSTER, now=NOW)


def visit(text: str) -> ProposedVisit:
    """The one visit of a dictation."""
    (only,) = note(text).visits
    return only


def is_dictation(text: str) -> bool:
    """Whether the rules take the text for a dictation."""
    return rules.is_dictation(text, ROSTER, now=NOW)

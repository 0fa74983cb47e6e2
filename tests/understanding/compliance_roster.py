"""A small invented territory for the compliance tests."""

from bot.domain.roster import Roster, RosterCustomer, RosterProduct


def _customer(number: int, name: str, department: str | None, kind: str) -> RosterCustomer:
    return RosterCustomer(
        id=number,
        name=name,
        hospital="江城医院",
        department=department,
        post=None,
        title=None,
        kind=kind,
        aliases=("老钱主任",) if number == 1 else (),
    )


def _product(name: str, indication: str, rival: str) -> RosterProduct:
    return RosterProduct(name, (name + "片",), indication, (rival,))


def compliance_roster() -> Roster:
    """Two doctors, a pharmacy, three products with one competitor each."""
    return Roster(
        customers=(
            _customer(1, "钱立群", "心内科", "医生"),
            _customer(2, "孙晓梅", "内分泌科", "医生"),
            _customer(3, "郝文", None, "药店"),
        ),
        hospitals=(),
        products=(
            _product("舒平宁", "成人原发性高血压", "康压乐"),
            _product("糖益欣", "成人2型糖尿病", "唐必康"),
            _product("安脂达", "成人原发性高胆固醇血症", "胆立清"),
        ),
        colleagues=("何经理",),
    )

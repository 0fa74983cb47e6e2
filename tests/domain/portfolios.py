"""A made-up rep's roster, rich in people who are easily confused."""

from bot.domain.roster import Roster, RosterCustomer, RosterHospital, RosterProduct

SECOND = "滨江市第二人民医院"
WOMEN = "滨江市妇幼保健院"
CHAIN = "滨江康泽药房连锁有限公司"


def _customer(
    number: int,
    name: str,
    place: tuple[str, str],
    rank: tuple[str | None, str | None],
    kind: str = "医生",
    *aliases: str,
) -> RosterCustomer:
    return RosterCustomer(number, name, *place, *rank, kind, aliases)


CUSTOMERS = (
    _customer(1, "曾国梁", (SECOND, "呼吸内科"), ("科主任", "主任医师")),
    _customer(2, "曾慧", (SECOND, "呼吸内科"), (None, "主治医师")),
    _customer(3, "单玉琴", (SECOND, "消化内科"), ("科副主任", "副主任医师"), "医生", "小单主任"),
    _customer(4, "解春生", (WOMEN, "儿科"), ("科主任", "主任医师")),
    _customer(5, "仇敏", (WOMEN, "儿科"), (None, "住院医师")),
    _customer(6, "尉迟岚", (SECOND, "肿瘤科"), ("科主任", "主任医师")),
    _customer(7, "高原", (SECOND, "急诊科"), (None, "主治医师")),
    _customer(8, "方舒", (WOMEN, "药剂科"), ("主任", "主任药师"), "药师"),
    _customer(9, "钱程", (CHAIN, "解放路店"), ("店长", None), "药店"),
    _customer(10, "覃志远", (SECOND, "重症医学科"), ("科主任", "主任医师")),
    _customer(11, "许可", (SECOND, "肾内科"), (None, "副主任医师")),
    _customer(12, "任静", (WOMEN, "妇科"), ("科主任", "主任医师")),
    _customer(13, "张建华", (SECOND, "院办"), ("副院长", "主任医师"), "医生", "大张院长"),
    _customer(14, "张健华", (WOMEN, "产科"), (None, "主治医师")),
    _customer(15, "林芳", (CHAIN, "采购部"), ("采购经理", None), "采购"),
    _customer(16, "宋文", (SECOND, "肾内科"), ("科主任", "主任医师")),
    _customer(17, "宋雯", (WOMEN, "肾内科"), (None, "主治医师")),
    _customer(18, "陶然", (SECOND, "消化内科"), (None, "主治医师")),
    _customer(19, "陶然", (WOMEN, "儿科"), (None, "主治医师")),
)

HOSPITALS = (
    RosterHospital(
        SECOND,
        ("二院", "市二院", "市二"),
        ("呼吸内科", "消化内科", "肿瘤科", "急诊科", "重症医学科", "肾内科", "院办"),
    ),
    RosterHospital(WOMEN, ("妇幼", "市妇幼"), ("儿科", "药剂科", "妇科", "产科", "肾内科")),
    RosterHospital(CHAIN, ("康泽药房", "康泽"), ("解放路店", "采购部")),
)

PRODUCTS = (RosterProduct("清咳宁", ("清咳宁片",), "慢性咳嗽", ("止咳欣",)),)

ROSTER = Roster(CUSTOMERS, HOSPITALS, PRODUCTS, ("罗毅", "孟婷婷"))

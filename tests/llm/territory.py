"""A small made-up portfolio and a dictation about it, for the tests of the model path."""

from datetime import datetime

from bot.domain.clock import SHANGHAI
from bot.domain.roster import Roster, RosterCustomer, RosterHospital, RosterProduct

NOW = datetime(2026, 11, 18, 17, 40, tzinfo=SHANGHAI)  # a Wednesday

_PEOPLE = "青屿市人民医院"
_CENTRAL = "青屿市中心医院"

ROSTER = Roster(
    customers=(
        RosterCustomer(1, "顾明远", _PEOPLE, "心内科", "科主任", "主任医师", "医生", ("老顾",)),
        RosterCustomer(2, "顾思齐", _PEOPLE, "肾内科", None, "副主任医师", "医生"),
        RosterCustomer(3, "沈若兰", _CENTRAL, "药剂科", "主任", "主任药师", "药师"),
        RosterCustomer(4, "褚云舟", _CENTRAL, "老年科", None, "主治医师", "医生"),
    ),
    hospitals=(
        RosterHospital(_PEOPLE, ("青屿人民",), ("心内科", "肾内科")),
        RosterHospital(_CENTRAL, ("中心医院",), ("药剂科", "老年科")),
    ),
    products=(RosterProduct("恒舒宁", ("HSN",), "高血压", ("稳压平",)),),
    colleagues=("罗晓", "程野"),
)

DICTATION = (
    "刚从青屿人民心内出来，和程野一起见了顾明远主任，聊了二十分钟。"
    "老顾说「样本量太小」，下周三前把恒舒宁的文献发给顾主任。"
)

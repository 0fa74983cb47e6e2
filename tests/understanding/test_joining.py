"""Which words go on with the dictation before them."""

from datetime import datetime

import pytest

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI
from bot.domain.roster import Roster, RosterCustomer, RosterHospital
from bot.understanding.joining import goes_on

NOW = datetime(2026, 11, 4, 18, 30, tzinfo=SHANGHAI)
PEOPLE = RosterHospital("云阳市中心医院", ("中心医院",), ("心内科",))
CHILDREN = RosterHospital("云阳市儿童医院", ("儿童医院",), ("儿科",))
ROSTER = Roster(
    customers=(
        RosterCustomer(1, "李建国", PEOPLE.name, "心内科", "科主任", "主任医师", "医生"),
        RosterCustomer(2, "邵敏", CHILDREN.name, "儿科", None, "主治医师", "医生"),
    ),
    hospitals=(PEOPLE, CHILDREN),
    products=(),
    colleagues=("何俊",),
)
EARLIER = "今天在中心医院心内见了李建国主任，聊了二十分钟，讲了三年随访。"


@pytest.mark.parametrize(
    "said",
    [
        "对了，他还要一份说明书，周五前给他",
        "另外李主任下周三出门诊",
        "补充一点，何经理也一起去的",
        "她说样本量小了点",
        "忘了说，李建国十二月要去省里开会",
    ],
)
def test_more_about_the_same_visit_goes_on(said: str) -> None:
    assert goes_on(said, EARLIER, ROSTER, now=NOW, calendar=WorkCalendar())


@pytest.mark.parametrize(
    "said",
    [
        "昨天下午还见了李建国主任，聊了十分钟",
        "然后去儿童医院见了邵敏",
        "另外邵医生要一份手册",
        "他上次说了什么",
        "对了，下一个该见谁",
        "帮我看看他还有几条待办",
        "好的",
        "时长改成三十分钟",
    ],
)
def test_another_visit_a_question_and_a_command_do_not(said: str) -> None:
    assert not goes_on(said, EARLIER, ROSTER, now=NOW, calendar=WorkCalendar())

"""What reps say to change a card, and what must be on it afterwards."""

from datetime import date, datetime, time

import pytest

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI
from bot.domain.note import (
    Ambiguity,
    Channel,
    GroundedVisit,
    KnownCustomer,
    NextStep,
    Outcome,
    Quote,
)
from bot.domain.roster import Roster, RosterCustomer, RosterHospital
from bot.understanding.edits import EditNotUnderstoodError, apply_edit, looks_like_edit

NOW = datetime(2026, 11, 4, 18, 30, tzinfo=SHANGHAI)  # a Wednesday
HOSPITAL = RosterHospital("云阳市中心医院", ("中心医院",), ("心内科", "内分泌科"))


def _doctor(number: int, name: str, department: str = "心内科") -> RosterCustomer:
    return RosterCustomer(number, name, HOSPITAL.name, department, None, "主治医师", "医生")


ROSTER = Roster(
    customers=(
        _doctor(1, "王伟"),
        _doctor(2, "王玮", "内分泌科"),
        _doctor(3, "李卫民"),
        _doctor(4, "李建国"),
    ),
    hospitals=(HOSPITAL,),
    products=(),
    colleagues=("何俊",),
)


def _known(number: int) -> KnownCustomer:
    customer = ROSTER.customers[number - 1]
    return KnownCustomer(
        id=number, name=customer.name, hospital=HOSPITAL.name, department=customer.department
    )


def _step(action: str, due: date | None = None) -> NextStep:
    return NextStep(
        action=action, customer_id=1, customer="王伟", due=due, due_phrase=None, evidence=action
    )


VISIT = GroundedVisit(
    visit_date=date(2026, 11, 4),
    date_said=False,
    start_time=None,
    duration_minutes=20,
    channel=Channel.FACE,
    hospital=HOSPITAL.name,
    department="心内科",
    customers=[_known(1)],
    ambiguous=[],
    new_people=[],
    co_visitors=[],
    goal="讲三年随访",
    outcome=Outcome.NOT_SAID,
    key_points=["问了亚组数据", "嫌价格高"],
    objections=[],
    competitors=[],
    quotes=[Quote(speaker="王伟", text="样本量太小")],
    profile_updates=[],
    next_steps=[_step("发综述", date(2026, 11, 6)), _step("约科室会")],
    needs=[],
    flags=[],
    dropped=0,
)


def _edit(text: str, visit: GroundedVisit = VISIT) -> GroundedVisit:
    return apply_edit(text, visit, ROSTER, now=NOW, calendar=WorkCalendar()).visit


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ("时长改成三十分钟", "duration_minutes", 30),
        ("时长二十五分钟", "duration_minutes", 25),
        ("改成八分钟", "duration_minutes", 8),
        ("日期是昨天", "visit_date", date(2026, 11, 3)),
        ("协访是何俊", "co_visitors", ["何俊"]),
        ("把时长改为半小时", "duration_minutes", 30),
        ("三十分钟", "duration_minutes", 30),
        ("不是二十分钟，是一刻钟", "duration_minutes", 15),
        ("日期改成昨天", "visit_date", date(2026, 11, 3)),
        ("把上一条记录的日期改成昨天", "visit_date", date(2026, 11, 3)),
        ("拜访日期是周一", "visit_date", date(2026, 11, 2)),
        ("时间改成下午三点一刻", "start_time", time(15, 15)),
        ("方式改成微信", "channel", Channel.WECHAT),
        ("是电话，不是面访，方式改成电话", "channel", Channel.PHONE),
        ("科室改成内分泌", "department", "内分泌科"),
        ("目的改成了解用药顾虑", "goal", "了解用药顾虑"),
        ("目的没达成", "outcome", Outcome.MISSED),
        ("目的部分达成", "outcome", Outcome.PARTLY),
    ],
)
def test_a_field_is_set_to_what_was_said(said: str, field: str, value: object) -> None:
    assert getattr(_edit(said), field) == value


@pytest.mark.parametrize(
    "said", ["王伟改成王玮", "不是王伟是王玮", "不是王伟，是王玮", "客户改成王玮", "王伟应该是王玮"]
)
def test_one_customer_was_meant_to_be_another(said: str) -> None:
    edited = _edit(said)
    assert [customer.name for customer in edited.customers] == ["王玮"]
    assert edited.department == "内分泌科"
    assert {step.customer for step in edited.next_steps} == {"王玮"}


def test_another_customer_joins_and_one_leaves() -> None:
    both = _edit("加上李卫民")
    assert [customer.name for customer in both.customers] == ["王伟", "李卫民"]
    assert [customer.name for customer in _edit("没见到王伟", both).customers] == ["李卫民"]


def test_the_answer_to_which_one_settles_it() -> None:
    asked = VISIT.model_copy(
        update={
            "customers": [],
            "ambiguous": [Ambiguity(mention="李主任", candidates=[_known(3), _known(4)])],
        }
    )
    settled = _edit("李主任是李建国", asked)
    assert [customer.name for customer in settled.customers] == ["李建国"]
    assert settled.ambiguous == []


@pytest.mark.parametrize(
    ("said", "field", "left"),
    [
        ("删掉第二条要点", "key_points", ["问了亚组数据"]),
        ("第一条要点不要了", "key_points", ["嫌价格高"]),
        ("原话删掉", "quotes", []),
        ("待办都删掉", "next_steps", []),
    ],
)
def test_what_is_not_wanted_goes(said: str, field: str, left: list[str]) -> None:
    assert getattr(_edit(said), field) == left


def test_a_promise_is_moved_reworded_and_added() -> None:
    assert _edit("第二条待办改到下周五").next_steps[1].due == date(2026, 11, 13)
    assert _edit("第一条待办改成发三年随访").next_steps[0].action == "发三年随访"
    added = _edit("加一条待办：周五前给李卫民送手册").next_steps[-1]
    assert (added.action, added.customer, added.due) == (
        "给李卫民送手册",
        "李卫民",
        date(2026, 11, 6),
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("第五条待办改到周五", "只有 2 条"),
        ("待办改到周五", "请说第几条"),
        ("去掉待办", "请说第几条"),
        ("第一条待办改到昨天", "已经过去"),
        ("原话改成样本量很大", "不能改写"),
        ("需求删掉", "没有需求"),
        ("把那个改一下", "没看懂"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_can(said: str, told: str) -> None:
    with pytest.raises(EditNotUnderstoodError, match=told):
        _edit(said)


@pytest.mark.parametrize(
    "said",
    [
        "刚从心内出来，见了李建国主任，聊了二十分钟，下周三前把文献发他",
        "下一个该见谁",
        "我还有几条待办",
        "已电话",
        "电话打过了",
        "帮助",
        "今天天气不错呀大家辛苦了，晚上一起加油，明天继续努力工作，争取把任务都完成掉吧",
    ],
)
def test_other_talk_is_not_taken_for_an_edit(said: str) -> None:
    assert not looks_like_edit(said)

"""What reps type about an adverse event, and what they type about something else."""

import re

import pytest

from bot.domain.adverse import (
    CALLED,
    DETAIL,
    DETAILS,
    RETRACT,
    adds_to_event,
    contradicts,
    identifies_patient,
    next_detail,
)


@pytest.mark.parametrize(
    "said",
    [
        "已电话",
        "已打电话",
        "电话打过了",
        "打过电话了",
        "已致电",
        "值班电话打了",
        "我已经给药物警戒打电话了",
        "已电话药物警戒值班。",
        "电话已打",
        "已经跟药物警戒那边打过电话了",
    ],
)
def test_that_the_duty_line_was_called(said: str) -> None:
    assert re.search(CALLED, said)


@pytest.mark.parametrize(
    "said",
    [
        "电话",
        "给李主任打电话",
        "打了电话给李主任",
        "明天给合规打电话",
        "电话里聊了十分钟",
        "已通知科里",
    ],
)
def test_other_calls_are_no_report_of_that(said: str) -> None:
    assert not re.search(CALLED, said)


@pytest.mark.parametrize(
    "said",
    [
        "男，六十多岁，批号A123",
        "患者女，78岁，报告人韦春晓医生",
        "补充：批号A12345",
        "女性",
        "性别男",
        "六十来岁",
        "已好转",
        "是个男的，60多",
        "患者是男的",
        "年龄65",
        "女，62岁，现在还在吃药",
        "病人后来转院了",
        "再补充一下，那个病人是男的，六十岁",
        "停药三天后恢复，72岁女的，批号B2211",
    ],
)
def test_details_of_an_event(said: str) -> None:
    assert re.search(DETAIL, said)


@pytest.mark.parametrize(
    "said",
    [
        "刚见了李主任，聊了二十分钟",
        "男科张主任今天出门诊",
        "女儿上学去了",
        "60多岁的患者吃了我们的药后起皮疹",
        "六十多岁的张主任很健谈",
        "患者78岁吗？",
        "批号的事我见了李主任再说",
        "女，45岁，另一个患者也这样",
        "男，" + "很长" * 60,
    ],
)
def test_visits_questions_and_new_events_are_no_details(said: str) -> None:
    assert not re.search(DETAIL, said)


@pytest.mark.parametrize(
    ("said", "identified"),
    [
        ("有个患者吃了三天住院了", False),
        ("女医生说有个病人", False),
        ("邱亚男主任说有个患者", False),
        ("患者男，", True),
        ("有个女患者", True),
        ("六十多岁的病人", True),
        ("那位老太太", True),
        ("年龄段：65以上", True),
    ],
)
def test_a_patient_is_identified_by_age_or_sex(said: str, identified: bool) -> None:
    assert identifies_patient(said) is identified


def test_one_thing_is_asked_at_a_time_and_nothing_twice() -> None:
    told, asked = "有个患者起了皮疹", []
    while (place := next_detail(told)) is not None:
        asked.append(DETAILS[place].name)
        told += f"\n{DETAILS[place].name}：{DETAILS[place].answers[0]}"
    assert asked == ["性别", "年龄段", "现在怎么样"]
    assert next_detail("老太太起了皮疹，已经好转") is None


def test_what_was_asked_for_is_taken_but_no_visit_and_no_question() -> None:
    assert adds_to_event("吃了三天开始痒，停药就好")
    assert not adds_to_event("刚见了李主任，聊了十分钟")
    assert not adds_to_event("还要说什么？")


@pytest.mark.parametrize(
    ("said", "known", "other"),
    [
        ("女，四十岁", "有个七十岁的爷爷吃了拉血", True),
        ("男，七十多岁", "有个七十岁的爷爷吃了拉血", False),
        ("72岁", "患者四十来岁", True),
        ("男", "患者，性别：女", True),
        ("批号A1", "患者，性别：女", False),
        ("女，60岁", "有个患者吃了头晕", False),
    ],
)
def test_another_sex_or_age_is_another_patient(said: str, known: str, other: bool) -> None:
    assert contradicts(said, known) is other


@pytest.mark.parametrize(
    ("said", "asks"),
    [
        ("撤回刚才那条不良事件，我听错了", True),
        ("删掉不良事件", True),
        ("把那条不良反应撤回", True),
        ("刚才的不良事件报错了", True),
        ("撤回", False),
        ("他说不良事件不多", False),
        ("报不良事件", False),
    ],
)
def test_asking_that_an_event_be_taken_back(said: str, asks: bool) -> None:
    assert bool(re.search(RETRACT, said)) is asks

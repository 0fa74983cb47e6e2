"""How reps talk: corrected in mid-sentence, without marks, several promises in one breath."""

from datetime import date, time

import pytest

from bot.domain.calendar import WorkCalendar
from bot.domain.card import card_text
from bot.domain.note import GroundedVisit, Outcome
from bot.domain.timeliness import Timeliness
from bot.understanding.grounding import ground
from tests.understanding.ward import NOW, ROSTER, is_dictation, note, visit


def grounded(text: str) -> list[GroundedVisit]:
    return ground(note(text), text, ROSTER, now=NOW, calendar=WorkCalendar())


def only(text: str) -> GroundedVisit:
    (one,) = grounded(text)
    return one


def test_what_is_corrected_in_the_sentence_is_corrected_in_the_note() -> None:
    seen = only("见了陆长风，不对，是陆明轩，聊了二十分钟，不，半小时。后天把文献给他")
    assert [customer.name for customer in seen.customers] == ["陆明轩"]
    assert seen.duration_minutes == 30
    assert [step.due for step in seen.next_steps] == [date(2026, 11, 20)]


def test_without_punctuation_length_and_promise_are_found() -> None:
    seen = visit(
        "今天下午三点去东院找陆长风主任他说哮喘那个综述写得不错但是信必乐价格还是贵"
        "我说下次带医保的资料来大概聊了十五分钟"
    )
    assert seen.duration == "十五分钟"
    assert [step.action for step in seen.next_steps] == ["下次带医保的资料来"]


def test_a_start_and_an_end_in_two_clauses_give_the_length() -> None:
    seen = only("九点零五进的陆长风主任办公室，聊病例，九点半出来的")
    assert (seen.start_time, seen.duration_minutes) == (time(9, 5), 25)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            "见了孔令怡，三天内给她回复，过两天发资料",
            [("给她回复", "三天内"), ("过两天发资料", "过两天")],
        ),
        ("见了孔令怡，下月初把邀请函寄过去，年前再拜访一次", [None, None]),
        ("电话里和孔令怡聊了5分钟，约了周四下午过去", [("下午过去", "周四")]),
        ("见了孔令怡，聊了二十分钟课题，下周二前给回复", [("给回复", "下周二前")]),
        ("去找孔令怡没见到，出差了，下周一回来", []),
        ("见了孔令怡，她让我转给小陆医生，我昨天已经转了", []),
        ("见了孔令怡，她问我们咋个算法，我说没得这回事", []),
    ],
)
def test_each_promise_is_a_step_of_its_own(text: str, steps: list[tuple[str, str] | None]) -> None:
    found = visit(text).next_steps
    assert len(found) == len(steps)
    for step, wanted in zip(found, steps, strict=True):
        assert wanted is None or (step.action, step.due) == wanted


def test_parts_of_one_day_are_two_visits() -> None:
    morning, afternoon = grounded("上午见了陆长风，聊了十分钟；下午见了孔令怡，聊了二十分钟")
    assert (morning.duration_minutes, afternoon.duration_minutes) == (10, 20)
    assert [customer.name for customer in afternoon.customers] == ["孔令怡"]


def test_two_of_one_name_are_both_met_but_one_of_two_is_asked_about() -> None:
    assert len(only("今天见了两位陆主任").customers) == 2
    assert len(only("今天见了陆主任").ambiguous) == 1
    assert len(only("科里有两位陆主任，我今天见了陆主任").ambiguous) == 1


def test_who_was_sought_in_vain_is_on_the_note() -> None:
    seen = only("去找孔令怡没见到，出差了，下周一回来")
    assert (seen.absent, seen.customers) == (["孔令怡"], [])
    assert (seen.hospital, seen.department) == ("云州市东院", "呼吸内科")
    card = card_text(seen, today=NOW.date(), timeliness=Timeliness.ON_TIME, title="拜访")
    assert "未见到：孔令怡" in card
    assert "客户：" not in card


def test_the_goal_is_told_apart_from_how_it_went() -> None:
    seen = only("目的是介绍舒喘宁康，达到了。见了陆长风聊了二十分钟课题，忘记录了")
    assert (seen.goal, seen.outcome) == ("介绍舒喘宁康", Outcome.REACHED)
    assert seen.key_points == ["见了陆长风聊了二十分钟课题"]


def test_a_wish_right_after_the_contact_is_our_goal() -> None:
    assert visit("上午在东院见了陆长风，想请他给年会站个台，他没松口").goal is not None
    assert visit("见了陆长风，想请我们去讲一次课").goal is None


def test_a_title_typed_wrong_is_still_a_question_who() -> None:
    assert [a.mention for a in only("见了陆主人聊了15分钟他说再看看").ambiguous] == ["陆主人"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("今天见了陆长风和小孟，小孟说想要文献", ["小孟"]),
        ("在呼吸内科见了住院总欧阳晴，聊了十分钟", ["欧阳晴"]),
        ("今天认识了个人，钟景行，新来的，聊了十分钟", ["钟景行"]),
        ("上周医生都在开会，见了陆长风，聊了十分钟", []),
        ("见了陆长风，看了患者孟大山的片子", []),
    ],
)
def test_strangers_are_found_by_how_they_are_introduced(text: str, names: list[str]) -> None:
    assert [person.name for person in only(text).new_people] == names


def test_a_name_and_the_surname_again_is_one_person() -> None:
    assert [c.name for c in only("见了陆长风陆主任，聊了十分钟").customers] == ["陆长风"]


def test_a_greeting_that_went_on_is_a_contact() -> None:
    assert [c.name for c in only("刚给孔令怡打了个招呼，聊两句").customers] == ["孔令怡"]
    assert only("刚给孔令怡打了个招呼，见了陆长风").customers[0].name == "陆长风"


def test_the_day_of_something_else_is_not_that_of_the_visit() -> None:
    assert only("见了白秋月，上周三给她发资料").visit_date == NOW.date()


@pytest.mark.parametrize(
    "text",
    [
        "陆长风的标签",
        "给陆长风加个标签 科研型",
        "给陆长风的综述发了",
        "科室会方案已经给孔令怡了",
        "陆长风不去了，他休假到12月5号",
        "把昨天陆长风那条的时长改成25分钟",
        "陆长风的门诊时间是好多",
    ],
)
def test_news_labels_and_changes_are_no_dictations(text: str) -> None:
    assert not is_dictation(text)

"""待办 in plain words: only what was named is touched, and everything can be taken back."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.app import load_capabilities
from bot.domain.errors import NotFoundError, StaleCardError, UserError
from storage.next_steps import NextStep, StepStatus
from storage.people import Role
from tests.handlers.people import TODAY, Desk, meet_customer, promised


@pytest.fixture
def owing(desk: Desk) -> Desk:
    """A rep who owes something to four customers; 段立行 is owed nothing."""
    rep, session = desk.person, desk.session
    owed = [
        ("邱国栋", "整理房颤综合管理综述", -13),
        ("邹书宁", "发报销政策解读", -13),
        ("张颖", "给科室会方案", -12),
        ("龚明澈", "给科室会方案", 2),
    ]
    for name, action, days in owed:
        who = meet_customer(session, rep, name)
        promised(session, rep, who, action, TODAY + timedelta(days=days))
    meet_customer(session, rep, "段立行")
    return desk


def due_days(desk: Desk) -> list[str]:
    steps = desk.session.exec(select(NextStep).order_by("id"))
    return [str(step.due_on) for step in steps]


def is_open(desk: Desk) -> list[bool]:
    steps = desk.session.exec(select(NextStep).order_by("id"))
    return [step.status == StepStatus.OPEN for step in steps]


@pytest.mark.parametrize(
    "words",
    [
        "把邱国栋的综述推迟到下周五",
        "把段立行的文献推迟到下周五",
        "把令狐远的不存在的东西推迟到下周五",
        "把令狐远的综述推迟到下周五",
    ],
)
def test_another_customers_promise_is_never_touched(owing: Desk, words: str) -> None:
    owing.say("待办")
    owing.say("第1条完成了")
    owing.say("推迟 2")
    before = due_days(owing)
    with pytest.raises(NotFoundError, match="没有找到"):
        owing.say(words)
    assert due_days(owing) == before


def test_the_open_question_does_not_eat_another_promise(owing: Desk) -> None:
    owing.say("待办")
    owing.say("推迟 2")
    assert owing.say("把邱国栋的综述推迟到下周五").text == (
        "改好了：整理房颤综合管理综述 · 邱国栋 · 12月4日（周五）。"
    )


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("推迟一周", "2026-12-02"),
        ("推迟十五天", "2026-12-10"),
        ("两个月", "2027-01-25"),
        ("下周三", "2026-12-02"),
        ("春节后", "2027-02-11"),
    ],
)
def test_the_new_day_in_words(owing: Desk, words: str, day: str) -> None:
    owing.say("待办")
    owing.press("推迟 1")
    owing.say(words)
    assert due_days(owing)[0] == day


def test_a_length_counts_from_a_due_day_ahead(owing: Desk) -> None:
    owing.say("待办")
    owing.say("第四条推迟一周")
    assert due_days(owing)[3] == "2026-12-04"


def test_a_month_offers_days(owing: Desk) -> None:
    owing.say("待办")
    assert owing.say("第三条推迟到下个月").text.startswith("「给科室会方案 · 张颖")
    assert owing.labels == ["12月1日（周二）", "12月15日（周二）", "12月31日（周四）"]
    owing.press("12月15日")
    assert due_days(owing)[2] == "2026-12-15"


def test_postponing_nothing_in_particular_asks_which(owing: Desk) -> None:
    assert owing.say("推迟一周").text.startswith("是哪一条？\n1. 整理房颤")
    assert owing.labels[:2] == ["推迟 1", "推迟 2"]


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("给邱国栋的综述发了", 0),
        ("邹书宁的政策解读送过去了", 1),
        ("科室会方案已经给张颖了", 2),
        ("报销政策解读发了", 1),
    ],
)
def test_kept_promises_in_plain_words(owing: Desk, words: str, number: int) -> None:
    assert owing.say(words).text.startswith("完成：")
    assert [place for place, still in enumerate(is_open(owing)) if not still] == [number]
    owing.say("撤销")
    assert all(is_open(owing))


def test_two_that_fit_are_asked_about(owing: Desk) -> None:
    assert owing.say("科室会方案发了").text.startswith("是哪一条？")
    assert owing.labels == ["完成 1", "完成 2", "取消"]
    assert all(is_open(owing))


def test_what_is_not_needed_any_more_is_asked_about_first(owing: Desk) -> None:
    card = owing.say("张颖的方案不用做了").text
    assert card.startswith("不做了，从待办里去掉这一条吗？\n给科室会方案 · 张颖")
    assert all(is_open(owing))
    owing.press("确认")
    assert is_open(owing) == [True, True, False, True]
    owing.say("撤销")
    assert all(is_open(owing))


def test_all_done_at_once(owing: Desk) -> None:
    assert owing.say("都做完了").text.startswith("待办里的这 4 条都做完了吗？")
    assert all(is_open(owing))
    assert owing.press("都完成").text == "完成：4 条。"
    assert not any(is_open(owing))
    assert owing.say("撤销").text == "4 条又放回待办了。"
    assert all(is_open(owing))


@pytest.mark.parametrize("words", ["第1、3条完成了", "完成1和3", "1和3都做完了"])
def test_several_numbers_at_once(owing: Desk, words: str) -> None:
    owing.say("待办")
    assert owing.say(words).text.startswith("待办里的这 2 条都做完了吗？")
    owing.press("都完成")
    assert is_open(owing) == [False, True, False, True]


def test_several_cannot_be_put_off_at_once(owing: Desk) -> None:
    before = due_days(owing)
    with pytest.raises(UserError, match="一次说一条"):
        owing.say("推迟1和2到周五")
    assert due_days(owing) == before


def test_the_day_that_was_said_is_not_asked_for_again(owing: Desk) -> None:
    owing.say("把会方案改期到下周二")
    assert owing.labels == ["推迟 1", "推迟 2", "取消"]
    assert owing.press("推迟 2").text == "改好了：给科室会方案 · 龚明澈 · 12月1日（周二）。"


def test_two_things_of_one_customer_are_both_offered(owing: Desk) -> None:
    promised(owing.session, owing.person, owing.customer("张颖"), "发指南全文", TODAY)
    owing.say("张颖的科室会方案和指南都发了")
    assert owing.labels == ["完成 1", "完成 2", "取消"]


def test_an_old_card_of_all_does_nothing(owing: Desk) -> None:
    button = owing.say("都做完了").buttons[0].id
    owing.say("待办")
    with pytest.raises(StaleCardError):
        owing.press_id(button)
    assert all(is_open(owing))


def test_the_new_day_is_taken_back_in_words(owing: Desk) -> None:
    before = due_days(owing)
    owing.say("把邱国栋的综述推迟到下周五")
    owing.say("撤销")
    assert due_days(owing) == before
    assert owing.say("撤销").text.startswith("没有刚改过")


@pytest.mark.parametrize("words", ["提醒我昨天给邱国栋发文献", "提醒我上周五交总结"])
def test_a_past_day_cannot_be_a_promise(owing: Desk, words: str) -> None:
    with pytest.raises(UserError, match="已经过了"):
        owing.say(words)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("提醒我明天早上八点半给张颖打电话", "做什么：早上八点半打电话"),
        ("提醒我明天早上八点半给张颖打电话", "期限：11月26日（周四）"),
        ("提醒我中秋给张颖发祝福", "期限：2027年9月15日（周三）"),
        ("提醒我元旦给张颖发祝福", "期限：2027年1月1日（周五）"),
        ("提醒我春节后联系张颖", "期限：2027年2月11日（周四）"),
    ],
)
def test_day_and_clock_of_a_new_one(owing: Desk, words: str, line: str) -> None:
    assert line in owing.say(words).text.splitlines()


def test_no_push_is_promised(owing: Desk) -> None:
    said = [owing.say("提醒我周五给张颖送文献").text, owing.say("好").text]
    said.append(owing.say("把张颖的方案推迟到下周五").text)
    assert not [text for text in said if "提醒" in text]


@pytest.mark.parametrize(
    "words",
    [
        "张颖的病人皮疹已经处理好了",
        "科室会方案给张颖了，她说很好，聊了十分钟",
        "张颖不去了，她病人吃舒峦后头晕",
        "张颖的患者不用送了",
    ],
)
def test_what_tells_of_a_visit_or_a_patient_is_no_command(words: str) -> None:
    registry = load_capabilities()
    assert registry.matched(words, Role.REP, over_dictation=True) is None


def test_what_she_was_given_is_done(owing: Desk) -> None:
    assert owing.say("张颖的科室会方案给她了").text.startswith("完成：给科室会方案 · 张颖")
    assert is_open(owing) == [True, True, False, True]


def test_all_of_one_customer_are_put_off_after_a_question(owing: Desk) -> None:
    who = owing.customer("龚明澈")
    promised(owing.session, owing.person, who, "发文献全文", TODAY - timedelta(days=9))
    before = due_days(owing)
    assert owing.say("龚明澈那两条都推到月底").text.startswith(
        "这 2 条都推迟到11月30日（周一）吗？"
    )
    assert due_days(owing) == before
    owing.press("都推迟")
    assert due_days(owing) == [*before[:3], "2026-11-30", "2026-11-30"]
    owing.say("撤销")
    assert due_days(owing) == before


def test_several_need_a_day_that_is_ahead(owing: Desk) -> None:
    with pytest.raises(UserError, match="都推迟到哪天"):
        owing.say("龚明澈那两条都推到昨天")


def test_striking_one_right_after_the_list_is_about_the_list(owing: Desk) -> None:
    owing.say("待办")
    asked = owing.say("把邹书宁的那条删掉")
    assert asked.text.startswith("不做了")
    owing.press("确认")
    assert is_open(owing) == [True, False, True, True]


@pytest.mark.parametrize("said", ["所有待办都完成了", "全部待办都做完了", "我的待办都搞定了"])
def test_everything_is_done(owing: Desk, said: str) -> None:
    assert "这 4 条都做完了吗" in owing.say(said).text


@pytest.mark.parametrize("said", ["算了", "不推了", "哪天都行", "那就算了吧", "不用推迟了"])
def test_it_may_stay_as_it_was(owing: Desk, said: str) -> None:
    before = due_days(owing)
    owing.say("推迟 2")
    assert owing.say(said).text.startswith("好，不推迟：发报销政策解读")
    assert due_days(owing) == before
    assert "邹书宁" in owing.say("推迟 2").text


def test_not_to_forget_something_on_a_day_is_a_reminder(owing: Desk) -> None:
    asked = owing.say("别忘了周五给张颖送文献")
    assert asked.text.startswith("要记这条待办吗？")
    assert "送文献" in asked.text
    assert "别忘" not in asked.text

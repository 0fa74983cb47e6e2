"""待办 by button and by words."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.domain.errors import NotFoundError, StaleCardError, UserError
from storage.audit import AuditEntry
from storage.next_steps import NextStep, StepStatus
from storage.people import Role
from tests.handlers.people import TODAY, Desk, hire, meet_customer, promised


@pytest.fixture
def owing(desk: Desk) -> Desk:
    """A rep who owes five things to two customers."""
    rep, session = desk.person, desk.session
    li = meet_customer(session, rep, "李建国", post="科主任")
    wang = meet_customer(session, rep, "王伟")
    promised(session, rep, li, "送难治性高血压文献", TODAY - timedelta(days=2))
    promised(session, rep, wang, "发会议通知", TODAY)
    promised(session, rep, li, "约科室会", TODAY + timedelta(days=2))
    promised(session, rep, wang, "送晨峰血压综述", TODAY + timedelta(days=9))
    promised(session, rep, None, "整理病例模板")
    return desk


def step(desk: Desk, action: str) -> NextStep:
    return desk.session.exec(select(NextStep).where(NextStep.action == action)).one()


def test_the_list_is_grouped_and_numbered(owing: Desk) -> None:
    assert owing.say("待办").text.splitlines() == [
        "待办 5 条",
        "【过期了】",
        "1. 送难治性高血压文献 · 李建国 · 11月23日（周一），过了 2 天",
        "【今天】",
        "2. 发会议通知 · 王伟",
        "【本周】",
        "3. 约科室会 · 李建国 · 11月27日（周五）",
        "【以后】",
        "4. 送晨峰血压综述 · 王伟 · 12月4日（周五）",
        "【没定日子】",
        "5. 整理病例模板",
    ]
    assert owing.labels[:4] == ["完成 1", "推迟 1", "完成 2", "推迟 2"]


def test_nothing_owed(desk: Desk) -> None:
    assert desk.say("我还有什么没做").text.startswith("待办都清了")


def test_a_long_list_comes_in_pages(owing: Desk) -> None:
    for number in range(10):
        promised(owing.session, owing.person, None, f"杂事{number}")
    assert owing.say("待办").text.startswith("待办 15 条（第 1/3 页）")
    assert owing.press("下一页").text.splitlines()[2].startswith("7. 杂事")


def test_done_by_button_and_undone(owing: Desk) -> None:
    owing.say("待办")
    assert owing.press("完成 2").text == "完成：发会议通知 · 王伟 · 11月25日（周三）。还剩 4 条。"
    assert step(owing, "发会议通知").status == StepStatus.DONE
    owing.press("撤销")
    assert step(owing, "发会议通知").status == StepStatus.OPEN
    actions = [entry.action for entry in owing.session.exec(select(AuditEntry))]
    assert actions == ["step.done", "step.reopen"]


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("第2条完成了", "发会议通知"),
        ("完成 4", "送晨峰血压综述"),
        ("给李建国的文献已经发了", "送难治性高血压文献"),
        ("李主任的科室会已经约好了", "约科室会"),
        ("王伟的综述已经给他送过去了", "送晨峰血压综述"),
    ],
)
def test_done_in_words(owing: Desk, words: str, action: str) -> None:
    owing.say("待办")
    assert owing.say(words).text.startswith(f"完成：{action}")
    assert step(owing, action).status == StepStatus.DONE


def test_numbers_are_those_of_the_list_on_the_screen(owing: Desk) -> None:
    owing.say("待办")
    owing.say("完成 1")
    assert owing.say("完成 2").text.startswith("完成：发会议通知")
    owing.say("推迟 3 到下周五")
    assert owing.say("完成 4").text.startswith("完成：送晨峰血压综述")
    with pytest.raises(NotFoundError, match="第 1 条不在待办里了"):
        owing.say("完成 1")


def test_an_unclear_one_is_asked_about_and_nothing_changes(owing: Desk) -> None:
    answer = owing.say("给王伟的东西已经送了")
    assert answer.text.startswith("是哪一条？")
    assert owing.labels == ["完成 1", "完成 2", "取消"]
    assert owing.press("取消").text == "好，什么都没改。"
    open_steps = select(NextStep).where(NextStep.status == StepStatus.OPEN)
    assert len(owing.session.exec(open_steps).all()) == 5


def test_a_thing_that_was_not_promised_shows_what_was(owing: Desk) -> None:
    who = meet_customer(owing.session, owing.person, "何芳")
    promised(owing.session, owing.person, who, "回复样品检测")
    answer = owing.say("给何芳的礼单已经寄了").text
    assert answer == "没有找到「礼单」这一条。何芳还有：\n1. 回复样品检测 · 何芳"
    assert owing.labels == ["完成 1", "取消"]
    assert owing.press("完成 1").text.startswith("完成：回复样品检测")


def test_one_that_hardly_fits_is_shown_first(owing: Desk) -> None:
    answer = owing.say("李建国的难治性心衰指南全文已经发了").text
    assert answer.startswith("是这一条吗？\n送难治性高血压文献 · 李建国")
    assert owing.labels == ["确认", "取消"]
    assert owing.press("确认").text.startswith("完成：送难治性高血压文献")


def test_something_never_promised_is_not_invented(owing: Desk) -> None:
    with pytest.raises(NotFoundError, match="没有找到「张三丰」的待办"):
        owing.say("给张三丰的月饼券已经寄了")


@pytest.mark.parametrize(
    ("words", "action", "due"),
    [
        ("把李主任的文献推迟到下周五", "送难治性高血压文献", "2026-12-04"),
        ("推迟 3 到周五", "约科室会", "2026-11-27"),
        ("会议通知延后到12月1号", "发会议通知", "2026-12-01"),
        ("把王伟的综述改到下周一", "送晨峰血压综述", "2026-11-30"),
    ],
)
def test_postponed_in_words(owing: Desk, words: str, action: str, due: str) -> None:
    owing.say("待办")
    before = step(owing, action).due_on
    assert owing.say(words).text.startswith(f"改好了：{action}")
    moved = step(owing, action)
    assert str(moved.due_on) == due
    assert moved.remind_on is not None
    assert moved.due_on is not None
    assert moved.remind_on < moved.due_on
    owing.press("撤销")
    assert step(owing, action).due_on == before


def test_postponing_by_button_asks_for_the_day(owing: Desk) -> None:
    owing.say("待办")
    owing.press("推迟 5")
    assert owing.labels == ["明天", "下周一", "一周后"]
    assert "昨天" not in owing.say("等等吧").text
    assert owing.last.text.startswith("「等等吧」是哪天没听明白。")
    assert owing.say("昨天").text.startswith("11月24日（周二）已经过了，换一天吧。")
    answer = owing.press("下周一").text
    assert answer == "改好了：整理病例模板 · 11月30日（周一）。"
    owing.press("撤销")
    assert step(owing, "整理病例模板").due_on is None


def test_a_rest_day_is_mentioned(owing: Desk) -> None:
    owing.say("待办")
    assert "（这天是休息日）" in owing.say("推迟 2 到周六").text


def test_a_new_one_is_stored_after_confirmation(owing: Desk) -> None:
    card = owing.say("提醒我周五给李建国送样本盒说明")
    assert card.text.splitlines() == [
        "要记这条待办吗？",
        "做什么：送样本盒说明",
        "给谁：李建国",
        "期限：11月27日（周五）",
    ]
    assert "样本盒" not in owing.say("待办").text
    owing.say("提醒我周五给李建国送样本盒说明")
    assert owing.press("确认").text == "记下了：送样本盒说明 · 李建国 · 11月27日（周五）。"
    assert "样本盒" in owing.say("待办").text


def test_a_card_that_was_left_behind_stores_nothing(owing: Desk) -> None:
    button = owing.say("提醒我周五给李建国送说明").buttons[0].id
    owing.say("待办")
    with pytest.raises(StaleCardError):
        owing.press_id(button)


def test_two_candidates_are_asked_about(owing: Desk) -> None:
    meet_customer(owing.session, owing.person, "李卫民", post="科副主任", department="肾内科")
    owing.say("提醒我下周一联系李主任")
    assert owing.labels == ["李建国 心内科", "李卫民 肾内科"]
    assert "给谁：李卫民" in owing.press("李卫民").text
    assert owing.say("好").text.startswith("记下了：联系李主任 · 李卫民")


def test_a_no_in_words(owing: Desk) -> None:
    owing.say("提醒我周五送说明")
    assert owing.say("算了").text == "好，没有记。"


@pytest.mark.parametrize("words", ["提醒我明天请李主任吃饭", "提醒我周五给李建国送一千块购物卡"])
def test_forbidden_things_never_become_reminders(owing: Desk, words: str) -> None:
    with pytest.raises(UserError, match="这件事不能记成待办"):
        owing.say(words)


def test_a_colleagues_promise_is_out_of_reach(owing: Desk) -> None:
    theirs = promised(owing.session, hire(owing.session, "xu"), None, "送样品")
    for button in ("done", "later", "reopen", "undo"):
        with pytest.raises((NotFoundError, StaleCardError)):
            owing.press_id(f"todo.{button}:{theirs.id}")


def test_a_manager_reads_a_reps_list_and_a_rep_does_not(owing: Desk) -> None:
    boss, stranger = (hire(owing.session, name, Role.MANAGER) for name in ("boss", "other"))
    owing.person.manager_id = boss.id
    seen = Desk(owing.session, boss).say("zhou名下没勾掉的待办列一下")
    assert seen.text.startswith("zhou的待办 5 条")
    assert seen.buttons == ()
    assert "都清了" in Desk(owing.session, stranger).say("zhou名下没勾掉的待办列一下").text


def test_another_question_is_not_taken_for_a_day(owing: Desk) -> None:
    owing.say("待办")
    owing.press("推迟 1")
    assert owing.say("李建国上次聊了啥").text.startswith("【预案】李建国")


def test_a_bare_command_shows_the_list(owing: Desk) -> None:
    for command in ("/todo", "/done", "/postpone"):
        assert owing.say(command).text.startswith("待办 5 条")

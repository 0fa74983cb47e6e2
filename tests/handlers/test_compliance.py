"""The list of what was flagged: pages, who sees what, who may close, when it is overdue."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.alerts import raise_flags
from bot.domain.clock import to_utc
from bot.domain.errors import NotFoundError
from bot.domain.note import Flag, FlagCode
from bot.policy import load_policy
from handlers.flag_lists import say_overdue
from storage.audit import AuditEntry
from storage.flags import ComplianceFlag, FlagStatus
from storage.people import Role
from tests.handlers.people import NOW, Desk, hire

EVENT = Flag(code=FlagCode.ADVERSE_EVENT, evidence="患者吃了以后起皮疹")
ASKED = Flag(code=FlagCode.OFF_LABEL, evidence="他问孩子能不能用")
GIFT = Flag(code=FlagCode.GIFT_OVER_LIMIT, evidence="送了两条烟")


@pytest.fixture
def reviewer(desk: Desk) -> Desk:
    """A compliance colleague."""
    return Desk(desk.session, hire(desk.session, "tang", Role.COMPLIANCE))


@pytest.fixture
def medical(desk: Desk) -> Desk:
    """A medical colleague."""
    return Desk(desk.session, hire(desk.session, "lin", Role.MEDICAL))


def flagged(desk: Desk, flag: Flag, hours_ago: float = 0) -> None:
    """The rep said something some time ago."""
    then = replace(desk, now=NOW - timedelta(hours=hours_ago))
    raise_flags(then.turn, [flag], None, flag.evidence)
    desk.session.flush()


def statuses(session: Session) -> set[FlagStatus]:
    return {flag.status for flag in session.exec(select(ComplianceFlag)).all()}


def test_a_page_has_five_and_the_numbers_go_on(desk: Desk, reviewer: Desk) -> None:
    for hours in range(7):
        flagged(desk, GIFT, hours + 1)
    flagged(desk, EVENT)
    first = reviewer.say("合规提醒")
    assert first.text.startswith("未处理的合规提醒共 8 条（第 1/2 页）\n1. 【疑似不良事件】")
    assert reviewer.labels == [f"处理 {n}" for n in range(1, 6)] + ["下一页"]
    reviewer.press("下一页")
    assert reviewer.labels == ["处理 6", "处理 7", "处理 8", "上一页"]
    assert "6. 【" in reviewer.last.text
    assert "1. 【" in reviewer.say("上一页").text
    assert "6. 【" in reviewer.say("下一页").text
    assert "已登记由您处理" in reviewer.say("处理 8").text
    assert "还有 7 条没处理" in reviewer.last.text


def test_numbers_stay_those_of_the_list_that_was_shown(desk: Desk, reviewer: Desk) -> None:
    flagged(desk, EVENT, 2)
    flagged(desk, GIFT, 1)
    reviewer.say("合规提醒")
    reviewer.say("第1条处理了")
    assert "送了两条烟" in reviewer.say("处理 2").text
    assert "已经由tang处理" in reviewer.say("处理 2").text
    assert statuses(desk.session) == {FlagStatus.ACKNOWLEDGED}


def test_a_number_that_is_not_there(reviewer: Desk) -> None:
    with pytest.raises(NotFoundError, match="没有这个号"):
        reviewer.say("处理 3")


def test_medical_sees_only_what_is_routed_to_medical(desk: Desk, medical: Desk) -> None:
    flagged(desk, EVENT)
    flagged(desk, ASKED)
    shown = medical.say("医学问题").text
    assert "共 1 条" in shown
    assert "孩子能不能用" in shown
    assert "皮疹" not in shown
    event = desk.session.exec(
        select(ComplianceFlag).where(ComplianceFlag.code == FlagCode.ADVERSE_EVENT)
    ).one()
    with pytest.raises(NotFoundError):
        medical.press_id(f"flag.seen:{event.id}")
    medical.say("全部")
    medical.press("都由我处理")
    assert event.status is FlagStatus.OPEN


def test_closing_keeps_everything_and_says_how_it_ended(desk: Desk, reviewer: Desk) -> None:
    flagged(desk, EVENT)
    reviewer.say("合规提醒")
    reviewer.press("处理 1")
    reviewer.press("关闭")
    assert "已关闭" in reviewer.say("已报监测中心，患者李桂芬，已好转").text
    (flag,) = desk.session.exec(select(ComplianceFlag)).all()
    assert flag.status is FlagStatus.CLOSED
    assert flag.evidence == "「患者吃了以后起皮疹」"
    assert "李桂芬" not in flag.more[-1]
    assert flag.more[-1].startswith("结果：已报监测中心")
    actions = [entry.action for entry in desk.session.exec(select(AuditEntry)).all()]
    assert [a for a in actions if a != "flag.view"] == [
        "flag.raise",
        "flag.acknowledge",
        "flag.close",
    ]


def test_the_deadline_is_said_and_then_that_it_passed(desk: Desk, reviewer: Desk) -> None:
    flagged(desk, EVENT, 27.5)
    assert "内部时限 11月25日（周三） 05:30，已超时 3 小时" in reviewer.say("合规提醒").text


@pytest.mark.parametrize(
    ("late", "said"), [(-5, ""), (0, ""), (20, "，已超时 20 分钟"), (60, "，已超时 1 小时")]
)
def test_how_late(late: int, said: str) -> None:
    now = to_utc(NOW)
    assert say_overdue(now - timedelta(minutes=late), now) == said


def test_the_duty_line_is_the_companys_or_not_said(desk: Desk) -> None:
    serious = Flag(code=FlagCode.ADVERSE_EVENT, evidence="患者吃了以后住院了")
    turn = desk.turn
    (alert,) = raise_flags(turn, [serious], None, serious.evidence)
    assert "问合规同事" in alert.text
    assert not any(letter.isdigit() for letter in alert.text.replace("第0天：11月25日", ""))
    policy = load_policy()
    line = policy.adverse_event.model_copy(update={"duty_phone": "400-000-0000"})
    turn.policy = policy.model_copy(update={"adverse_event": line})
    (alert,) = raise_flags(turn, [serious], None, serious.evidence)
    assert "值班电话：400-000-0000" in alert.text


def test_details_after_two_days_go_nowhere(desk: Desk) -> None:
    flagged(desk, EVENT, 49)
    with pytest.raises(NotFoundError, match="没有报过"):
        desk.say("女，六十多岁")
    flagged(desk, EVENT, 47)
    assert "已补充" in desk.say("女，六十多岁").text


def test_a_serious_turn_is_answered_with_what_to_do(desk: Desk) -> None:
    flagged(desk, EVENT)
    assert "值班电话" in desk.say("女，六十多岁，后来住院抢救").text


def test_the_command_is_no_part_of_the_outcome(desk: Desk, reviewer: Desk) -> None:
    flagged(desk, EVENT, 2)
    flagged(desk, GIFT, 1)
    reviewer.say("合规提醒")
    reviewer.press("处理 1")
    reviewer.say("处理 2")
    reviewer.say("我处理的")
    assert "一句话说结果" in reviewer.say("关闭 1").text
    assert reviewer.say("关闭 1 已报监测中心").text.startswith(
        "已关闭「疑似不良事件」：已报监测中心。"
    )
    assert "一句话说结果" in reviewer.say("关闭 2").text
    assert "：已和代表谈过。" in reviewer.say("关闭，已和代表谈过").text
    ended = [flag.more[-1] for flag in desk.session.exec(select(ComplianceFlag)).all()]
    assert [said.split("（")[0] for said in ended] == ["结果：已报监测中心", "结果：已和代表谈过"]


def test_the_number_said_with_the_outcome_is_the_one_that_is_closed(
    desk: Desk, reviewer: Desk
) -> None:
    flagged(desk, EVENT, 2)
    flagged(desk, GIFT, 1)
    reviewer.say("合规提醒")
    reviewer.say("关闭 1")
    assert "：已和代表谈过" in reviewer.say("关闭 2 已和代表谈过").text
    event = next(
        flag
        for flag in desk.session.exec(select(ComplianceFlag)).all()
        if flag.code == FlagCode.ADVERSE_EVENT
    )
    assert event.status is FlagStatus.OPEN


def test_serious_events_stand_first(desk: Desk, reviewer: Desk) -> None:
    flagged(desk, GIFT, 5)
    flagged(desk, EVENT, 4)
    flagged(desk, Flag(code=FlagCode.ADVERSE_EVENT, evidence="患者吃了以后住院了"), 1)
    shown = reviewer.say("合规提醒").text
    assert shown.index("住院") < shown.index("皮疹") < shown.index("两条烟")

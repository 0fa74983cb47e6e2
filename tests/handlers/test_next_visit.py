"""下一个该见谁, from the rep's side of the screen."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.domain.errors import NotFoundError, StaleCardError
from bot.domain.tiers import Tier
from storage.audit import AuditEntry
from storage.people import Role
from storage.plans import PlannedVisit
from tests.handlers.people import TODAY, Desk, hire, meet_customer, promised, visited


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A rep with a KOL who is due, a key customer who was just seen, and two who wait."""
    rep, session = desk.person, desk.session
    li = meet_customer(
        session, rep, "李建国", tier=Tier.KOL, clinic_hours="周三下午", tags=("科室主任",)
    )
    visited(session, rep, li, 18)
    promised(session, rep, li, "送文献", TODAY)
    visited(session, rep, meet_customer(session, rep, "王伟"), 1)
    meet_customer(session, rep, "何芳", tier=Tier.POTENTIAL, hospital="河口市第二医院")
    visited(session, rep, meet_customer(session, rep, "邓凯", department="药学部"), 9)
    return desk


def test_the_answer_has_reasons_and_three_buttons_for_the_first(busy: Desk) -> None:
    answer = busy.say("下一个该见谁")
    assert answer.text.splitlines()[:3] == [
        "今天 11月25日（周三），建议先见：",
        "1. 李建国（一医院 心内科）",
        "KOL · 上次 18 天前 · 文献还没送 · 周三下午出门诊",
    ]
    assert busy.labels == ["预案", "今天去", "不去", "2 邓凯", "3 何芳"]
    assert "王伟" not in answer.text


def test_asking_twice_gives_the_same_answer(busy: Desk) -> None:
    assert busy.say("该见谁") == busy.say("该见谁")


@pytest.mark.parametrize(
    ("words", "headline"),
    [
        ("明天先去看谁", "明天 11月26日（周四），建议先见："),
        ("明天下午有空，先去找谁划算", "明天 11月26日（周四）下午，建议先见："),
        ("今天下午去找谁", "今天 11月25日（周三）下午，建议先见："),
        ("替我想想下周先奔谁后奔谁", "11月30日（周一），建议先见："),
        ("周六去见谁", "11月28日（周六）是休息日。要去的话，建议先见："),
        ("/next", "今天 11月25日（周三），建议先见："),
        ("昨天该见谁", "今天 11月25日（周三），建议先见："),
    ],
)
def test_the_day_asked_for(busy: Desk, words: str, headline: str) -> None:
    assert busy.say(words).text.splitlines()[0] == headline


def test_this_mornings_clinic_is_no_reason_in_the_afternoon(busy: Desk) -> None:
    busy.customer("李建国").clinic_hours = "周三上午"
    assert "周三上午出门诊" in busy.say("今天去谁").text
    busy.now += timedelta(hours=5)
    assert "门诊" not in busy.say("今天去谁").text


def test_a_place_or_a_tag_limits_the_answer(busy: Desk) -> None:
    assert [b for b in (busy.say("今天进二医院，从哪位开始转"), busy.labels)[1] if " " in b] == []
    assert "1. 何芳" in busy.last.text
    assert "1. 李建国" in busy.say("科室主任里先见谁").text
    assert "邓凯" not in busy.last.text


def test_today_puts_the_customer_on_the_plan(busy: Desk) -> None:
    busy.say("今天去谁")
    assert busy.press("今天去").text == "李建国列入今天。今天一共 1 位：李建国。"
    assert "已列入今天" in busy.press("再看名单").text
    assert busy.labels[1] == "今天不去了"
    busy.press("今天不去了")
    assert busy.session.exec(select(PlannedVisit)).all() == []
    assert "已列入" not in busy.say("该见谁").text


def test_pressing_twice_plans_once(busy: Desk) -> None:
    busy.say("今天去谁")
    button = next(b.id for b in busy.last.buttons if b.label == "今天去")
    busy.press_id(button)
    assert "一共 1 位" in busy.press_id(button).text
    actions = [entry.action for entry in busy.session.exec(select(AuditEntry))]
    assert actions == ["plan.add"]


def test_the_others_open_a_small_card(busy: Desk) -> None:
    busy.say("今天去谁")
    card = busy.press("2 邓凯")
    assert card.text == "邓凯（一医院 药学部）\n重点 · 上次 9 天前，超期 2 天"
    assert busy.labels == ["预案", "今天去", "不去"]


def test_a_reason_in_words_says_until_when(busy: Desk) -> None:
    busy.say("今天去谁")
    busy.press("不去")
    answer = busy.say("去进修到年底")
    assert answer.text == "好，李建国2027年1月1日（周五）起再推荐（去进修到年底）。"
    assert "李建国" not in busy.say("该见谁").text
    busy.press_id(answer.buttons[0].id)
    assert "1. 李建国" in busy.say("该见谁").text


def test_a_reason_without_a_day_lasts_a_week_and_says_so(busy: Desk) -> None:
    busy.say("今天去谁")
    busy.press("不去")
    answer = busy.say("不在").text
    assert answer.startswith("好，李建国12月2日（周三）起再推荐（不在）。没听到日子")


def test_a_reason_by_button(busy: Desk) -> None:
    busy.say("今天去谁")
    busy.press("不去")
    assert busy.press("下周再说").text == "好，李建国11月30日（周一）起再推荐。"


def test_a_dictation_is_no_reason(busy: Desk) -> None:
    busy.say("今天去谁")
    busy.press("不去")
    with pytest.raises(AssertionError, match="understood as dictation"):
        busy.say("刚见了王伟，聊了二十分钟")


@pytest.mark.parametrize("words", ["明天下午去看谁", "我还有什么没做", "李建国什么情况"])
def test_a_new_request_is_no_reason_either(busy: Desk, words: str) -> None:
    busy.say("今天去谁")
    busy.press("不去")
    assert "起再推荐" not in busy.say(words).text
    assert busy.customer("李建国").skip_until is None


def test_over_visiting_is_warned_about(busy: Desk) -> None:
    answer = busy.press_id(f"next.go:{busy.customer('王伟').id}:{TODAY}")
    assert "离上次才 1 天，重点客户一般隔 3 天以上" in answer.text


def test_nobody_due_tells_who_comes_first(desk: Desk) -> None:
    who = meet_customer(desk.session, desk.person, "王伟")
    visited(desk.session, desk.person, who, 1)
    assert "最早是王伟，11月27日（周五）起可以再去" in desk.say("该见谁").text


def test_a_rep_without_customers_is_told_where_they_come_from(desk: Desk) -> None:
    assert "您名下还没有客户" in desk.say("该见谁").text


def test_an_old_list_is_not_today(busy: Desk) -> None:
    busy.say("今天去谁")
    busy.now += timedelta(days=1)
    with pytest.raises(StaleCardError):
        busy.press("今天去")


def test_a_colleagues_customer_is_out_of_reach(busy: Desk) -> None:
    other = hire(busy.session, "xu")
    theirs = meet_customer(busy.session, other, "高远", tier=Tier.KOL)
    assert "高远" not in busy.say("该见谁").text
    for button in (f"next.go:{theirs.id}:{TODAY}", f"next.skip:{theirs.id}"):
        with pytest.raises(NotFoundError):
            busy.press_id(button)


def test_only_reps_are_told_whom_to_see(desk: Desk) -> None:
    boss = Desk(desk.session, hire(desk.session, "boss", Role.MANAGER))
    with pytest.raises(AssertionError, match="not for"):
        boss.say("该见谁")

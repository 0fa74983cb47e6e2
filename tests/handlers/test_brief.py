"""预案 and 客户档案: one screen each, within the person's scope."""

from datetime import timedelta

import pytest

from bot.domain.errors import NotFoundError
from bot.domain.tiers import Tier
from storage.customers import CustomerKind, FactStatus, ProfileFact, ProfileModule
from storage.needs import Need
from storage.next_steps import StepStatus
from storage.people import Role
from tests.handlers.people import NOW, TODAY, Desk, hire, meet_customer, promised, visited


@pytest.fixture
def known(desk: Desk) -> Desk:
    """A rep who has met 李建国 twice, owes him a paper, and has a second 李主任."""
    rep, session = desk.person, desk.session
    li = meet_customer(
        session,
        rep,
        "李建国",
        tier=Tier.KOL,
        gender="男",
        post="科主任",
        title="主任医师",
        potential=5,
        attitude=4,
        relationship=4,
        interests=["药物涂层球囊", "难治性高血压"],
        style="严谨，只看RCT",
        clinic_hours="周二上午;周四上午",
        tags=("药事会成员",),
    )
    meet_customer(session, rep, "李卫民", post="科副主任", department="肾内科")
    visited(session, rep, li, 40, points=("约了科室会",))
    points = ("介绍了五年随访", "送了一份指南", "价格不想谈")
    visited(session, rep, li, 18, points=points, quotes=("这个终点我要看五年的",))
    promised(session, rep, li, "送难治性高血压文献", TODAY - timedelta(days=2))
    promised(session, rep, li, "请主任吃饭", TODAY - timedelta(days=5))
    promised(session, rep, li, "发会议通知", status=StepStatus.DONE)
    return desk


@pytest.mark.parametrize(
    "words",
    ["/brief 李建国", "去见李建国之前帮我捋一遍", "李建国上回让我干啥来着", "李建国上次聊了啥"],
)
def test_a_brief_is_one_screen(known: Desk, words: str) -> None:
    lines = known.say(words).text.splitlines()
    assert lines == [
        "【预案】李建国 · KOL · 核心维护",
        "一医院 心内科 科主任 · 门诊 周二上午;周四上午",
        "关心：药物涂层球囊、难治性高血压 · 沟通：严谨，只看RCT",
        "上次 11月7日（18 天前）：介绍了五年随访；送了一份指南",
        "再上次 10月16日（40 天前）：约了科室会",
        "原话（11月7日）：「这个终点我要看五年的」",
        "答应过的：请主任吃饭（过了 5 天）；送难治性高血压文献（过了 2 天）",
        "这次目标：把答应的「送难治性高血压文献」办妥，听到他一句具体看法",
        "时长：20–30 分钟",
        "别重复给：送了一份指南（11月7日）；发会议通知（11月25日）",
        "别再提：价格不想谈（11月7日）",
    ]
    assert known.labels == ["今天去", "客户档案"]


def test_a_forbidden_promise_is_never_the_goal(known: Desk) -> None:
    goal = next(line for line in known.say("/brief 李建国").text.splitlines() if "目标" in line)
    assert "吃饭" not in goal


def test_a_running_need_comes_first(known: Desk) -> None:
    customer = known.customer("李建国")
    known.session.add(
        Need(
            owner_id=known.turn.me,
            customer_id=customer.id,
            level=2,
            text="会议名额",
            raised_at=NOW,
            respond_by=NOW + timedelta(days=1),
        )
    )
    text = known.say("/brief 李建国").text
    assert "等着回的需求：会议名额（11月26日（周四） 09:00 前）" in text
    assert "这次目标：给「会议名额」一个明确答复" in text


def test_a_first_visit_to_a_buyer_is_short(known: Desk) -> None:
    meet_customer(known.session, known.person, "邓凯", kind=CustomerKind.BUYER, gender="女")
    text = known.say("/brief 邓凯").text
    assert "还没有拜访记录，这是第一次。" in text
    assert "互相认识：问出她最关心的一件事" in text
    assert "时长：15–20 分钟" in text


def test_two_of_the_same_title_are_asked_about(known: Desk) -> None:
    answer = known.say("李主任上次聊了啥")
    assert answer.text == "您有 2 位客户对得上「李主任」，是哪一位？"
    assert known.labels == ["李建国 心内科", "李卫民 肾内科"]
    assert known.press("李卫民").text.startswith("【预案】李卫民")


def test_the_place_said_settles_it(known: Desk) -> None:
    assert known.say("肾内科李主任上次聊了啥").text.startswith("【预案】李卫民")


def test_a_brief_without_a_name_asks_for_one(known: Desk) -> None:
    assert known.say("预案").text.startswith("要见哪位？")
    assert known.say("李建国").text.startswith("【预案】李建国")
    known.say("预案")
    with pytest.raises(NotFoundError, match="没有找到「欧阳」"):
        known.say("欧阳")


def test_a_name_nobody_has_offers_near_ones(known: Desk) -> None:
    with pytest.raises(NotFoundError, match="没有找到「李建军」。您是说李建国吗？"):
        known.say("/brief 李建军")


def test_colleagues_customers_stay_unknown(known: Desk) -> None:
    other = hire(known.session, "xu")
    theirs = meet_customer(known.session, other, "高远")
    for words in ("/brief 高远", "高远什么情况"):
        with pytest.raises(NotFoundError):
            known.say(words)
    for button in (f"brief.show:{theirs.id}", f"customer.show:{theirs.id}"):
        with pytest.raises(NotFoundError):
            known.press_id(button)


def test_the_manager_of_a_rep_reads_the_brief_too(known: Desk) -> None:
    boss = hire(known.session, "boss", Role.MANAGER)
    known.person.manager_id = boss.id
    known.session.flush()
    text = Desk(known.session, boss).say("/brief 李建国").text
    assert "原话（11月7日）：「这个终点我要看五年的」" in text
    assert "送难治性高血压文献" in text


def test_a_profile_has_the_four_modules(known: Desk) -> None:
    li = known.customer("李建国")
    known.session.add(
        ProfileFact(
            customer_id=li.id or 0,
            module=ProfileModule.EXPERTISE,
            field="任职",
            value="省学会常委",
            evidence="他当了省学会常委",
            said_at=NOW,
            status=FactStatus.ACCEPTED,
        )
    )
    assert known.say("李建国什么情况").text.splitlines() == [
        "李建国（男） · KOL · 核心维护",
        "潜力高、意愿高、关系高",
        "【基本信息】一医院 心内科 科主任 主任医师 · 门诊 周二上午;周四上午",
        "【专业与影响力】药事会成员、省学会常委",
        "【兴趣与需求】药物涂层球囊、难治性高血压",
        "【沟通与往来】严谨，只看RCT · 见过 2 次，上次 11月7日（周六），18 天前",
        "原话（11月7日）：「这个终点我要看五年的」",
        "答应过的：请主任吃饭（过了 5 天）；送难治性高血压文献（过了 2 天）",
    ]
    assert known.press("预案").text.startswith("【预案】李建国")


def test_facts_that_nobody_accepted_are_not_shown(known: Desk) -> None:
    li = known.customer("李建国")
    known.session.add(
        ProfileFact(
            customer_id=li.id or 0,
            module=ProfileModule.BASICS,
            field="任职",
            value="院长",
            evidence="他当院长了",
            said_at=NOW,
        )
    )
    assert "院长" not in known.say("李建国什么情况").text


def test_a_title_alone_opens_the_file(known: Desk) -> None:
    assert known.say("李主任").text.startswith("您有 2 位客户")
    assert known.press("李建国").text.startswith("李建国（男）")

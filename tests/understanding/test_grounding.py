"""Nothing gets onto the card that the dictation does not say."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.calendar import WorkCalendar
from bot.domain.note import (
    Channel,
    Flag,
    FlagCode,
    GroundedVisit,
    Met,
    Need,
    NextStep,
    Outcome,
    ProfileUpdate,
    ProposedNeed,
    ProposedNote,
    ProposedStep,
    ProposedUpdate,
    ProposedVisit,
    Quote,
)
from bot.understanding.evidence import Source
from bot.understanding.grounding import ground
from tests.domain.portfolios import CUSTOMERS, ROSTER, SECOND, WOMEN

NOW = datetime(2026, 11, 18, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))  # a Wednesday

TEXT = (
    "昨天下午三点一刻去市二呼吸见了曾主任，聊了二十分钟，罗经理陪我去的。"
    "他说「样本量太小，说服不了我」，清咳宁他不同意进院，四十二例里有三例咳嗽加重。"
    "新来的进修医生叫刘洋也在。他明年三月要去北京进修。下周三前把文献发给曾主任。"
    "患者单玉琴挺好。"
)


def _visit(**said: Any) -> ProposedVisit:
    blank: dict[str, Any] = {
        "day": None,
        "start": None,
        "duration": None,
        "channel": Channel.FACE,
        "hospital": None,
        "department": None,
        "customers": [],
        "co_visitors": [],
        "goal": None,
        "outcome": Outcome.NOT_SAID,
        "key_points": [],
        "objections": [],
        "competitors": [],
        "quotes": [],
        "profile_updates": [],
        "next_steps": [],
        "needs": [],
        "flags": [],
    }
    return ProposedVisit(**(blank | said))


def _ground(text: str = TEXT, **said: Any) -> GroundedVisit:
    note = ProposedNote(visits=[_visit(**said)])
    return ground(note, text, ROSTER, now=NOW, calendar=WorkCalendar())[0]


def _met(mention: str, department: str | None = None, hospital: str | None = None) -> Met:
    return Met(mention=mention, department=department, hospital=hospital)


def _step(due: str | None, *, action: str = "发文献", who: str | None = "曾主任") -> ProposedStep:
    return ProposedStep(action=action, customer=who, due=due, evidence="把文献发给曾主任")


def test_people_met_become_customers_new_people_or_colleagues() -> None:
    visit = _ground(
        customers=[_met("曾主任", "呼吸", "市二"), _met("罗经理"), _met("刘洋"), _met("曾主任")],
        hospital="市二",
        department="呼吸",
    )
    assert [c.name for c in visit.customers] == ["曾国梁"]
    assert [(p.name, p.hospital, p.department) for p in visit.new_people] == [
        ("刘洋", SECOND, "呼吸内科")
    ]
    assert visit.co_visitors == ["罗毅"]
    assert (visit.hospital, visit.department) == (SECOND, "呼吸内科")


def test_patients_roles_and_people_not_mentioned_are_dropped_and_counted() -> None:
    visit = _ground(customers=[_met("单玉琴"), _met("护士"), _met("任静"), _met("他")])
    assert visit.customers == []
    assert visit.new_people == []
    assert visit.dropped == 4


def test_a_stranger_is_named_without_the_detour() -> None:
    visit = _ground("见了一位姓刘的主任", customers=[_met("姓刘的主任")])
    assert [person.name for person in visit.new_people] == ["刘主任"]


def test_two_customers_of_one_name_are_asked_about() -> None:
    visit = _ground("跟陶然医生通了电话", customers=[_met("陶然医生")])
    assert [len(one.candidates) for one in visit.ambiguous] == [2]
    assert visit.customers == []
    assert visit.hospital is None


def test_the_place_said_settles_who_is_meant() -> None:
    visit = _ground("妇幼肾内宋文医生打来电话", customers=[_met("宋文医生", "肾内", "妇幼")])
    assert [c.name for c in visit.customers] == ["宋雯"]


def test_customers_of_several_places_give_no_place() -> None:
    visit = _ground(
        "上午见了宋文，下午见了解春生", customers=[_met("宋文"), _met("解春生")], hospital="市二"
    )
    assert (visit.hospital, visit.department) == (None, None)


def test_a_missed_customer_still_tells_where_the_rep_went() -> None:
    step = ProposedStep(action="再去", customer="解主任", due=None, evidence="再去一趟")
    visit = _ground("解主任没碰上，再去一趟", next_steps=[step])
    assert (visit.hospital, visit.department, visit.customers) == (WOMEN, "儿科", [])


def test_day_time_and_length_come_from_the_words() -> None:
    visit = _ground(day="昨天下午", start="下午三点一刻", duration="二十分钟")
    assert (visit.visit_date, visit.date_said) == (date(2026, 11, 17), True)
    assert (visit.start_time, visit.duration_minutes) == (time(15, 15), 20)


def test_a_day_to_come_or_never_said_is_not_the_day_of_the_visit() -> None:
    for day in ("明年三月", "前天", "下周三前"):
        visit = _ground(day=day)
        assert (visit.visit_date, visit.date_said, visit.dropped) == (NOW.date(), False, 1)


def test_a_range_gives_start_and_length_and_a_vague_time_gives_none() -> None:
    ranged = _ground("下午四点到四点四十开了会", duration="下午四点到四点四十")
    assert ranged.duration_minutes == 40
    vague = _ground("下午四点左右到的", start="下午四点左右")
    assert vague.start_time is None


def test_quotes_are_the_words_of_the_dictation() -> None:
    quotes = [
        Quote(speaker="曾主任", text="“样本量太小说服不了我”"),
        Quote(speaker="王教授", text="样本量太小"),
        Quote(speaker=None, text="这药真好"),
    ]
    visit = _ground(quotes=quotes)
    assert [(q.speaker, q.text) for q in visit.quotes] == [
        ("曾主任", "样本量太小，说服不了我"),
        (None, "样本量太小"),
    ]
    assert visit.dropped == 1


@pytest.mark.parametrize(
    "point",
    ["认为样本量太小", "不同意清咳宁进院", "42例里有3例咳嗽加重", "四十二例中三例咳嗽加重"],
)
def test_points_in_the_rep_s_words_are_kept(point: str) -> None:
    assert _ground(key_points=[point]).key_points == [point]


@pytest.mark.parametrize(
    "point",
    [
        "同意清咳宁进院",
        "五十例里有三例咳嗽加重",
        "没说样本量太小",
        "止咳欣样本量太小",
        "下周五去市二呼吸",
        "下周日前把文献发给曾主任",
        "RCT样本量太小，说服不了我",
        "对RCT样本量很满意",
        "希望开科室会推广产品",
        "",
    ],
)
def test_points_that_say_something_else_are_dropped(point: str) -> None:
    visit = _ground(key_points=[point])
    assert (visit.key_points, visit.dropped) == ([], 1)


def test_a_question_with_a_denial_in_it_is_supported() -> None:
    assert Source("一直问还能不能用，我们按说明书讲了").supports("问还能不能用", ROSTER)
    assert Source("他今天没表态").supports("他今天没有表态", ROSTER)
    assert not Source("他没表态，说数据挺好").supports("没说数据好", ROSTER)


def test_a_misheard_drug_supports_its_real_name() -> None:
    assert Source("他说青咳宁太贵").supports("清咳宁太贵", ROSTER)
    assert not Source("他说太贵").supports("清咳宁太贵", ROSTER)


def test_a_goal_needs_the_words_and_an_outcome_needs_a_goal() -> None:
    kept = _ground("本来想谈长处方，没谈成", goal="谈长处方", outcome=Outcome.MISSED)
    assert (kept.goal, kept.outcome) == ("谈长处方", Outcome.MISSED)
    made_up = _ground(goal="推动进院采购", outcome=Outcome.REACHED)
    assert (made_up.goal, made_up.outcome) == (None, Outcome.NOT_SAID)


def test_a_promise_gets_its_date_by_code() -> None:
    visit = _ground(customers=[_met("曾主任")], next_steps=[_step("下周三前")])
    (step,) = visit.next_steps
    assert (step.due, step.due_phrase) == (date(2026, 11, 25), "下周三前")
    assert (step.customer, step.customer_id) == ("曾国梁", 1)


def test_a_due_date_in_the_past_or_never_said_is_none() -> None:
    assert _ground(next_steps=[_step("昨天")]).next_steps[0].due is None
    assert _ground(next_steps=[_step("昨天")]).next_steps[0].due_phrase == "昨天"
    assert _ground(next_steps=[_step("后天")]).next_steps[0].due_phrase is None


def test_an_action_that_was_not_said_is_replaced_by_what_was_said() -> None:
    visit = _ground(next_steps=[_step(None, action="安排五万元学术赞助")])
    assert visit.next_steps[0].action == "把文献发给曾主任"


def test_items_without_support_are_dropped_and_counted() -> None:
    visit = _ground(
        next_steps=[ProposedStep(action="送礼", customer=None, due=None, evidence="送了礼")],
        needs=[ProposedNeed(level=1, text="缺货", customer=None, evidence="断货了")],
        flags=[
            Flag(code=FlagCode.ADVERSE_EVENT, evidence="三例咳嗽加重"),
            Flag(code=FlagCode.ENTERTAINMENT, evidence="请他吃饭"),
        ],
        competitors=["止咳欣更便宜"],
    )
    assert (visit.next_steps, visit.needs, visit.competitors) == ([], [], [])
    assert [flag.code for flag in visit.flags] == [FlagCode.ADVERSE_EVENT]
    assert visit.dropped == 4


def test_he_is_the_only_customer_met() -> None:
    fact = ProposedUpdate(
        customer="他",
        field="进修退休",
        value="明年三月去北京进修",
        evidence="他明年三月要去北京进修",
    )
    known = _ground(customers=[_met("曾主任")], profile_updates=[fact])
    assert [(u.customer, u.customer_id) for u in known.profile_updates] == [("曾国梁", 1)]


def test_words_are_located_whatever_their_punctuation() -> None:
    assert Source("他回「平稳，有什么用」").locate("“平稳 有什么用”") == "平稳，有什么用"
    assert Source("测了HbA1c").locate("ｈｂａ１ｃ") == "HbA1c"
    assert Source("他说，好。").locate("，。") is None


_WORDS = st.one_of(
    st.sampled_from(
        ["曾主任", "他", "下周三前", "昨天", "样本量太小", "清咳宁", "市二呼吸", "三例", "单玉琴"]
    ),
    st.text(alphabet=TEXT + "abc假的九", max_size=8),
)
_MAYBE = st.none() | _WORDS
_VISITS = st.builds(
    ProposedVisit,
    day=_MAYBE,
    start=_MAYBE,
    duration=_MAYBE,
    hospital=_MAYBE,
    department=_MAYBE,
    goal=_MAYBE,
    customers=st.lists(
        st.builds(Met, mention=_WORDS, department=_MAYBE, hospital=_MAYBE), max_size=3
    ),
    co_visitors=st.lists(_WORDS, max_size=2),
    key_points=st.lists(_WORDS, max_size=2),
    objections=st.lists(_WORDS, max_size=2),
    competitors=st.lists(_WORDS, max_size=2),
    quotes=st.lists(st.builds(Quote, speaker=_MAYBE, text=_WORDS), max_size=2),
    profile_updates=st.lists(
        st.builds(ProposedUpdate, customer=_WORDS, value=_WORDS, evidence=_WORDS), max_size=2
    ),
    next_steps=st.lists(
        st.builds(ProposedStep, action=_WORDS, customer=_MAYBE, due=_MAYBE, evidence=_WORDS),
        max_size=2,
    ),
    needs=st.lists(
        st.builds(ProposedNeed, text=_WORDS, customer=_MAYBE, evidence=_WORDS), max_size=2
    ),
    flags=st.lists(st.builds(Flag, evidence=_WORDS), max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(_VISITS)
def test_whatever_is_proposed_only_what_was_said_gets_through(proposed: ProposedVisit) -> None:
    note = ProposedNote(visits=[proposed])
    (visit,) = ground(note, TEXT, ROSTER, now=NOW, calendar=WorkCalendar())
    ids = {customer.id for customer in CUSTOMERS} | {None}
    verbatim = [quote.text for quote in visit.quotes] + visit.competitors
    verbatim += [quote.speaker for quote in visit.quotes if quote.speaker]
    about: list[ProfileUpdate | NextStep | Need] = [
        *visit.profile_updates,
        *visit.next_steps,
        *visit.needs,
    ]
    verbatim += [item.evidence for item in (*about, *visit.flags)]
    assert all(words and words in TEXT for words in verbatim)
    assert {c.id for c in visit.customers} <= ids
    assert {item.customer_id for item in about} <= ids
    assert all(person.name in TEXT for person in visit.new_people)
    assert visit.visit_date <= NOW.date()
    assert all(step.due is None or step.due >= NOW.date() for step in visit.next_steps)
    assert all(step.due_phrase is None or step.due_phrase in TEXT for step in visit.next_steps)
    assert visit.hospital in {h.name for h in ROSTER.hospitals} | {None}

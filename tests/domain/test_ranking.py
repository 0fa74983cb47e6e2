"""Whom to see next, judged as a rep's manager would."""

import dataclasses
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.clinic import Half, parse_clinic
from bot.domain.promises import Promise
from bot.domain.ranking import Asked, Candidate, RankingWeights, Suggestion, free_from, rank
from bot.domain.tiers import Cadence, Segment, Tier
from bot.policy import load_policy

WEDNESDAY = date(2026, 11, 25)
TODAY = Asked(WEDNESDAY)
POLICY = load_policy()
CADENCES = POLICY.cadences()

# SY-06: the only facts that may decide whom to see. A new one is a decision for compliance.
ALLOWED = {
    "id", "name", "hospital", "department", "tier", "segment", "last_visit", "promises", "needs",
    "clinic", "planned", "skip_until",
}  # fmt: skip
ALLOWED_WEIGHTS = {
    "never_seen", "due", "overdue_per_day", "overdue_at_most", "tier", "segment", "promise_due",
    "promise_open", "need_running", "clinic_on_day", "same_hospital", "planned",
}  # fmt: skip
SMELLS = re.compile(
    r"处方|销量|销售|用量|开药|统方|prescri|(^|_)(rx|trx|nrx|tf)(_|$)|sales|volume|scripts?",
    re.IGNORECASE,
)


def seen(days_ago: int) -> date:
    return WEDNESDAY - timedelta(days=days_ago)


def candidate(name: str, tier: Tier = Tier.KEY, **known: object) -> Candidate:
    facts = {"id": sum(map(ord, name)), "hospital": f"{name}的医院", "department": "心内科"}
    rest = {"segment": Segment.WATCH, **facts, **known}
    return Candidate(name=name, tier=tier, **rest)  # type: ignore[arg-type]


def ranked(*candidates: Candidate, asked: Asked = TODAY) -> list[Suggestion]:
    return rank(candidates, asked, CADENCES, POLICY.ranking)


def names(*candidates: Candidate, asked: Asked = TODAY) -> list[str]:
    return [each.candidate.name for each in ranked(*candidates, asked=asked)]


def line(one: Candidate, asked: Asked = TODAY) -> str:
    return ranked(one, asked=asked)[0].line


def test_the_inputs_are_a_closed_list_without_prescriptions_or_sales() -> None:
    fields = {field.name for field in dataclasses.fields(Candidate)}
    weights = set(RankingWeights.model_fields)
    assert fields == ALLOWED
    assert weights == ALLOWED_WEIGHTS
    assert not [name for name in fields | weights if SMELLS.search(name)]


@pytest.mark.parametrize(
    "name", ["处方量", "月销量", "用量", "prescriptions", "rx_count", "trx", "sales_volume"]
)
def test_a_weight_for_prescriptions_is_refused(name: str) -> None:
    assert SMELLS.search(name)
    given_weights = POLICY.ranking.model_dump() | {name: 10.0}
    with pytest.raises(ValueError, match=name):
        RankingWeights.model_validate(given_weights)


def test_one_line_says_every_reason() -> None:
    who = candidate(
        "李建国",
        Tier.KOL,
        last_visit=seen(18),
        promises=(Promise("送文献", seen(0)),),
        clinic=parse_clinic("周三下午"),
    )
    assert line(who) == "KOL · 上次 18 天前 · 文献还没送 · 周三下午出门诊"


def test_every_point_has_a_reason_and_no_score_is_shown() -> None:
    who = candidate(
        "李建国",
        Tier.KOL,
        segment=Segment.WIN,
        last_visit=seen(30),
        promises=(Promise("送文献", seen(-3)), Promise("约科室会", None)),
        needs=("会议名额",),
        planned=True,
    )
    points = ranked(who)[0].points
    assert all(point.reason and point.points > 0 for point in points)
    assert line(who) == (
        "KOL · 上次 30 天前，超期 9 天 · 文献还没送等 2 件 · 需求等着回：会议名额"
        " · 已列入今天 · 重点攻坚"
    )


def test_never_visited_customers_say_so() -> None:
    assert line(candidate("王伟", Tier.POTENTIAL)) == "潜力 · 还没有拜访记录"


@pytest.mark.parametrize(
    ("first", "second", "because"),
    [
        (
            candidate("甲", Tier.KOL, last_visit=seen(24)),
            candidate("乙", Tier.POTENTIAL),
            "a KOL 3 days overdue comes before a potential customer never seen",
        ),
        (
            candidate("甲", Tier.KOL, last_visit=seen(24)),
            candidate("乙", Tier.POTENTIAL, last_visit=seen(120)),
            "however long the potential customer was forgotten",
        ),
        (
            candidate("甲", Tier.KOL),
            candidate("乙", Tier.KOL, last_visit=seen(15)),
            "a KOL nobody met comes before one seen two weeks ago",
        ),
        (
            candidate("甲", Tier.KEY, last_visit=seen(30)),
            candidate("乙", Tier.KOL, last_visit=seen(15)),
            "a key customer forgotten for a month comes before a KOL just due",
        ),
        (
            candidate("甲", last_visit=seen(5), promises=(Promise("送文献", seen(1)),)),
            candidate("乙", last_visit=seen(6)),
            "a promise that is due outweighs a day",
        ),
        (
            candidate("甲", last_visit=seen(5), promises=(Promise("送文献", seen(0)),)),
            candidate("乙", last_visit=seen(5), promises=(Promise("送文献", seen(-9)),)),
            "a promise due today comes before one due next week",
        ),
        (
            candidate("甲", last_visit=seen(5), needs=("会议名额",)),
            candidate("乙", last_visit=seen(5), clinic=parse_clinic("周三下午")),
            "a need that runs comes before a clinic hour",
        ),
        (
            candidate("甲", segment=Segment.WIN, last_visit=seen(5)),
            candidate("乙", segment=Segment.ROUTINE, last_visit=seen(5)),
            "who has potential and no will yet comes before routine",
        ),
        (
            candidate("甲", last_visit=seen(5), planned=True),
            candidate("乙", last_visit=seen(6)),
            "what the rep planned stays on top of the alike",
        ),
    ],
)
def test_who_comes_first(first: Candidate, second: Candidate, because: str) -> None:
    assert names(second, first) == [first.name, second.name], because


def test_who_was_just_seen_is_not_suggested() -> None:
    just = candidate("甲", Tier.KOL, last_visit=seen(13), promises=(Promise("送文献", seen(5)),))
    ripe = candidate("乙", Tier.KOL, last_visit=seen(14))
    assert names(just, ripe) == ["乙"]
    assert free_from(just, CADENCES[Tier.KOL]) == WEDNESDAY + timedelta(days=1)


def test_a_no_lasts_until_its_day() -> None:
    away = candidate("甲", skip_until=WEDNESDAY + timedelta(days=1))
    assert names(away) == []
    assert names(away, asked=Asked(WEDNESDAY + timedelta(days=1))) == ["甲"]


def test_clinic_hours_count_on_the_day_and_half_asked_for() -> None:
    morning = candidate("甲", clinic=parse_clinic("周三上午"))
    afternoon = candidate("乙", clinic=parse_clinic("周三下午"))
    assert names(morning, afternoon, asked=Asked(WEDNESDAY, Half.AFTERNOON)) == ["乙", "甲"]
    assert "门诊" not in line(morning, Asked(WEDNESDAY, Half.AFTERNOON))
    assert "门诊" not in line(morning, Asked(WEDNESDAY + timedelta(days=1)))


def test_one_trip_for_two_in_the_same_hospital() -> None:
    first = candidate("甲", last_visit=seen(6), hospital="一医院")
    far = candidate("乙", last_visit=seen(6))
    near = candidate("丙", last_visit=seen(6), hospital="一医院")
    top = candidate("丁", last_visit=seen(9), hospital="一医院")
    answer = ranked(first, far, near, top)
    assert [each.candidate.name for each in answer] == ["丁", "丙", "甲", "乙"]
    assert [each.line.rpartition(" · ")[2] for each in answer] == [
        "上次 9 天前，超期 2 天",
        "和丁同院",
        "和丁同院",
        "上次 6 天前",
    ]


def test_equal_scores_go_by_name_then_id() -> None:
    twins = [candidate("杨帆", id=number) for number in (7, 3)]
    both = ranked(*twins, candidate("艾米", id=9))
    assert [(each.candidate.name, each.candidate.id) for each in both] == [
        ("杨帆", 3),
        ("杨帆", 7),
        ("艾米", 9),
    ]


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        id=st.integers(1, 10_000),
        name=st.sampled_from(("李建国", "王伟", "杨帆", "何芳")),
        hospital=st.sampled_from(("一医院", "二医院", "三医院")),
        department=st.just("心内科"),
        tier=st.sampled_from(Tier),
        segment=st.sampled_from(Segment),
        last_visit=st.none() | st.integers(0, 90).map(seen),
        promises=st.lists(
            st.builds(Promise, st.just("送文献"), st.none() | st.integers(-9, 9).map(seen)),
            max_size=2,
        ).map(tuple),
        needs=st.sampled_from(((), ("会议名额",))),
        clinic=st.sampled_from((frozenset(), parse_clinic("周三下午"))),
        planned=st.booleans(),
        skip_until=st.none() | st.integers(-5, 5).map(seen),
    ),
    max_size=20,
    unique_by=lambda each: each.id,
)


@given(CANDIDATES, st.randoms())
def test_the_order_of_the_rows_changes_nothing(candidates: list[Candidate], dice: object) -> None:
    shuffled = sorted(candidates, key=lambda _: dice.random())  # type: ignore[attr-defined]
    assert ranked(*candidates) == ranked(*shuffled)


@given(CANDIDATES)
def test_no_answer_breaks_the_cap_or_a_no(candidates: list[Candidate]) -> None:
    answer = ranked(*candidates)
    assert len(answer) <= 5
    for each in answer:
        who, cadence = each.candidate, CADENCES[each.candidate.tier]
        assert who.last_visit is None or (WEDNESDAY - who.last_visit).days >= cadence.cap_days
        assert who.skip_until is None or who.skip_until <= WEDNESDAY


@given(CANDIDATES)
def test_a_neighbour_named_in_a_reason_stands_above(candidates: list[Candidate]) -> None:
    above: set[tuple[str, str]] = set()
    for each in ranked(*candidates):
        named = re.search(r"和(\S+)同院$", each.line)
        assert named is None or (each.candidate.hospital, named[1]) in above
        above.add((each.candidate.hospital, each.candidate.name))


@given(st.integers(3, 60))
def test_waiting_longer_never_lowers_the_score(days: int) -> None:
    sooner, later = (ranked(candidate("甲", last_visit=seen(d)))[0].score for d in (days, days + 1))
    assert later >= sooner


def test_no_two_customers_means_no_answer() -> None:
    assert ranked() == []


def test_a_tier_cannot_be_visited_below_its_own_cap_only() -> None:
    cadences = {**CADENCES, Tier.KEY: Cadence(0, 7)}
    today = candidate("甲", last_visit=seen(0))
    assert rank([today], Asked(WEDNESDAY), cadences, POLICY.ranking)[0].line == "重点 · 今天见过"

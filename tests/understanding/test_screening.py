"""What the screen raises and what it leaves alone, sentence by sentence."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.note import FlagCode
from bot.understanding.screening import (
    advise,
    competitor_event,
    forbidden_as_step,
    is_serious,
    is_special,
    missing_elements,
    refuse_question,
    screen,
)
from bot.understanding.screening.data import Rule, RuleBook, rules
from tests.understanding.compliance_roster import compliance_roster

ROSTER = compliance_roster()
HERE = Path(__file__).parent


def _sentences() -> list[tuple[str, set[str], set[str]]]:
    rows: list[tuple[str, set[str], set[str]]] = []
    for file in sorted(HERE.glob("screening_sentences*.toml")):
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["sentence"]:
            either = set(row.get("either", []))
            rows.append((row["text"], set(row["flags"]), either))
    return rows


def _raised(text: str) -> set[str]:
    return {flag.code.value for flag in screen(text, ROSTER)}


def _examples(kind: str) -> list[tuple[str, Rule]]:
    coded = [rule for rule in rules() if rule.code and rule.variant != "competitor"]
    return [(text, rule) for rule in coded for text in getattr(rule, kind)]


@pytest.mark.parametrize(("text", "wanted", "either"), _sentences())
def test_a_freshly_worded_sentence_raises_exactly_what_it_should(
    text: str, wanted: set[str], either: set[str]
) -> None:
    raised = _raised(text)
    assert wanted - either <= raised
    assert raised <= wanted | either


@pytest.mark.parametrize(("text", "rule"), _examples("triggers"))
def test_an_example_of_a_rule_raises_it(text: str, rule: Rule) -> None:
    assert rule.code in _raised(text)


@pytest.mark.parametrize(("text", "rule"), _examples("passes"))
def test_a_counterexample_of_a_rule_does_not_raise_it(text: str, rule: Rule) -> None:
    assert rule.code not in _raised(text)


@pytest.mark.parametrize(("text", "wanted", "either"), _sentences())
def test_evidence_is_copied_from_the_text(text: str, wanted: set[str], either: set[str]) -> None:
    for flag in screen(text, ROSTER):
        assert flag.evidence
        assert "[已脱敏]" in flag.evidence or "患者" in flag.evidence or flag.evidence in text


@pytest.mark.parametrize(
    "text",
    [
        "我们公司绝不给医生送购物卡",
        "按规定不能请主任吃饭",
        "公司严禁带医生去旅游",
        "主任说从来不收礼品，也不吃饭",
        "合规要求里写了不得给科室送茶叶",
    ],
)
def test_a_statement_of_principle_is_no_violation(text: str) -> None:
    assert _raised(text) == set()


def test_a_principle_does_not_excuse_the_act_after_it() -> None:
    text = "他说不收礼，我还是塞给他一张购物卡"
    assert _raised(text) == {FlagCode.CASH_OR_EQUIVALENT}


def test_every_code_has_advice_with_a_source() -> None:
    for code in FlagCode:
        advice = advise(code)
        assert advice.reply
        assert advice.source
        assert len(advice.reply) <= 90


def test_a_doctors_question_gets_other_advice_than_a_promotion() -> None:
    asked = advise(FlagCode.OFF_LABEL, "李主任问儿童能不能用")
    told = advise(FlagCode.OFF_LABEL, "我跟他说儿童也能用")
    assert "医学" in asked.reply
    assert "更正" in told.reply


def test_a_serious_event_asks_for_a_call_at_once() -> None:
    assert "电话" in advise(FlagCode.ADVERSE_EVENT, "病人用药后休克抢救").reply
    assert "电话" not in advise(FlagCode.ADVERSE_EVENT, "病人用了以后起皮疹").reply


def test_harm_after_a_competitors_product_is_not_ours_but_gets_advice() -> None:
    text = "竞品那个药病人也起疹子"
    assert _raised(text) == set()
    advice = competitor_event(text, ROSTER)
    assert advice is not None
    assert "不是我们的产品" in advice.reply
    assert competitor_event("舒平宁吃了三天，病人起疹子", ROSTER) is None


@pytest.mark.parametrize(
    ("text", "serious"),
    [
        ("病人用药后休克抢救", True),
        ("患者服药后住院了", True),
        ("吃了一周人就去世了", True),
        ("他在住院部", False),
        ("住院医师小李", False),
        ("起了点皮疹", False),
    ],
)
def test_serious_is_recognised(text: str, serious: bool) -> None:
    assert is_serious(text) is serious


@pytest.mark.parametrize("text", ["有个孕妇用了我们的药", "病人误服了两倍的量", "一天吃了三次"])
def test_a_special_situation_is_recognised(text: str) -> None:
    assert is_special(text)


def test_asking_whether_pregnant_women_may_take_it_is_no_special_situation() -> None:
    assert not is_special("主任问孕妇能不能用")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("有个病人起了皮疹", ["患者", "报告者", "药品"]),
        ("有个六十来岁的病人起了皮疹", ["报告者", "药品"]),
        ("钱立群说一位老太太吃舒平宁后干咳", []),
        ("孙医生反馈糖益欣有问题", ["患者", "事件"]),
        ("吃了拉肚子", ["患者", "报告者", "药品"]),
        ("家属说吃舒平宁后全身发黄", ["患者"]),
        ("有个患者吃舒平宁后全身发黄", ["患者", "报告者"]),
        ("顾客吃舒平宁后浑身没劲，贺店长让我问问", ["患者"]),
        ("我自己吃舒平宁头晕", ["患者"]),
    ],
)
def test_the_elements_that_are_still_missing_are_named(text: str, missing: list[str]) -> None:
    assert missing_elements(text, ROSTER) == missing


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("请主任吃饭", FlagCode.ENTERTAINMENT),
        ("给孙医生买两盒茶叶送去", FlagCode.GIFT_OVER_LIMIT),
        ("完成本月销量任务", FlagCode.SALES_TARGET),
        ("让李主任多开我们的药", FlagCode.CLINICAL_INTERFERENCE),
        ("把产品介绍转发到朋友圈", FlagCode.PUBLIC_PROMOTION),
        ("下周三前把文献发给李主任", None),
        ("获取三条临床疑问", None),
        ("请主任审阅资料", None),
        ("把皮疹的病例报给药物警戒", None),
        ("回访用药后头晕的患者情况，补四要素", None),
    ],
)
def test_what_may_not_become_a_step_or_a_goal(action: str, code: FlagCode | None) -> None:
    assert forbidden_as_step(action, ROSTER) == code


@pytest.mark.parametrize(
    "text",
    [
        "哪位医生处方最多",
        "按用量排名",
        "帮我统方",
        "谁开得最多",
        "没见到主任，帮我写一个",
        "编几条拜访记录",
        "李主任的处方量是多少",
    ],
)
def test_a_question_for_counts_or_invented_visits_is_refused_with_an_alternative(text: str) -> None:
    advice = refuse_question(text)
    assert advice is not None
    assert "可以" in advice.reply


@pytest.mark.parametrize(
    "text",
    [
        "本周哪些医生还没拜访",
        "A级客户覆盖率多少",
        "下一个该见谁",
        "谁的KOL超期了",
        "这周还有哪些待办没做完",
        "上个月谁拜访最多",
    ],
)
def test_an_ordinary_question_is_answered(text: str) -> None:
    assert refuse_question(text) is None


def test_every_rule_of_the_floor_is_in_the_data_once() -> None:
    ids = [rule.id for rule in rules()]
    assert len(ids) == len(set(ids))
    floor = [f"CN-R{n:02}" for n in range(1, 15)] + [f"AE-R0{n}" for n in range(1, 6)]
    assert {*floor, "PI-R01", "CT-R01", "CT-R02", "MG-R01"} <= set(ids)


def test_a_rule_without_a_source_is_refused() -> None:
    row = rules()[0].model_dump(mode="json", exclude={"source"})
    with pytest.raises(ValueError, match="source"):
        RuleBook.model_validate({"rule": [row]})


@given(st.text(alphabet="给他送塞说的不没，。我主任病人吃了药盒三十[]（）0１a", max_size=60))
def test_odd_text_never_breaks_the_screen(text: str) -> None:
    for flag in screen(text, ROSTER):
        assert flag.evidence.strip()

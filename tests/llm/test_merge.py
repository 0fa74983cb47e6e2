"""Where the model and the rules engine disagree, it is settled field by field."""

import json
from typing import Any

from bot.domain.note import ProposedNote
from bot.understanding.merge import merge
from tests.llm.notes import met, note, step, visit

TEXT = "见了沈若兰，她说「先看看」。周五前送彩页，下周一给褚云舟发邮件。带了两盒茶叶。"


def _note(*visits: dict[str, Any]) -> ProposedNote:
    return ProposedNote.model_validate(json.loads(note(*visits)))


def _merged(model: dict[str, Any], rules: dict[str, Any]) -> dict[str, Any]:
    (one,) = merge(_note(model), _note(rules), TEXT).visits
    return one.model_dump(mode="json")


def test_people_dates_and_quotes_are_the_rules_engines() -> None:
    own = visit(customers=[met("沈若兰")], day="昨天", quotes=[{"speaker": None, "text": "先看看"}])
    other = visit(
        customers=[met("褚云舟")], day="今天", quotes=[{"speaker": None, "text": "送彩页"}]
    )
    one = _merged(other, own)
    assert (one["customers"], one["day"], one["quotes"]) == (
        own["customers"],
        own["day"],
        own["quotes"],
    )


def test_the_model_fills_what_the_rules_engine_did_not_find() -> None:
    one = _merged(visit(customers=[met("沈若兰")], day="今天"), visit())
    assert one["day"] == "今天"
    assert one["customers"] == [met("沈若兰")]


def test_points_and_goal_are_the_models() -> None:
    one = _merged(
        visit(key_points=["先看看再说"], goal="送彩页", outcome="达成"),
        visit(key_points=["她说先看看"], goal="拜访", outcome="未达成"),
    )
    assert (one["key_points"], one["goal"], one["outcome"]) == (["先看看再说"], "送彩页", "达成")


def test_the_rules_engines_points_stay_when_the_model_has_none() -> None:
    assert _merged(visit(), visit(key_points=["她说先看看"]))["key_points"] == ["她说先看看"]


def test_a_promise_keeps_the_models_wording_and_gets_the_date_that_was_said() -> None:
    one = _merged(
        visit(next_steps=[step("送产品彩页", "周五前送彩页", due="11月20日")]),
        visit(next_steps=[step("送彩页", "周五前送彩页", due="周五前", customer="沈若兰")]),
    )
    assert one["next_steps"] == [
        step("送产品彩页", "周五前送彩页", due="周五前", customer="沈若兰")
    ]


def test_a_dated_promise_that_only_the_rules_engine_saw_is_kept() -> None:
    mail = step("发邮件", "下周一给褚云舟发邮件", due="下周一")
    vague = step("再看看", "她说「先看看」")
    pages = step("送彩页", "周五前送彩页")
    assert _merged(visit(next_steps=[pages]), visit(next_steps=[mail, vague]))["next_steps"] == [
        pages,
        mail,
    ]


def test_a_flag_of_either_counts_once() -> None:
    gift = {"code": "gift_over_limit", "evidence": "带了两盒茶叶"}
    same = {"code": "gift_over_limit", "evidence": "两盒茶叶"}
    other = {"code": "entertainment", "evidence": "周五前送彩页"}
    assert _merged(visit(flags=[same, other]), visit(flags=[gift]))["flags"] == [gift, other]


def test_the_same_words_can_raise_two_flags() -> None:
    gift = {"code": "gift_over_limit", "evidence": "带了两盒茶叶"}
    fun = {"code": "entertainment", "evidence": "带了两盒茶叶"}
    assert _merged(visit(flags=[fun]), visit(flags=[gift]))["flags"] == [gift, fun]


def test_a_visit_of_the_model_joins_the_visit_with_the_same_people() -> None:
    own = _note(visit(customers=[met("沈若兰")]), visit(customers=[met("褚云舟")]))
    said = _note(
        visit(customers=[met("褚云舟")], key_points=["二"]),
        visit(customers=[met("沈若兰")], key_points=["一"]),
    )
    assert [v.key_points for v in merge(said, own, TEXT).visits] == [["一"], ["二"]]


def test_visits_too_many_are_joined_and_too_few_keep_the_rules_engines() -> None:
    one = _note(visit(customers=[met("沈若兰")], key_points=["零"]))
    two = _note(visit(key_points=["一"]), visit(key_points=["二"]))
    assert [v.key_points for v in merge(two, one, TEXT).visits] == [["一", "二"]]
    assert [v.key_points for v in merge(one, two, TEXT).visits] == [["零"], ["二"]]


def test_one_of_them_alone_is_enough() -> None:
    some, nothing = _note(visit(key_points=["一"])), _note()
    assert merge(some, nothing, TEXT) == merge(nothing, some, TEXT) == some

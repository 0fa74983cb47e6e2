"""The customer's own words, the points, the goal: said by whom, and what is left out."""

import pytest

from bot.domain.note import Outcome
from tests.understanding.ward import visit


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("见了陆长风，他说「样本量太小，说服不了我」。", "样本量太小，说服不了我"),
        ("陆长风主任临走撂下的原话是你们别光送彩页。", "你们别光送彩页"),
        ("见了陆长风，他看完甩了一句这图比上次强。", "这图比上次强"),
        ("陆长风主任一见面就说：“我不敢开了。”我赶紧解释。", "我不敢开了。"),
        ("我讲完，陆长风主任来了句“再看看吧各位”，就走了。", "再看看吧各位"),
    ],
)
def test_marked_words_of_the_customer_are_a_quote(text: str, quote: str) -> None:
    (only,) = visit(text).quotes
    assert only.text == quote
    assert only.text in text
    assert only.speaker is not None
    assert only.speaker.startswith("陆长风")


@pytest.mark.parametrize(
    "text",
    [
        "见了陆长风，我说「咱们宁康起效快」，他没吭声。",
        "给陆长风带了本《哮喘速查手册》，他翻了翻。",
        "跟陆长风聊了题为“小气道”的课题。",
    ],
)
def test_our_own_words_and_titles_are_no_quotes(text: str) -> None:
    assert visit(text).quotes == []


def test_points_hold_what_was_said_and_leave_out_the_rest() -> None:
    points = visit(
        "今天去东院见了陆长风主任，聊了二十分钟。他说病人嫌装置太复杂。外面下雨，堵车堵得我头晕。"
    ).key_points
    assert points == ["他说病人嫌装置太复杂"]


def test_a_point_is_short_even_when_nobody_pauses() -> None:
    text = "见了陆长风主任" + "他说这批病人换药以后夜里不咳了白天也能走路了" * 6
    assert max(len(point) for point in visit(text).key_points) <= 45


def test_doubts_and_rivals_are_told_apart_from_points() -> None:
    found = visit("见了陆长风主任，他嫌宁康贵，说信必乐便宜。")
    assert "他嫌宁康贵" in found.objections
    assert found.competitors == ["说信必乐便宜"]


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("去东院见陆长风主任，本来想谈长处方，没谈成。", "谈长处方"),
        ("去见陆长风主任，就为了混个脸熟，聊了聊。", "混个脸熟"),
        ("见陆长风主任的目的很简单，把科会时间定下来，聊了十分钟。", "把科会时间定下来"),
        ("见了陆长风主任，他本来想去年会。", None),
        ("见了陆长风主任，聊了哮喘。", None),
    ],
)
def test_a_goal_counts_only_when_it_was_stated_by_us(text: str, goal: str | None) -> None:
    said = visit(text).goal
    assert said is None if goal is None else said is not None and said.startswith(goal)


def test_the_outcome_is_judged_only_against_a_stated_goal() -> None:
    assert visit("见陆长风主任，本来想谈长处方，没谈成。").outcome is Outcome.MISSED
    assert visit("见陆长风主任，目标是定科会，谈妥了。").outcome is Outcome.REACHED
    assert visit("见了陆长风主任，进药没谈成。").outcome is Outcome.NOT_SAID

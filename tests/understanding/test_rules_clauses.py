"""Cutting speech into clauses, the word lists, and what holds for any text at all."""

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding import rules
from bot.understanding.rules.clauses import split
from bot.understanding.rules.vocabulary import load, pattern
from tests.understanding.ward import note

PIECES = [
    "见了陆长风主任",
    "孔令怡",
    "他说",
    "我说",
    "「不行，再说吧。」",
    "下周三前",
    "把文献发他",
    "没碰上",
    "如果",
    "，",
    "。",
    "：",
    " ",
    "\n",
    "「",
    "三点一刻",
    "二十分钟",
    "西湖医院",
    "原话是",
    "病人吃了宁康心慌",
    "123",
    "🙂",
]
SPEECH = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


def _words(text: str) -> list[str]:
    return [clause.text for clause in split(text)]


def test_marks_cut_clauses_but_not_within_quotes() -> None:
    assert _words("见了他，他说「不行，再说。」我走了。") == [
        "见了他",
        "他说「不行，再说。」我走了",
    ]


def test_words_in_quotes_stay_with_who_says_them() -> None:
    assert _words("他皱眉，「不行」") == ["他皱眉，「不行」"]


def test_speech_without_marks_is_cut_where_somebody_else_acts() -> None:
    text = "昨天下午去见陆主任聊了半个钟头他现在病人多问我们能不能一起用我说这个我得回去问医学部"
    assert _words(text)[:2] == ["昨天下午去见陆主任聊了半个钟头", "他现在病人多"]
    assert _words(text)[-1] == "我得回去问医学部"


def test_an_object_does_not_start_a_clause() -> None:
    text = "三个工作日内把那份完整的随访数据整理好以后发给他再打电话告诉他们科里的秘书"
    assert not any(clause.startswith("他") for clause in _words(text))


@given(SPEECH)
def test_clauses_lie_in_order_and_are_the_words_of_the_text(text: str) -> None:
    end = 0
    for clause in split(text):
        assert end <= clause.start < clause.end
        assert text[clause.start : clause.end] == clause.text
        end = clause.end


@given(SPEECH)
def test_whatever_is_said_every_proposal_quotes_the_text(text: str) -> None:
    for visit in note(text).visits:
        assert all(quote.text in text for quote in visit.quotes)
        assert all(step.evidence in text for step in visit.next_steps)
        assert all(update.evidence in text for update in visit.profile_updates)
        assert all(need.evidence in text for need in visit.needs)
        assert all(met.mention in text for met in visit.customers)
        assert all(len(point) <= 45 for point in visit.key_points)


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    note(text)


def test_a_gap_in_a_word_spans_a_few_characters() -> None:
    assert pattern("profile.门诊时间.words").search("门诊也从周三上午改到周四了")
    assert not pattern("profile.门诊时间.words").search("门诊" + "很忙" * 10 + "改")


def test_an_unknown_list_is_an_error() -> None:
    with pytest.raises(KeyError):
        pattern("steps.steps.nothing")


def test_every_list_that_the_code_names_exists() -> None:
    folder = files(rules)
    code = "".join(f.read_text("utf-8") for f in folder.iterdir() if f.name.endswith(".py"))
    for name in set(re.findall(r'"((?:\w+)\.(?:\w+)\.(?:\w+))"', code)):
        if not name.startswith("bot."):
            assert pattern(name)


def test_no_list_names_a_word_twice() -> None:
    for file in files(rules).joinpath("words").iterdir():
        for lists in load(file.name.removesuffix(".toml")).values():
            for key, words in lists.items():
                assert len(words) == len(set(words)), (file.name, key)

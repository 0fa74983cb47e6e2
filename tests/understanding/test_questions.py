"""Questions in plain words: what is asked, about whom, over which days, split by what."""

import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app import load_capabilities
from bot.domain.calendar import WorkCalendar
from bot.domain.directory import Colleague, Directory
from bot.domain.roster import Roster, RosterCustomer, RosterHospital
from bot.understanding.questions import Question, load_topics, read_question
from bot.understanding.questions.spelling import respell

FOLDER = Path(__file__).parent
NOW = datetime.fromisoformat("2026-11-18T10:00:00+08:00")
INTENTS_AT_LEAST, SLOTS_AT_LEAST = 0.95, 0.95


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


WORLD = _load("questions.toml")["world"]
PEOPLE = tuple(
    Colleague(each["login"], each["name"], each["team"], each["rep"]) for each in WORLD["people"]
)
ROSTER = Roster(
    customers=tuple(
        RosterCustomer(
            id=number,
            name=each["name"],
            hospital=each["hospital"],
            department=each["department"],
            post=each.get("post"),
            title=each["title"],
            kind=each.get("kind", "医生"),
            aliases=tuple(each.get("aliases", ())),
        )
        for number, each in enumerate(WORLD["customers"], 1)
    ),
    hospitals=tuple(
        RosterHospital(each["name"], tuple(each["aliases"]), tuple(each["departments"]))
        for each in WORLD["hospitals"]
    ),
    products=(),
    colleagues=tuple(each.name for each in PEOPLE),
)


def _directory(login: str) -> Directory:
    asker = next(each for each in PEOPLE if each.login == login)
    return Directory(asker, PEOPLE, tuple(WORLD["teams"]), tuple(WORLD["tags"]))


def ask(text: str, login: str = "muqs") -> Question:
    """What somebody's question means on that Wednesday."""
    return read_question(text, ROSTER, _directory(login), now=NOW, calendar=WorkCalendar())


def _written(name: str) -> Iterator[tuple[dict[str, Any], Question]]:
    for intent, questions in _load(name)["questions"].items():
        for each in questions:
            slots = dict(each["slots"])
            if "period" in slots:
                slots["period"] = dict(zip(("from", "to"), slots["period"], strict=True))
            yield each, Question(intent, slots)


@pytest.mark.parametrize(
    "name",
    ["questions.toml", "questions_second.toml", "questions_third.toml", "questions_fourth.toml"],
)
def test_nearly_all_questions_mean_what_they_should(name: str) -> None:
    wanted = list(_written(name))
    got = [ask(each["text"], each["as"]) for each, _ in wanted]
    missed = [
        each["text"]
        for (each, gold), asked in zip(wanted, got, strict=True)
        if asked.intent != gold.intent
    ]
    right = sum(
        asked.slots.get(slot) == value
        for (_, gold), asked in zip(wanted, got, strict=True)
        for slot, value in gold.slots.items()
    )
    said = sum(
        len({*gold.slots, *asked.slots}) for (_, gold), asked in zip(wanted, got, strict=True)
    )
    assert 1 - len(missed) / len(wanted) >= INTENTS_AT_LEAST, missed
    assert right / said >= SLOTS_AT_LEAST


@pytest.mark.parametrize("login", ["muqs", "zhuangqiu"])
def test_chat_is_no_question(login: str) -> None:
    for text in ("外面下雨了没", "讲个笑话", "停车场还有位置吗", "给我写首诗", "", "？"):
        assert ask(text, login).intent == "other"


def test_me_is_the_rep_who_asks_but_help_me_is_not() -> None:
    assert ask("我这周拜访了几家", "zhuangqiu").slots["rep"] == "zhuangqiu"
    assert "rep" not in ask("帮我看下这周拜访了几家", "muqs").slots
    assert ask("我们组这周拜访了几家").slots["team"] == "栖岚一组"


def test_a_rep_is_known_by_nickname_when_only_one_can_be_meant() -> None:
    assert ask("小庄这周拜访了几家").slots["rep"] == "zhuangqiu"
    assert ask("一鸣这周拜访了几家").slots["rep"] == "luyiming"


def test_misheard_words_of_the_trade_names_and_tags_are_understood() -> None:
    assert ask("超其的重点客户") == Question("status_overdue", {"tier": "重点"})
    assert ask("装秋的代办").slots["rep"] == "zhuangqiu"
    assert ask("药士会成员名单").slots["tags"] == ["药事会成员"]


def test_a_customer_whose_name_sounds_like_a_colleagues_stays_a_customer() -> None:
    heard = respell("鲁一明的待办", ["陆一鸣", "待办"], ["鲁一明"])
    assert heard == "鲁一明的待办"
    assert respell("鲁一明的代办", ["陆一鸣", "待办"], []) == "陆一鸣的待办"


def test_to_look_at_who_does_something_is_no_visit() -> None:
    assert ask("看看谁超期客户最多") == Question("status_overdue", {"group_by": "rep"})
    assert ask("下午看谁好", "zhuangqiu").intent == "who_next"


def test_small_talk_with_words_of_the_trade_is_no_question() -> None:
    for text in ("打车票找谁报销", "下周公司团建去哪", "周末愉快，下周见", "客户请我吃饭我没去"):
        assert ask(text, "zhuangqiu").intent == "other"


def test_the_second_team_of_last_week_is_no_tuesday() -> None:
    asked = ask("上周二组的拜访情况")
    assert asked.slots["team"] == "栖岚二组"
    assert asked.slots["period"] == {"from": "2026-11-09", "to": "2026-11-15"}


def test_what_a_manager_asks_about_a_next_visit_names_nobody_unless_said() -> None:
    assert "rep" not in ask("明天先见哪个KOL").slots
    assert ask("小庄明天先见谁").slots["rep"] == "zhuangqiu"


def test_last_weeks_doctors_are_not_a_doctor_named_week() -> None:
    assert "customer" not in ask("上周医生提的需求都回了吗").slots


def test_a_department_before_a_name_is_no_tag() -> None:
    asked = ask("心内科蒋主任上次聊了啥", "zhuangqiu")
    assert asked == Question("brief", {"customer": "蒋文博"})


def test_two_tiers_side_by_side_are_compared() -> None:
    asked = ask("重点和潜力这个月各拜访了几次")
    assert asked.slots["group_by"] == "tier"
    assert "tier" not in asked.slots


def test_every_capability_answers_a_topic_that_exists_and_its_own_example() -> None:
    topics = {topic.name for topic in load_topics()}
    for each in load_capabilities().capabilities:
        if each.intent is not None:
            assert each.intent in topics
            assert each.example in each.words or ask(each.example, "zhuangqiu").intent in (
                each.intent,
                "filter_customers",
            )


def test_every_topics_example_means_that_topic() -> None:
    for topic in load_topics():
        assert ask(topic.example).intent == topic.name


@given(
    st.text(
        "我谁上周本月拜访KOL重点客户了多少待办没超期庄秋蒋文博主任一二组，？〈〉+ ", max_size=20
    )
)
def test_no_words_break_it(text: str) -> None:
    for login in ("muqs", "zhuangqiu"):
        asked = ask(text, login)
        assert all(value for value in asked.slots.values())

"""Lists of customers by the words on their file."""

import pytest

from bot.domain.errors import StaleCardError
from bot.domain.tiers import Tier
from storage.people import Role
from storage.places import Hospital
from tests.handlers.people import Desk, hire, meet_customer, visited


@pytest.fixture
def crowd(desk: Desk) -> Desk:
    """Twenty young cardiologists and one KOL."""
    for number in range(20):
        meet_customer(
            desk.session, desk.person, f"客户{number:02}", tags=("青年医师",), tier=Tier.POTENTIAL
        )
    li = meet_customer(
        desk.session, desk.person, "李建国", tier=Tier.KOL, interests=["药物涂层球囊"]
    )
    visited(desk.session, desk.person, li, 3)
    return desk


def test_a_list_says_how_many_and_comes_in_pages(crowd: Desk) -> None:
    lines = crowd.say("心内科+青年医师").text.splitlines()
    assert lines[0] == "心内科 + 青年医师：20 位，第 1/3 页"
    assert lines[1] == "1. 客户00 · 一医院 心内科 · 潜力 · 没见过"
    assert crowd.labels[-1] == "下一页"
    assert crowd.press("下一页").text.splitlines()[1].startswith("9. 客户08")
    assert crowd.say("下一页").text.splitlines()[1].startswith("17. 客户16")
    assert crowd.labels[-1] == "上一页"


def test_the_name_opens_the_file(crowd: Desk) -> None:
    crowd.say("心内科+KOL+关注药物涂层球囊")
    assert crowd.last.text.splitlines() == [
        "心内科 + KOL + 关注药物涂层球囊：1 位",
        "1. 李建国 · 一医院 心内科 · KOL · 3 天前",
    ]
    assert crowd.press("1 李建国").text.startswith("李建国 · KOL")


def test_a_hospital_by_its_short_name_is_a_condition(crowd: Desk) -> None:
    meet_customer(crowd.session, crowd.person, "何芳", hospital="河口市第二医院")
    assert "何芳" in crowd.say("二医院+重点").text


def test_an_unknown_word_offers_known_ones(crowd: Desk) -> None:
    assert crowd.say("心内科+介入").text == (
        "您的客户里没有「介入」。可以用这些词，用 + 连起来：青年医师。"
    )


def test_nobody_has_both(crowd: Desk) -> None:
    assert "一位也没有" in crowd.say("KOL+青年医师").text


def test_an_old_page_says_so(crowd: Desk) -> None:
    crowd.say("我的客户")
    crowd.turn.ask("something else")
    with pytest.raises(StaleCardError):
        crowd.press("下一页")


def test_a_manager_lists_the_team_and_a_rep_only_their_own(crowd: Desk) -> None:
    boss = hire(crowd.session, "boss", Role.MANAGER)
    crowd.person.manager_id = boss.id
    stranger = hire(crowd.session, "xu")
    meet_customer(crowd.session, stranger, "高远", tags=("青年医师",))
    assert "20 位" in Desk(crowd.session, boss).say("青年医师都有谁").text
    assert "1 位" in Desk(crowd.session, stranger).say("青年医师都有谁").text


def test_only_one_tier_in_words(crowd: Desk) -> None:
    assert crowd.say("只看KOL").text.startswith("KOL：1 位")
    assert crowd.say("只看肿瘤科").text.startswith("您的客户里没有「肿瘤科」")


def test_a_town_where_nobody_is_gives_nobody_from_elsewhere(crowd: Desk) -> None:
    crowd.session.add(Hospital(name="岚山县人民医院", city="岚山县"))
    for words in ("去岚山县先看谁", "去岚山先看谁"):
        assert crowd.say(words).text.startswith("您在那里没有这样的客户。")
    meet_customer(crowd.session, crowd.person, "何芳", hospital="岚山县人民医院")
    assert "1. 何芳" in crowd.say("去岚山县先看谁").text
    assert "2. " not in crowd.last.text

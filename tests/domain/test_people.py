"""Who a rep means by a name, a title, a nickname, or what the recogniser made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.people import PersonFound, find_people, resolve
from bot.domain.roster import Roster
from tests.domain.portfolios import CUSTOMERS, ROSTER, SECOND, WOMEN


def _told(person: PersonFound) -> str:
    if person.colleague:
        return "同事"
    return "/".join(c.name for c in person.candidates) or "新人"


def _people(text: str) -> list[tuple[str, str]]:
    return [(person.mention, _told(person)) for person in find_people(text, ROSTER)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("见了曾国梁", [("曾国梁", "曾国梁")]),
        ("见了曾国梁主任聊得不错", [("曾国梁主任", "曾国梁")]),
        ("小单主任下周再来", [("小单主任", "单玉琴")]),
        ("大张院长也到了", [("大张院长", "张建华")]),
        ("曾主任说可以", [("曾主任", "曾国梁")]),
        ("曾医生说可以", [("曾医生", "曾慧")]),
        ("尉迟主任留下了资料", [("尉迟主任", "尉迟岚")]),
        ("方药师管这个", [("方药师", "方舒")]),
        ("钱店长要补货", [("钱店长", "钱程")]),
        ("林经理说行，林总拍板", [("林经理", "林芳"), ("林总", "林芳")]),
        ("国梁主任说可以", [("国梁主任", "曾国梁")]),
        ("跟老曾吃了饭", [("老曾", "曾国梁/曾慧")]),
        ("张院说没问题", [("张院", "张建华")]),
        ("一位姓解的主任接待的", [("姓解的主任", "解春生")]),
        ("跟陶然碰了面", [("陶然", "陶然/陶然")]),
    ],
)
def test_customers_are_found_by_every_way_they_are_called(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert _people(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("曾国良主任查房去了", [("曾国良主任", "曾国梁")]),
        ("增国梁说样本太小", [("增国梁", "曾国梁")]),
        ("谢春生主任没空", [("谢春生主任", "解春生")]),
        ("秦志远主任在值班", [("秦志远主任", "覃志远")]),
        ("邱敏医生接待的", [("邱敏医生", "仇敏")]),
        ("跟善主任聊了聊", [("善主任", "单玉琴")]),
        ("任静主任", [("任静主任", "任静")]),
        ("任进主任", [("任进主任", "任静")]),
    ],
)
def test_misheard_names_are_recognised_by_their_sound(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert _people(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("新来的进修医生叫刘洋，从外地来的", [("刘洋", "新人")]),
        ("见了周主任和欧阳主任", [("周主任", "新人"), ("欧阳主任", "新人")]),
        ("安排王主任讲课", [("王主任", "新人")]),
        ("马上王主任要退休了", [("王主任", "新人")]),
        ("江苏王主任来讲课", [("王主任", "新人")]),
        ("陈仁静医生也在", [("陈仁静医生", "新人")]),
        ("周五李主任查房", [("李主任", "新人")]),
        ("陈晓华主任和李建华医生碰了面", [("陈晓华主任", "新人"), ("李建华医生", "新人")]),
        ("约了孙丽华下周二聊", [("孙丽华", "新人")]),
        ("遇到一位姓刘的主任", [("姓刘的主任", "新人")]),
        ("司马主任查房", [("司马主任", "新人")]),
        ("宋文波主任和曾惠芳医生", [("宋文波主任", "新人"), ("曾惠芳医生", "新人")]),
        ("何志远主任来了", [("何志远主任", "新人")]),
    ],
)
def test_named_strangers_become_new_people(text: str, expected: list[tuple[str, str]]) -> None:
    assert _people(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "高血压病人多，高原地区用药怎么调",
        "她许可了这件事，取得许可以后再说",
        "让主任看了下，请医生签字，和主任约了时间",
        "于主任来说这不难，恭喜他当主任了，成主任了",
        "护士长让我等等，小护士说主任开会，底下有个小姑娘",
        "曾经理解得不够，曾经用过清咳宁",
        "我们主任、科主任、副主任都在",
        "主任副主任都没空",
        "患者单玉琴用了两周，病人家属张建华投诉",
        "她爱人李建国也在门口",
        "方案还没定，单子没开，任务重，高管不在",
        "住院病人多，出院要带药",
        "去年就用了，周三下午，马上过去，白天也行",
    ],
)
def test_everyday_words_roles_patients_and_relatives_are_nobody(text: str) -> None:
    assert _people(text) == []


def test_colleagues_are_known_as_such() -> None:
    assert _people("罗经理和孟婷婷老师陪我去的") == [("罗经理", "同事"), ("孟婷婷老师", "同事")]


def test_a_slip_and_its_correction_come_out_separately() -> None:
    told = _people("见的宋文，哦说错了是宋雯，不是肾内那个宋文")
    assert told == [("宋文", "宋文"), ("宋雯", "宋雯"), ("宋文", "宋文")]


def _resolved(
    mention: str, hospital: str | None = None, department: str | None = None
) -> list[int]:
    return [c.id for c in resolve(mention, ROSTER, hospital=hospital, department=department)]


def test_the_department_said_beats_the_exact_name() -> None:
    assert _resolved("宋文医生") == [16]
    assert _resolved("宋文医生", WOMEN, "肾内科") == [17]
    assert _resolved("张健华", SECOND, "院办") == [13]


def test_two_that_still_fit_are_both_returned() -> None:
    assert _resolved("陶然") == [18, 19]
    assert _resolved("陶然", WOMEN) == [19]
    assert _resolved("陶然", None, "消化内科") == [18]


def test_a_post_is_evidence() -> None:
    assert _resolved("宋主任") == [16]
    assert _resolved("张院长") == [13]
    assert _resolved("张医生") == [14]
    assert _resolved("仇主任") == [5], "politeness promotes a doctor when nobody fits better"
    assert _resolved("仇院长") == []


def test_a_title_of_another_department_is_a_stranger() -> None:
    assert _resolved("曾主任", WOMEN, "儿科") == []
    assert _resolved("曾国梁主任", WOMEN, "儿科") == [1]


def test_nobody_is_found_with_an_empty_roster() -> None:
    assert find_people("见了王主任", Roster((), (), (), ()))[0].named
    assert resolve("王主任", Roster((), (), (), ())) == ()


@given(st.text(alphabet="曾国梁单玉琴宋文雯主任医生老小和张院长，。患者叫见了 a1", max_size=40))
def test_whatever_is_said_people_are_real_spans_in_order(text: str) -> None:
    end = 0
    for person in find_people(text, ROSTER):
        assert end <= person.start < person.end
        assert text[person.start : person.end] == person.mention
        assert set(person.candidates) <= set(CUSTOMERS)
        assert person.named == (not person.candidates and not person.colleague)
        end = person.end


@given(st.text(max_size=12), st.sampled_from([None, SECOND, WOMEN]))
def test_resolving_gives_only_customers_of_the_portfolio(
    mention: str, hospital: str | None
) -> None:
    assert set(resolve(mention, ROSTER, hospital=hospital)) <= set(CUSTOMERS)

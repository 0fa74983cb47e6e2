"""Day, start, length, channel and place of the contact, and who was met."""

import pytest

from bot.domain.note import Channel
from tests.understanding.ward import note, visit


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("昨天下午去东院见了陆长风。", "昨天"),
        ("补一条上周五的，在东院呼吸内科见了孔令怡。", "上周五"),
        ("见了孔令怡，她说昨天刚从外地回来。", None),
        ("孔令怡医生换到周二下午出门诊了。", None),
        ("孔令怡医生说昨天刚从外地回来。", None),
        ("今天见了陆长风，下周三给他送资料。", "今天"),
    ],
)
def test_the_day_is_that_of_the_contact(text: str, day: str | None) -> None:
    said = visit(text).day
    assert said is None if day is None else said is not None and said.startswith(day)


def test_a_clock_time_counts_when_it_is_the_time_of_the_contact() -> None:
    assert visit("下午三点一刻到东院找陆长风主任，聊了十分钟。").start == "下午三点一刻"
    assert visit("见了陆长风主任，他说三点还有台手术。").start is None
    assert visit("陆长风主任说今天三点还有台手术。").start is None
    assert visit("找陆长风，等到五点也没下来，跟孔令怡聊了会儿。").start is None


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("见了陆长风，聊了二十分钟。", "二十分钟"),
        ("陆长风主任，办公室，一刻钟。", "一刻钟"),
        ("等陆长风等了四十分钟，聊了十分钟。", "十分钟"),
        ("见了陆长风，他说年会可以让我们讲十分钟。", None),
        ("见了陆长风，病人用药三十分钟后好转。", None),
    ],
)
def test_the_length_is_that_of_the_talk(text: str, length: str | None) -> None:
    assert visit(text).duration == length


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("给陆长风打了个电话，他在忙。", Channel.PHONE),
        ("白秋月微信回我了，下月有空。", Channel.WECHAT),
        ("线上跟陆长风碰了四十分钟。", Channel.ONLINE),
        ("在东院走廊跟孔令怡说了几句，明天给她打电话。", Channel.FACE),
        ("见了孔令怡，她说以后先发微信。", Channel.FACE),
    ],
)
def test_the_channel_is_the_one_used_not_the_one_planned(text: str, channel: Channel) -> None:
    assert visit(text).channel is channel


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("见了陆长风主任和孔令怡。", ["陆长风主任", "孔令怡"]),
        ("陆长风主任没碰上，跟孔令怡聊的。", ["孔令怡"]),
        ("去找陆长风主任，他去外地开会了。", []),
        ("跟孔令怡聊病例，她说陆长风主任已经同意了。", ["孔令怡"]),
        ("孔令怡让我把材料交给陆长风主任。", ["孔令怡"]),
        ("孔令怡说陆长风主任也在用宁康。", ["孔令怡"]),
        ("见了孔令怡。陆长风主任下周三要讲课。", ["孔令怡"]),
        ("电梯口碰到陆长风，点了个头就过去了。后来见了孔令怡。", ["孔令怡"]),
        ("见了陆长风，哦说错了是孔令怡。", ["孔令怡"]),
        ("陆长风主任的学生来拿的资料，孔令怡在边上。", ["孔令怡"]),
        ("给陆长风、孔令怡、小陆医生三个人做了个讲座。", ["陆长风", "孔令怡", "小陆医生"]),
        ("今天约了孔令怡下周二单独聊，是陆长风主任当面定的。", ["陆长风主任"]),
    ],
)
def test_only_people_talked_to_are_met(text: str, met: list[str]) -> None:
    assert [one.mention for v in note(text).visits for one in v.customers] == met


def test_colleagues_come_along_and_are_no_customers() -> None:
    found = visit("今天跟何涛经理一起见了陆长风主任。")
    assert [one.mention for one in found.customers] == ["陆长风主任"]
    assert len(found.co_visitors) == 1


def test_the_place_said_for_a_person_stays_with_the_person() -> None:
    (met,) = visit("孔令怡医生，就是东院呼吸内科那个，今天聊了十分钟。").customers
    assert met.department == "东院呼吸内科"


def test_another_hospital_is_another_visit() -> None:
    found = note(
        "上午东院呼吸内科陆长风主任，下午西湖儿科白秋月医生。陆主任没时间细看；白医生要PPT，我明天发。"
    ).visits
    assert [[one.mention for one in v.customers] for v in found] == [["陆长风主任"], ["白秋月医生"]]
    assert [len(v.next_steps) for v in found] == [0, 1]


def test_two_departments_of_one_hospital_are_one_visit() -> None:
    found = visit("先去东院呼吸内科见了陆长风主任，然后去急诊科找了小陆医生。")
    assert len(found.customers) == 2

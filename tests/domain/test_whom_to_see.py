"""What a brief and a list are made of: goals, what not to repeat, filters, near names, 待办."""

import itertools
import re
from datetime import date, timedelta

import pytest

from bot.domain.calendar import WorkCalendar
from bot.domain.filters import Filed, find_filed
from bot.domain.goals import Aim, suggest_goal
from bot.domain.nearest import nearest_names
from bot.domain.promises import say_late, say_undone, shorten
from bot.domain.repeats import Told, already_given, declined
from bot.domain.tiers import Segment
from bot.domain.todos import Bucket, Todo, bucket_of, in_order, meant, number_said, remind_day

TODAY = date(2026, 11, 25)
KINDS = ("医生", "药师", "药店", "采购", "研发伙伴")
AIM = Aim(kind="医生", segment=Segment.WATCH, seen=True, promise=None, need=None, interest=None)


def test_no_goal_speaks_of_sales_or_volume() -> None:
    for kind, segment, seen in itertools.product(KINDS, Segment, (True, False)):
        goal = suggest_goal(AIM._replace(kind=kind, segment=segment, seen=seen))
        assert not re.search(r"销|量|处方|开药|单|盒|回款|进货|采购额|目标患者", goal), goal


def test_what_we_owe_comes_first() -> None:
    assert "会议名额" in suggest_goal(AIM._replace(need="会议名额", promise="送文献"))
    assert "送文献" in suggest_goal(AIM._replace(promise="送文献", seen=False))
    assert "互相认识" in suggest_goal(AIM._replace(seen=False))
    assert "难治性高血压" in suggest_goal(AIM._replace(interest="难治性高血压"))


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("送文献", "文献还没送"),
        ("给李主任送难治性高血压文献", "难治性高血压文献还没送"),
        ("约科室会", "科室会还没约"),
        ("给科室会方案", "科室会方案还没给"),
        ("带样品资料过去", "样品资料还没带"),
        ("跟进科室会", "「跟进科室会」还没做"),
        ("下周把他要的那份五年随访的资料整理成一页纸", "「下周把他要的那份五年随访的…」还没做"),
    ],
)
def test_a_promise_is_said_as_undone(action: str, said: str) -> None:
    assert say_undone(action) == said


def test_lateness_in_words() -> None:
    said = [
        say_late(TODAY + timedelta(days=d) if d is not None else None, TODAY)
        for d in (-2, 0, 3, None)
    ]
    assert said == ["过了 2 天", "今天到期", "还有 3 天", "没定日子"]
    assert shorten("一二三\n四五", 4) == "一二三…"


def test_what_was_given_and_what_was_declined() -> None:
    points = [
        Told(TODAY, words)
        for words in (
            "送了一份指南",
            "对价格不想谈",
            "聊了随访",
            "没送成样品",
            "综述他已经看过",
            "别再提竞品",
        )
    ]
    done = [Told(TODAY, "发会议通知"), Told(TODAY, "约科室会")]
    assert [each.words for each in already_given(points, done)] == ["送了一份指南", "发会议通知"]
    assert [each.words for each in declined(points)] == [
        "对价格不想谈",
        "综述他已经看过",
        "别再提竞品",
    ]


FILED = [
    Filed(1, "李建国", frozenset({"心内科", "KOL", "青年医师", "药物涂层球囊", "医生"})),
    Filed(2, "王伟", frozenset({"心内科", "潜力", "青年医师", "关注药物涂层球囊", "医生"})),
    Filed(
        3, "何芳", frozenset({"内分泌科", "重点", "高潜力", "乐于参加线上会", "医生", "关注CGM"})
    ),
]


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ("心内科+青年医师+关注药物涂层球囊", [1, 2]),
        ("心内科 ＋ 潜力", [2]),
        ("高潜力+医生", [3]),
        ("给我筛一下关注cgm的医生", [3]),
        ("内分泌科里头谁乐于参加线上会", [3]),
        ("心内", [1, 2]),
        ("球囊+青年", [1, 2]),
    ],
)
def test_customers_are_found_by_what_is_on_their_file(asked: str, ids: list[int]) -> None:
    assert find_filed(asked, FILED).ids == ids


def test_a_word_on_nobodys_file_is_named() -> None:
    assert find_filed("心内科+介入", FILED).unknown == ["介入"]
    assert find_filed("食堂有饺子吗", FILED) == ([], [], [])


def test_near_names_look_or_sound_alike() -> None:
    names = ["李建国", "李卫民", "王伟", "何芳"]
    assert nearest_names("李建", names) == ["李建国"]
    assert nearest_names("黎剑国", names)[0] == "李建国"
    assert nearest_names("欧阳雪", names) == []


def todo(number: int, action: str, customer: int | None = None, due: date | None = None) -> Todo:
    return Todo(number, action, customer, None, due)


TODOS = [todo(1, "送难治性高血压文献", 7), todo(2, "约科室会", 7), todo(3, "送晨峰血压综述", 8)]


@pytest.mark.parametrize(
    ("words", "customers", "mention", "ids", "clear"),
    [
        ("给李建国的文献已经发了", {7}, "李建国", [1], True),
        ("科室会已经约好了", set(), "", [2], True),
        ("李建国的已经办完了", {7}, "李建国", [1, 2], False),
        ("王伟的综述已经送了", {8}, "王伟", [3], True),
        ("王伟的病例已经送了", {8}, "王伟", [], False),
        ("血压的资料已经送了", set(), "", [1, 3], False),
        ("饺子已经吃了", set(), "", [], False),
    ],
)
def test_which_promise_is_meant(
    words: str, customers: set[int], mention: str, ids: list[int], clear: bool
) -> None:
    found, sure = meant(words, TODOS, frozenset(customers), mention)
    assert ([each.id for each in found], sure) == (ids, clear)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("第2条完成了", 2),
        ("完成 2", 2),
        ("完成第三条", 3),
        ("推迟 3 到周五", 3),
        ("第十二条做完了", 12),
        ("2 完成", 2),
        ("3", 3),
        ("推迟到12月5号", None),
        ("把李主任的文献推迟到下周五", None),
        ("推迟两天", None),
    ],
)
def test_numbers_of_the_list(words: str, number: int | None) -> None:
    assert number_said(words) == number


def test_groups_and_order() -> None:
    days = {d: bucket_of(TODAY + timedelta(days=d), TODAY) for d in (-1, 0, 1, 4, 5)}
    assert list(days.values()) == [
        Bucket.OVERDUE, Bucket.TODAY, Bucket.WEEK, Bucket.WEEK, Bucket.LATER,
    ]  # fmt: skip
    assert bucket_of(None, TODAY) == Bucket.UNDATED
    mixed = [todo(1, "甲"), todo(2, "乙", due=TODAY), todo(3, "丙", due=TODAY - timedelta(days=1))]
    assert [each.id for each in in_order(mixed)] == [3, 2, 1]


def test_the_reminder_comes_a_working_day_before() -> None:
    calendar = WorkCalendar()
    assert remind_day(date(2026, 11, 30), TODAY, calendar) == date(2026, 11, 27)
    assert remind_day(TODAY, TODAY, calendar) == TODAY

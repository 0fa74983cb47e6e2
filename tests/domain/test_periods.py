"""Which days a question is about, as people say it; asked on Wednesday 2026-11-18."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import WorkCalendar
from bot.domain.periods import Period, find_period, period_spans
from bot.domain.when import Tense

NOW = datetime.fromisoformat("2026-11-18T10:00:00+08:00")
NEW_YEAR = datetime.fromisoformat("2027-01-05T10:00:00+08:00")

SAID = """
本周 11-16 11-22 | 这一周跑了几家 11-16 11-22 | 上周 11-09 11-15 | 上上周 11-02 11-08
下周 11-23 11-29 | 上个礼拜 11-09 11-15 | 这周末 11-21 11-22 | 本月 11-01 11-30
这个月到现在 11-01 11-18 | 上月 10-01 10-31 | 上一个月 10-01 10-31 | 下个月 12-01 12-31
十月份 10-01 10-31 | 9月下旬 09-21 09-30 | 月初到今天 11-01 11-18 | 11月上半月 11-01 11-15
四季度 10-01 12-31 | 第三季度 07-01 09-30 | Q2 04-01 06-30 | 上季度 07-01 09-30
前三季度 01-01 09-30 | 今年 01-01 12-31 | 今年以来 01-01 11-18 | 年初到现在 01-01 11-18
上半年 01-01 06-30 | 最近两周 11-05 11-18 | 近7天 11-12 11-18 | 过去一个月 10-20 11-18
最近半年 05-19 11-18 | 这两天 11-17 11-18 | 今天 11-18 11-18 | 昨儿 11-17 11-17
明天下午 11-19 11-19 | 周一到周三 11-16 11-18 | 上周一到周五 11-09 11-13 | 11月1号到15号 11-01 11-15
1号到25号 11-01 11-25 | 10月25号到11月3号 10-25 11-03
10月到11月 10-01 11-30 | 一季度到三季度 01-01 09-30
3号 11-03 11-03 | 本周一 11-16 11-16 | 最近三十天 10-20 11-18
"""


def _on(said: str) -> date:
    return date.fromisoformat(f"2026-{said}")


@pytest.mark.parametrize("row", [row.strip() for row in SAID.replace("\n", "|").split("|") if row])
def test_a_stretch_that_is_said(row: str) -> None:
    words, first, last = row.split()
    found = find_period(words, now=NOW, calendar=WorkCalendar())
    assert found == Period(_on(first), _on(last))


@pytest.mark.parametrize(
    "words",
    [
        "最近",
        "这几天",
        "上次聊了啥",
        "三个月没去",
        "刚才",
        "周五前要交",
        "月底前",
        "一共几个月",
        "季节",
    ],
)
def test_what_names_no_stretch(words: str) -> None:
    assert find_period(words, now=NOW, calendar=WorkCalendar()) is None


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("上个月", "2026-12-01", "2026-12-31"),
        ("十二月", "2026-12-01", "2026-12-31"),
        ("四季度", "2026-10-01", "2026-12-31"),
        ("下半年", "2026-07-01", "2026-12-31"),
        ("去年", "2026-01-01", "2026-12-31"),
        ("上周", "2026-12-28", "2027-01-03"),
    ],
)
def test_over_the_turn_of_the_year_the_latest_is_meant(words: str, first: str, last: str) -> None:
    found = find_period(words, now=NEW_YEAR, calendar=WorkCalendar())
    assert found == Period(date.fromisoformat(first), date.fromisoformat(last))


def test_a_bare_weekday_lies_ahead_for_a_plan_and_behind_for_a_count() -> None:
    ahead = find_period("周五见谁", now=NOW, calendar=WorkCalendar(), tense=Tense.FUTURE)
    behind = find_period("周五见了几个", now=NOW, calendar=WorkCalendar())
    assert ahead == Period(_on("11-20"), _on("11-20"))
    assert behind == Period(_on("11-13"), _on("11-13"))


def test_a_glance_at_friday_is_not_next_friday() -> None:
    found = find_period("排一下周五的拜访", now=NOW, calendar=WorkCalendar(), tense=Tense.FUTURE)
    assert found == Period(_on("11-20"), _on("11-20"))


@given(st.text("上下本这周月年季度半最近一二三十两1234567890号到至今天昨初旬前底的去", max_size=14))
def test_no_words_break_it(words: str) -> None:
    found = find_period(words, now=NOW, calendar=WorkCalendar())
    assert found is None or found.first <= found.last
    spans = period_spans(words, now=NOW, calendar=WorkCalendar())
    assert all(0 <= start < end <= len(words) for start, end in spans)

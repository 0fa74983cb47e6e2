"""How long 「不去」 lasts, in reps' own words."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI
from bot.domain.pause import Pause, read_pause

NOW = datetime(2026, 11, 25, 18, 30, tzinfo=SHANGHAI)


def pause(words: str) -> Pause:
    return read_pause(words, now=NOW, calendar=WorkCalendar(), default_days=7)


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("她去进修到年底", "2027-01-01"),
        ("下周三再说", "2026-12-02"),
        ("休假，下周三回来", "2026-12-02"),
        ("出差到下周三", "2026-12-03"),
        ("等到下周三再去", "2026-12-02"),
        ("开会到12月5号", "2026-12-06"),
        ("月底前都没空", "2026-12-01"),
        ("一个月后", "2026-12-25"),
        ("过两周再看", "2026-12-09"),
        ("三天后", "2026-11-28"),
        ("住院，至少三个月", "2027-02-23"),
        ("过两个星期", "2026-12-09"),
        ("下周没空", "2026-11-30"),
        ("下个月再说", "2026-12-01"),
        ("明年再去", "2027-01-01"),
        ("明年三月回来", "2027-03-01"),
        ("到3月才回来", "2027-03-01"),
        ("过完年再说", "2027-02-11"),
        ("元旦后", "2027-01-04"),
        ("今天没空", "2026-11-26"),
    ],
)
def test_a_day_is_heard(words: str, until: str) -> None:
    assert pause(words) == Pause(date.fromisoformat(until), said=True)


@pytest.mark.parametrize("words", ["不在", "他不想见我", "昨天刚见过", "太忙了", ""])
def test_without_a_day_the_default_holds(words: str) -> None:
    assert pause(words) == Pause(NOW.date() + timedelta(days=7), said=False)


@given(st.text(alphabet="到年底下周三月十二号0123456789节后前休假明过完国庆", max_size=12))
def test_a_pause_always_ends_in_the_future(words: str) -> None:
    assert pause(words).until > NOW.date()

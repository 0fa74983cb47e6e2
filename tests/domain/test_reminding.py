"""When promises, drafts and briefings are due, as tables of moments."""

from datetime import date, datetime, time, timedelta

import pytest

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI
from bot.domain.pushing import newest
from bot.domain.quiet import QuietHours
from bot.domain.reminding import (
    OpenDraft,
    OpenPromise,
    Reader,
    Slots,
    due_briefings,
    due_drafts,
    due_promises,
)

CALENDAR = WorkCalendar()
SLOTS = Slots(time(9), time(17))
QUIET = QuietHours(time(21), time(8), CALENDAR)


def at(said: str) -> datetime:
    return datetime.fromisoformat(f"2026-{said}").replace(tzinfo=SHANGHAI)


def day(said: str | None) -> date | None:
    return date.fromisoformat(f"2026-{said}") if said else None


def said(moment: datetime) -> str:
    return f"{moment:%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("made", "remind", "due", "expected"),
    [
        (
            "11-03 10:30",
            "11-10",
            "11-11",
            ["remind 11-10 09:00", "due 11-11 09:00", "late 11-12 09:00"],
        ),
        ("11-03 10:30", None, "11-11", ["due 11-11 09:00", "late 11-12 09:00"]),
        ("11-03 10:30", "11-10", None, ["remind 11-10 09:00"]),
        ("11-03 10:30", None, None, []),
        # due on a Friday: the day after is the Monday; on a Sunday: both come together
        (
            "11-03 10:30",
            "11-12",
            "11-13",
            ["remind 11-12 09:00", "due 11-13 09:00", "late 11-16 09:00"],
        ),
        ("11-03 10:30", None, "11-15", ["due 11-16 09:00", "late 11-16 09:00"]),
        # the National Day of 2026: off until 10-07
        (
            "09-20 10:30",
            "09-30",
            "10-01",
            ["remind 09-30 09:00", "due 10-08 09:00", "late 10-08 09:00"],
        ),
        # just promised: in the afternoon, or not any more on that day
        ("11-03 10:30", "11-03", "11-03", ["due 11-03 17:00", "late 11-04 09:00"]),
        ("11-03 16:30", "11-03", "11-03", ["late 11-04 09:00"]),
        ("11-03 07:30", "11-03", "11-03", ["due 11-03 09:00", "late 11-04 09:00"]),
        (
            "11-03 10:30",
            "11-03",
            "11-04",
            ["remind 11-03 17:00", "due 11-04 09:00", "late 11-05 09:00"],
        ),
    ],
)
def test_the_stages_of_a_promise(
    made: str, remind: str | None, due: str | None, expected: list[str]
) -> None:
    row = OpenPromise(7, 1, "送文献", "李崇文", day(remind), day(due), at(made))
    found = list(due_promises([row], at("09-01 12:00"), SLOTS, CALENDAR))
    assert [f"{each.period.split('-')[0]} {said(each.at)}" for each in found] == expected
    assert {each.subject for each in found} <= {"step-7"}
    assert len({each.period for each in found}) == len(found)


def test_a_stage_is_of_use_until_the_next_one() -> None:
    row = OpenPromise(7, 1, "送文献", "李崇文", day("11-10"), day("11-11"), at("11-03 10:30"))
    remind, due, late = due_promises([row], at("11-10 08:00"), SLOTS, CALENDAR)
    assert (remind.until, due.until) == (due.at, late.at)
    assert late.until == late.at + timedelta(days=7)
    assert due.line == "待办：送文献（李崇文，还有 1 天）"


def test_what_was_missed_comes_at_the_usual_time_and_only_once() -> None:
    row = OpenPromise(7, 1, "送文献", "李崇文", day("11-10"), day("11-11"), at("11-03 10:30"))
    found = list(due_promises([row], at("11-13 08:00"), SLOTS, CALENDAR))
    assert {each.at for each in found} == {at("11-13 09:00")}
    (told,) = newest(found, lambda each: each.subject, lambda each: each.at)
    assert told.period == "late-20261112"


@pytest.mark.parametrize(
    ("dictated", "expected"),
    [
        ("11-03 10:30", ["11-03 20:00"]),
        ("11-03 19:40", ["11-03 20:10"]),
        ("11-03 20:29", ["11-03 20:59"]),
        ("11-03 20:30", []),
        ("11-03 23:00", []),
        ("11-03 00:10", ["11-03 20:00"]),
    ],
)
def test_a_draft_comes_up_the_same_evening_or_not_at_all(
    dictated: str, expected: list[str]
) -> None:
    found = list(due_drafts([OpenDraft(3, 1, at(dictated), "11月3日 李崇文")], time(20), QUIET))
    assert [said(each.at) for each in found] == expected
    assert all(each.until == at("11-03 21:00") for each in found)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("11-03", ["11-03 08:30", "11-03 09:15"]),
        ("11-07", []),
        ("10-05", []),
        ("10-10", ["10-10 08:30", "10-10 09:15"]),
    ],
)
def test_briefings_come_on_working_days_at_each_persons_time(
    today: str, expected: list[str]
) -> None:
    readers = [Reader(1, None), Reader(2, time(9, 15))]
    found = list(due_briefings(readers, at(f"{today} 12:00"), time(8, 30), 4, CALENDAR))
    assert [said(each.at) for each in found] == expected
    assert all(each.until - each.at == timedelta(hours=4) for each in found)

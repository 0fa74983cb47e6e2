"""A customer's file and a person's 待办, on both databases."""

from datetime import timedelta

from sqlmodel import Session

from storage.next_steps import StepStatus
from storage.people import Role
from storage.plans import plan_visit, planned_on, unplan_visit
from storage.profiles import load_profile
from storage.todos import open_todos
from tests.handlers.people import NOW, TODAY, hire, meet_customer, promised, visited


def test_the_newest_comes_first_and_the_most_urgent(session: Session) -> None:
    rep = hire(session, "zhou")
    li = meet_customer(session, rep, "李建国", tags=("科室主任", "KOL"))
    for days in (30, 2, 9, 60):
        visited(session, rep, li, days, quotes=(f"{days} 天前说的",))
    promised(session, rep, li, "没定日子的")
    promised(session, rep, li, "后天的", TODAY + timedelta(days=2))
    promised(session, rep, li, "过期的", TODAY - timedelta(days=2))
    promised(session, rep, li, "做完的", TODAY, status=StepStatus.DONE)
    file = load_profile(session, rep, li.id or 0)
    assert file is not None
    assert [(TODAY - note.visit_date).days for note in file.visits] == [2, 9, 30]
    assert file.visit_count == 4
    assert [quote.text for quote in file.quotes] == ["2 天前说的", "9 天前说的", "30 天前说的"]
    assert [step.action for step in file.open_steps] == ["过期的", "后天的", "没定日子的"]
    assert [step.action for step in file.done_steps] == ["做完的"]
    assert list(file.tags) == ["KOL", "科室主任"]
    assert [todo.action for todo in open_todos(session, rep.id or 0)] == [
        "过期的",
        "后天的",
        "没定日子的",
    ]


def test_a_file_is_open_to_its_rep_and_their_manager_only(session: Session) -> None:
    boss = hire(session, "boss", Role.MANAGER)
    rep, other = hire(session, "zhou", boss=boss), hire(session, "xu")
    li = meet_customer(session, rep, "李建国")
    visited(session, rep, li, 2, quotes=("我要看五年的",))
    theirs = load_profile(session, boss, li.id or 0)
    assert theirs is not None
    assert theirs.visit_count == 1
    for stranger in (other, hire(session, "tang", Role.MEDICAL), hire(session, "he", Role.MANAGER)):
        assert load_profile(session, stranger, li.id or 0) is None


def test_a_colleagues_notes_stay_with_the_colleague(session: Session) -> None:
    rep, before = hire(session, "zhou"), hire(session, "xu")
    li = meet_customer(session, rep, "李建国")
    visited(session, before, li, 2, quotes=("我要看五年的",))
    file = load_profile(session, rep, li.id or 0)
    assert file is not None
    assert (list(file.visits), list(file.quotes), file.visit_count) == ([], [], 0)


def test_a_plan_is_made_once_and_taken_back(session: Session) -> None:
    rep = hire(session, "zhou")
    who = meet_customer(session, rep, "李建国").id or 0
    assert plan_visit(session, rep.id or 0, who, TODAY, NOW)
    assert not plan_visit(session, rep.id or 0, who, TODAY, NOW)
    assert planned_on(session, rep.id or 0, TODAY) == [(who, "李建国")]
    assert unplan_visit(session, rep.id or 0, who, TODAY)
    assert not unplan_visit(session, rep.id or 0, who, TODAY)

"""The facts behind 「下一个该见谁」, on both databases."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

from bot.domain.ranking import Candidate
from storage.candidates import candidates_of
from storage.needs import Need, NeedStatus
from storage.next_steps import StepStatus
from storage.people import Person
from storage.plans import plan_visit
from tests.handlers.people import NOW, TODAY, hire, meet_customer, promised, visited


def found(session: Session, rep: Person) -> dict[str, Candidate]:
    session.flush()
    return {each.name: each for each in candidates_of(session, rep, TODAY, high=4, low=2)}


def test_the_last_visit_counts_and_later_ones_do_not(session: Session) -> None:
    rep = hire(session, "zhou")
    li = meet_customer(session, rep, "李建国")
    meet_customer(session, rep, "王伟")
    for days in (30, 9, -3):
        visited(session, rep, li, days)
    candidates = found(session, rep)
    assert candidates["李建国"].last_visit == TODAY - timedelta(days=9)
    assert candidates["王伟"].last_visit is None


def test_only_what_is_open_is_told(session: Session) -> None:
    rep = hire(session, "zhou")
    li = meet_customer(session, rep, "李建国", clinic_hours="周三下午")
    promised(session, rep, li, "送文献", TODAY)
    promised(session, rep, li, "发通知", TODAY, status=StepStatus.DONE)
    for status, solve_by in (
        (NeedStatus.OPEN, None),
        (NeedStatus.RESPONDED, None),
        (NeedStatus.RESPONDED, NOW),
        (NeedStatus.SOLVED, NOW),
    ):
        need = Need(
            owner_id=rep.id or 0,
            customer_id=li.id,
            level=1,
            text=f"{status}{'+' if solve_by else ''}",
            raised_at=NOW,
            respond_by=NOW,
            solve_by=solve_by,
            status=status,
        )
        session.add(need)
    plan_visit(session, rep.id or 0, li.id or 0, TODAY, NOW)
    who = found(session, rep)["李建国"]
    assert [promise.action for promise in who.promises] == ["送文献"]
    assert sorted(who.needs) == ["open", "responded+"]
    assert who.planned
    assert len(who.clinic) == 1
    assert (who.hospital, who.department) == ("一医院", "心内科")


def test_other_reps_customers_are_never_read(session: Session) -> None:
    rep, other = hire(session, "zhou"), hire(session, "xu")
    meet_customer(session, other, "高远")
    assert found(session, rep) == {}


def test_the_number_of_queries_does_not_grow(session: Session) -> None:
    rep = hire(session, "zhou")
    counts = []
    for wave in range(2):
        for number in range(12):
            who = meet_customer(session, rep, f"客户{wave}-{number}", department=f"{number}科")
            visited(session, rep, who, number + 1)
            promised(session, rep, who, "送文献", TODAY)
        session.flush()
        session.expire_all()
        counts.append(_queries(session, rep))
    assert counts == [4, 4]


def _queries(session: Session, rep: Person) -> int:
    assert rep.id
    seen: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    bind = session.get_bind()
    event.listen(bind, "before_cursor_execute", count)
    candidates_of(session, rep, TODAY, high=4, low=2)
    event.remove(bind, "before_cursor_execute", count)
    return len(seen)

"""确认 makes a visit final, once, whoever presses at the same moment; a change keeps what it does
not touch."""

import threading
from datetime import date, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bot.domain.errors import StaleCardError
from bot.domain.note import GroundedVisit
from storage import audit
from storage.customers import FactStatus, ProfileFact
from storage.needs import Need
from storage.next_steps import NextStep, StepStatus
from storage.notebook import last_confirmed, last_visits, met_on
from storage.notes import NoteCustomer, NoteQuote, NoteStatus, NoteVersion, VisitNote
from storage.people import Person
from storage.recording import confirm
from storage.todos import close_step, move_step
from tests.handlers.people import hire, meet_customer
from tests.storage.notes import (
    CLOCKS,
    CONFIRMED,
    POLICY,
    SAID,
    draft,
    fact,
    need,
    promise,
    quote,
    visit_to,
)


def confirmed(session: Session, rep: Person, visit: GroundedVisit) -> VisitNote:
    """A note that the rep confirmed that evening."""
    note = draft(session, rep, visit)
    confirm(session, note, at=CONFIRMED, clocks=CLOCKS)
    return note


def amend(session: Session, note: VisitNote, visit: GroundedVisit, rep: Person) -> None:
    """The rep changes a confirmed note, and confirms the change."""
    change = draft(session, rep, visit, amends_id=note.id, dictation="改一下")
    confirm(session, change, at=CONFIRMED, clocks=CLOCKS)


def steps(session: Session) -> dict[str, tuple[StepStatus, date | None]]:
    """Every promise: its status and its day."""
    found = session.exec(select(NextStep)).all()
    assert len({step.action for step in found}) == len(found)
    return {step.action: (step.status, step.due_on) for step in found}


def test_a_confirmed_visit_leaves_its_rows(session: Session) -> None:
    rep = hire(session, "tangning")
    doctor, other = meet_customer(session, rep, "沈怀安"), meet_customer(session, rep, "方琳")
    doctor.aliases = ["大沈主任"]
    visit = visit_to(
        doctor,
        other,
        quotes=[
            quote("大沈主任", "数据要看三年"),
            quote("方琳医生", "想要指南"),
            quote(None, "行"),
        ],
        next_steps=[promise("送文献", doctor, "2026-11-11")],
        profile_updates=[fact(doctor, "课题兴趣", "难治性高血压")],
    )
    note = confirmed(session, rep, visit)
    met = {(row.customer_id, row.visit_date) for row in session.exec(select(NoteCustomer)).all()}
    assert met == {(doctor.id, SAID.date()), (other.id, SAID.date())}
    quotes = session.exec(select(NoteQuote).order_by(col(NoteQuote.id))).all()
    assert [q.customer_id for q in quotes] == [doctor.id, other.id, None]
    assert steps(session) == {"送文献": (StepStatus.OPEN, date(2026, 11, 11))}
    [asked] = session.exec(select(ProfileFact)).all()
    assert (asked.customer_id, asked.status, asked.note_id) == (
        doctor.id,
        FactStatus.PROPOSED,
        note.id,
    )
    assert (note.status, note.confirmed_at) == (NoteStatus.CONFIRMED, CONFIRMED)
    assert last_confirmed(session, rep.id or 0) == note


def test_needs_run_from_when_they_were_told_by_the_working_calendar(session: Session) -> None:
    rep = hire(session, "tangning")
    doctor = meet_customer(session, rep, "沈怀安")
    visit = visit_to(doctor, needs=[need("断货了", 1), need("开科室会", 2), need("要报告", 3)])
    confirmed(session, rep, visit)
    until = {n.text: n.respond_by for n in session.exec(select(Need)).all()}
    assert until == {
        "断货了": datetime.fromisoformat("2026-11-06T19:00:00+08:00"),
        "开科室会": datetime.fromisoformat("2026-11-09T17:00:00+08:00"),
        "要报告": datetime.fromisoformat("2026-11-11T17:00:00+08:00"),
    }
    assert {n.customer_id for n in session.exec(select(Need)).all()} == {doctor.id}


def test_an_amendment_drops_what_it_takes_back_and_keeps_the_rest(session: Session) -> None:
    rep = hire(session, "tangning")
    doctor = meet_customer(session, rep, "沈怀安")
    first = [promise(a, doctor, "2026-11-11") for a in ("送文献", "送折页", "约科会", "发课件")]
    note = confirmed(session, rep, visit_to(doctor, next_steps=first, needs=[need("断货了", 1)]))
    rows = {step.action: step for step in session.exec(select(NextStep)).all()}
    close_step(session, rows["送折页"], at=CONFIRMED)
    moved = date(2026, 11, 20)
    move_step(session, rows["约科会"], due=moved, remind=moved, at=CONFIRMED)
    changed = [first[2], promise("发课件", doctor, "2026-11-13"), promise("回电话", doctor)]
    visit = visit_to(
        doctor, next_steps=changed, duration_minutes=40, needs=[need("断货了", 1), need("报告", 3)]
    )
    amend(session, note, visit, rep)
    assert steps(session) == {
        "送文献": (StepStatus.DROPPED, date(2026, 11, 11)),
        "送折页": (StepStatus.DONE, date(2026, 11, 11)),
        "约科会": (StepStatus.OPEN, moved),
        "发课件": (StepStatus.OPEN, date(2026, 11, 13)),
        "回电话": (StepStatus.OPEN, None),
    }
    assert sorted(n.text for n in session.exec(select(Need)).all()) == ["报告", "断货了"]
    assert note.duration_minutes == 40


def test_a_promise_that_comes_back_is_open_again(session: Session) -> None:
    rep = hire(session, "tangning")
    doctor = meet_customer(session, rep, "沈怀安")
    with_step = visit_to(doctor, next_steps=[promise("送文献", doctor, "2026-11-11")])
    note = confirmed(session, rep, with_step)
    amend(session, note, visit_to(doctor), rep)
    assert steps(session)["送文献"][0] == StepStatus.DROPPED
    amend(session, note, with_step, rep)
    assert steps(session)["送文献"] == (StepStatus.OPEN, date(2026, 11, 11))


def test_an_amendment_moves_the_visit_and_does_not_ask_about_a_fact_twice(session: Session) -> None:
    rep = hire(session, "tangning")
    doctor, other = meet_customer(session, rep, "方琳"), meet_customer(session, rep, "方林")
    told = fact(other, "职务职称", "升了副主任")
    note = confirmed(session, rep, visit_to(doctor, quotes=[quote("方医生", "行")]))
    day = date(2026, 11, 5)
    words, facts = [quote("方医生", "行")], [told]
    for _ in range(2):
        visit = visit_to(other, visit_date=day, quotes=words, profile_updates=facts)
        amend(session, note, visit, rep)
    assert last_visits(session, doctor.id or 0, 3) == []
    assert last_visits(session, other.id or 0, 3) == [note]
    assert met_on(session, other.id or 0, day, except_note=0)
    assert session.exec(select(NoteQuote.customer_id)).all() == [other.id]
    assert len(session.exec(select(ProfileFact)).all()) == 1
    versions = select(NoteVersion.version, NoteVersion.because).where(
        NoteVersion.note_id == note.id
    )
    assert session.exec(versions.order_by(col(NoteVersion.version))).all() == [
        (1, "口述"),
        (2, "改一下"),
        (3, "改一下"),
    ]


def test_long_words_are_stored_shortened_and_not_twice(session: Session) -> None:
    rep = hire(session, "tangning")
    doctor = meet_customer(session, rep, "沈怀安")
    long = "很长的话" * 400
    visit = visit_to(
        doctor,
        quotes=[quote("主任" * 50, long)],
        next_steps=[promise(long, doctor)],
        needs=[need(long, 3)],
        profile_updates=[fact(doctor, "课题兴趣", long)],
    )
    note = confirmed(session, rep, visit)
    amend(session, note, visit, rep)
    for table in (NextStep, Need, ProfileFact, NoteQuote):
        assert len(session.exec(select(table)).all()) == 1


@pytest.mark.parametrize("amending", [False, True])
def test_two_presses_at_the_same_moment_record_the_visit_once(
    database: Engine, amending: bool
) -> None:
    with Session(database, expire_on_commit=False) as session:
        rep = hire(session, "tangning")
        doctor = meet_customer(session, rep, "沈怀安")
        visit = visit_to(
            doctor,
            next_steps=[promise("送文献", doctor, "2026-11-11")],
            needs=[need("断货了", 1)],
            quotes=[quote("沈主任", "行")],
        )
        before = confirmed(session, rep, visit_to(doctor)) if amending else None
        note = draft(session, rep, visit, amends_id=before.id if before else None)
        session.commit()
    start, outcomes = threading.Barrier(4), list[str]()

    def press() -> None:
        with Session(database, expire_on_commit=False) as session:
            mine = session.get_one(VisitNote, note.id)
            session.rollback()
            start.wait()
            try:
                confirm(session, mine, at=CONFIRMED, clocks=CLOCKS)
                session.commit()
                outcomes.append("stored")
            except StaleCardError:
                outcomes.append("too late")

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["stored", "too late", "too late", "too late"]
    with Session(database) as session:
        for table in (NextStep, Need, NoteQuote, NoteCustomer):
            assert len(session.exec(select(table)).all()) == 1
        assert audit.verify(session) == []


def test_the_policy_has_the_clocks_of_the_product() -> None:
    assert POLICY.need_clocks() == (2, 24, 1, 3)

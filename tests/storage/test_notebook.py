"""Drafts: every version stays, only its author finds it, and it is finished once."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.domain.errors import StaleCardError
from storage import audit
from storage.audit import AuditEntry
from storage.notebook import (
    cancel,
    find_note,
    last_confirmed,
    last_visits,
    met_on,
    open_drafts,
    revise,
    visit_of,
)
from storage.notes import NoteCustomer, NoteStatus, NoteVersion, VisitNote
from storage.recording import confirm
from tests.handlers.people import hire, meet_customer
from tests.storage.notes import CLOCKS, CONFIRMED, SAID, draft, visit_to


def actions(session: Session, note: VisitNote) -> list[str]:
    """What the trail says about a note."""
    wanted = select(AuditEntry.action).where(AuditEntry.subject == f"note:{note.id}")
    return list(session.exec(wanted.order_by(col(AuditEntry.id))).all())


def test_a_draft_changes_nothing_else_and_each_change_is_a_version(session: Session) -> None:
    rep = hire(session, "tangning")
    doctor = meet_customer(session, rep, "沈怀安")
    note = draft(session, rep, visit_to(doctor))
    revise(session, note, visit_to(doctor, duration_minutes=30), at=SAID, because="改成三十分钟")
    versions = session.exec(select(NoteVersion).order_by(col(NoteVersion.version))).all()
    assert [(v.version, v.content["duration_minutes"], v.because) for v in versions] == [
        (1, 20, "口述"),
        (2, 30, "改成三十分钟"),
    ]
    assert visit_of(note).duration_minutes == note.duration_minutes == 30
    assert session.exec(select(NoteCustomer)).all() == []
    assert last_visits(session, doctor.id or 0, 5) == []
    assert last_confirmed(session, rep.id or 0) is None


def test_what_happens_to_a_note_is_on_the_trail(session: Session) -> None:
    rep = hire(session, "tangning")
    doctor = meet_customer(session, rep, "沈怀安")
    kept, dropped = draft(session, rep, visit_to(doctor)), draft(session, rep, visit_to(doctor))
    revise(session, kept, visit_to(doctor), at=SAID, because="改")
    confirm(session, kept, at=CONFIRMED, clocks=CLOCKS)
    cancel(session, dropped, at=CONFIRMED)
    amended = draft(session, rep, visit_to(doctor), amends_id=kept.id)
    confirm(session, amended, at=CONFIRMED, clocks=CLOCKS)
    assert actions(session, kept) == ["note.create", "note.edit", "note.confirm", "note.amend"]
    assert actions(session, dropped) == ["note.create", "note.cancel"]
    assert audit.verify(session) == []


def test_a_finished_draft_cannot_be_finished_again(session: Session) -> None:
    rep = hire(session, "tangning")
    doctor = meet_customer(session, rep, "沈怀安")
    note = draft(session, rep, visit_to(doctor))
    confirm(session, note, at=CONFIRMED, clocks=CLOCKS)
    with pytest.raises(StaleCardError):
        confirm(session, note, at=CONFIRMED, clocks=CLOCKS)
    with pytest.raises(StaleCardError):
        cancel(session, note, at=CONFIRMED)
    assert note.status == NoteStatus.CONFIRMED
    assert len(session.exec(select(NoteCustomer)).all()) == 1


def test_drafts_are_found_by_their_author_while_they_are_fresh(session: Session) -> None:
    rep, colleague = hire(session, "tangning"), hire(session, "luowei")
    doctor = meet_customer(session, rep, "沈怀安")
    old = draft(session, rep, visit_to(doctor), said_at=SAID - timedelta(days=9))
    first, second = (draft(session, rep, visit_to(doctor)) for _ in range(2))
    since = SAID - timedelta(days=7)
    assert open_drafts(session, rep.id or 0, since=since) == [second, first]
    assert open_drafts(session, colleague.id or 0, since=since) == []
    assert find_note(session, old.id or 0, rep.id or 0) == old
    assert find_note(session, old.id or 0, colleague.id or 0) is None
    cancel(session, second, at=SAID)
    assert open_drafts(session, rep.id or 0, since=since) == [first]


def test_last_visits_and_who_was_met_on_a_day(session: Session) -> None:
    rep = hire(session, "tangning")
    doctor, other = meet_customer(session, rep, "沈怀安"), meet_customer(session, rep, "方琳")
    days = [date(2026, 11, day) for day in (3, 6, 5)]
    notes = [draft(session, rep, visit_to(doctor, visit_date=day)) for day in days]
    for note in notes:
        confirm(session, note, at=CONFIRMED, clocks=CLOCKS)
    latest = last_visits(session, doctor.id or 0, 2)
    assert [note.visit_date for note in latest] == [date(2026, 11, 6), date(2026, 11, 5)]
    assert met_on(session, doctor.id or 0, days[0], except_note=0)
    assert not met_on(session, doctor.id or 0, days[0], except_note=notes[0].id or 0)
    assert not met_on(session, doctor.id or 0, date(2026, 11, 4), except_note=0)
    assert not met_on(session, other.id or 0, days[0], except_note=0)

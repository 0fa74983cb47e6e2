"""Visit notes: a draft per visit, its versions, and finding notes again."""

from datetime import date, datetime

from sqlalchemy import CursorResult
from sqlmodel import Session, col, select, update

from bot.domain.errors import StaleCardError
from bot.domain.note import GroundedVisit
from bot.domain.timeliness import Timeliness
from storage import audit
from storage.notes import NoteCustomer, NoteStatus, NoteVersion, VisitNote
from storage.places import Department, Hospital

TOO_LATE = "这张卡片刚刚处理过了。发「没确认的记录」看还有哪些。"


def visit_of(note: VisitNote) -> GroundedVisit:
    """The current content of a note."""
    return GroundedVisit.model_validate(note.content)


def open_draft(
    session: Session,
    visit: GroundedVisit,
    *,
    author_id: int,
    dictation: str,
    engine: str,
    timeliness: Timeliness,
    said_at: datetime,
    message_id: int | None = None,
    amends_id: int | None = None,
) -> VisitNote:
    """Store a visit as an unconfirmed draft: nothing else in the database changes yet."""
    note = VisitNote(
        author_id=author_id,
        status=NoteStatus.DRAFT,
        visit_date=visit.visit_date,
        timeliness=timeliness,
        dictation=dictation,
        engine=engine,
        message_id=message_id,
        amends_id=amends_id,
        said_at=said_at,
        saved_at=said_at,
    )
    _write(session, note, visit)
    session.add(note)
    session.flush()
    _keep_version(session, note, by=author_id, at=said_at, because="口述")
    record_audit(session, note, said_at, "note.create")
    return note


def revise(
    session: Session, note: VisitNote, visit: GroundedVisit, *, at: datetime, because: str
) -> None:
    """Make `visit` the next version of a note, with the words that asked for it.

    Raises:
        StaleCardError: it was finished or changed since it was read.
    """
    _claim(session, note, version=note.version + 1, saved_at=at)
    _write(session, note, visit)
    session.add(note)
    _keep_version(session, note, by=note.author_id, at=at, because=because)
    if note.status == NoteStatus.DRAFT:
        record_audit(session, note, at, "note.edit")


def cancel(session: Session, note: VisitNote, *, at: datetime) -> None:
    """Put a draft away; its words and versions stay. Raises StaleCardError (`close_draft`)."""
    close_draft(session, note, NoteStatus.CANCELLED)
    record_audit(session, note, at, "note.cancel")


def close_draft(session: Session, note: VisitNote, status: NoteStatus) -> None:
    """Give a draft its final status, once: of two presses at the same moment one comes too late.

    Raises:
        StaleCardError: it was finished or changed since it was read.
    """
    if note.status != NoteStatus.DRAFT:
        raise StaleCardError(TOO_LATE)
    _claim(session, note, status=status)


def _claim(session: Session, note: VisitNote, **values: object) -> None:
    """Change a note as it was read, or not at all. Raises StaleCardError."""
    as_read = (
        col(VisitNote.id) == note.id,
        col(VisitNote.status) == note.status,
        col(VisitNote.version) == note.version,
    )
    session.flush()
    claimed = session.execute(update(VisitNote).where(*as_read).values(**values))
    if not isinstance(claimed, CursorResult) or claimed.rowcount != 1:
        raise StaleCardError(TOO_LATE)
    session.refresh(note)


def previous_version(session: Session, note: VisitNote) -> GroundedVisit | None:
    """What a note said before its last change; None for the first version."""
    before = session.get(NoteVersion, (note.id, note.version - 1))
    return GroundedVisit.model_validate(before.content) if before else None


def find_note(session: Session, note_id: int, author_id: int) -> VisitNote | None:
    """A note by its id, when the author is this person."""
    note = session.get(VisitNote, note_id)
    return note if note is not None and note.author_id == author_id else None


def open_drafts(session: Session, author_id: int, *, since: datetime) -> list[VisitNote]:
    """A person's unconfirmed drafts said after `since`, the newest first."""
    wanted = (
        select(VisitNote)
        .where(
            VisitNote.author_id == author_id,
            VisitNote.status == NoteStatus.DRAFT,
            VisitNote.said_at >= since,
        )
        .order_by(col(VisitNote.id).desc())
    )
    return list(session.exec(wanted).all())


def last_confirmed(session: Session, author_id: int) -> VisitNote | None:
    """The note that a person confirmed last."""
    wanted = (
        select(VisitNote)
        .where(VisitNote.author_id == author_id, VisitNote.status == NoteStatus.CONFIRMED)
        .order_by(col(VisitNote.confirmed_at).desc(), col(VisitNote.id).desc())
        .limit(1)
    )
    return session.exec(wanted).first()


def last_visits(session: Session, customer_id: int, count: int) -> list[VisitNote]:
    """A customer's latest confirmed visits, the newest first."""
    wanted = (
        select(VisitNote)
        .join(NoteCustomer, col(NoteCustomer.note_id) == VisitNote.id)
        .where(NoteCustomer.customer_id == customer_id)
        .order_by(col(NoteCustomer.visit_date).desc(), col(NoteCustomer.note_id).desc())
        .limit(count)
    )
    return list(session.exec(wanted).all())


def met_on(session: Session, customer_id: int, day: date, *, except_note: int) -> bool:
    """Whether another confirmed note already has this customer on this day."""
    wanted = select(NoteCustomer.note_id).where(
        NoteCustomer.customer_id == customer_id,
        NoteCustomer.visit_date == day,
        NoteCustomer.note_id != except_note,
    )
    return session.exec(wanted.limit(1)).first() is not None


def _write(session: Session, note: VisitNote, visit: GroundedVisit) -> None:
    note.content = visit.model_dump(mode="json")
    note.visit_date = visit.visit_date
    note.start_time = visit.start_time
    note.duration_minutes = visit.duration_minutes
    note.channel = visit.channel
    note.hospital_id = session.exec(
        select(Hospital.id).where(Hospital.name == visit.hospital)
    ).first()
    note.department_id = session.exec(
        select(Department.id).where(
            Department.hospital_id == note.hospital_id, Department.name == visit.department
        )
    ).first()


def _keep_version(
    session: Session, note: VisitNote, *, by: int, at: datetime, because: str
) -> None:
    session.add(
        NoteVersion(
            note_id=note.id or 0,
            version=note.version,
            content=note.content,
            made_by_id=by,
            made_at=at,
            because=because[:500],
        )
    )


def record_audit(session: Session, note: VisitNote, at: datetime, action: str) -> None:
    """Put what happened to a note on the audit trail."""
    audit.record(
        session,
        at=at,
        actor_id=note.author_id,
        action=action,
        subject=f"note:{note.id}",
        detail={"version": note.version},
    )


def notes_of_message(session: Session, message_id: int, author_id: int) -> list[VisitNote]:
    """What one message of this author was made into, in order."""
    wanted = (
        select(VisitNote)
        .where(VisitNote.message_id == message_id, VisitNote.author_id == author_id)
        .order_by(col(VisitNote.id))
    )
    return list(session.exec(wanted).all())

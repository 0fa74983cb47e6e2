"""修改: a change in plain words to an open card, or to a note that was confirmed before."""

from datetime import timedelta
from typing import Any

from bot.domain.errors import NotFoundError
from bot.domain.timeliness import judge
from bot.messages import Reply
from bot.registry import Slots, capability, on_answer, on_press
from bot.turn import Turn
from bot.understanding import edits
from handlers.note_cards import draft_of, note_card, summary
from handlers.visit_notes import DICTATING
from storage.notebook import (
    find_note,
    last_confirmed,
    open_draft,
    open_drafts,
    revise,
    visit_of,
)
from storage.notes import NoteStatus, VisitNote
from storage.rosters import roster_of

HOW = (
    "要改哪里？直接说就行，例如「时长改成三十分钟」「不是王伟是王玮」"
    "「第二条待办改到下周五」「删掉第三条要点」。"
)


class EditSlots(Slots):
    """All that was said."""

    words: str = ""


@on_press("note.edit", roles=DICTATING)
def press_edit(turn: Turn, note_id: int) -> Reply:
    """Ask what to change; the next words go to this card."""
    note = draft_of(turn, note_id)
    turn.ask("note.edit", note=note.id)
    return Reply(HOW)


@on_answer("note.edit", accepts=edits.looks_like_edit)
def answer_edit(turn: Turn, text: str, about: dict[str, Any]) -> Reply:
    """Apply the words to the card that 修改 was pressed on, or to the newest one if it is gone."""
    note = find_note(turn.session, int(about.get("note") or 0), turn.me)
    if note is None or note.status != NoteStatus.DRAFT:
        note = _newest(turn)
    return _edited(turn, note, text)


@capability(
    command="/edit",
    title="修改记录",
    example="时长改成三十分钟",
    pattern=edits.PATTERN,
    over_dictation=True,
    roles=DICTATING,
    slots=EditSlots,
)
def edit_note(turn: Turn, slots: EditSlots) -> Reply:
    """Change the newest open card; without one, the note that was confirmed last."""
    return _edited(turn, _newest(turn), slots.words) if slots.words else Reply(HOW)


def _newest(turn: Turn) -> VisitNote:
    since = turn.now - timedelta(days=turn.policy.drafts.keep_days)
    waiting = open_drafts(turn.session, turn.me, since=since)
    note = waiting[0] if waiting else last_confirmed(turn.session, turn.me)
    if note is None:
        raise NotFoundError("还没有记录可以改。拜访完直接说经过就行。")
    return note


def _edited(turn: Turn, note: VisitNote, text: str) -> Reply:
    before = visit_of(note)
    roster = roster_of(turn.session, turn.person)
    edit = edits.apply_edit(text, before, roster, now=turn.now, calendar=turn.calendar)
    if note.status == NoteStatus.CONFIRMED:
        note = _amendment(turn, note, text, edit)
        lead = f"{summary(before, turn)} 这条已经入库，改动如下，确认后生效。\n{edit.changed}"
    else:
        note.timeliness = judge(edit.visit, note.said_at, turn.policy.recording_limits())
        revise(turn.session, note, edit.visit, at=turn.now, because=text)
        lead = edit.changed
    turn.ask("note.edit", note=note.id)
    return note_card(turn, note, lead=lead)


def _amendment(turn: Turn, note: VisitNote, text: str, edit: edits.Edit) -> VisitNote:
    """A draft beside the confirmed note, which stays as it is until 确认."""
    return open_draft(
        turn.session,
        edit.visit,
        author_id=turn.me,
        dictation=text,
        engine="edit",
        timeliness=note.timeliness,
        said_at=turn.now,
        message_id=turn.message_id,
        amends_id=note.id,
    )

"""修改: a change in plain words to an open card, or to a note that was confirmed before."""

from typing import Any

from bot.domain.timeliness import judge
from bot.messages import Reply
from bot.registry import NoSlots, Said, WordsSlots, capability, on_answer, on_press
from bot.turn import Turn
from bot.understanding import edits
from handlers.note_cards import draft_of, note_card, summary
from handlers.note_targets import find_target, newest, split_target
from handlers.postponing import postpone
from handlers.visit_notes import DICTATING, EDITING, put_away, waiting_drafts
from storage.notebook import find_note, open_draft, previous_version, revise, visit_of
from storage.notes import NoteStatus, VisitNote
from storage.rosters import roster_of

HOW = (
    "要改哪里？直接说就行，例如「时长改成三十分钟」「不是王伟是王玮」"
    "「第二条待办改到下周五」「删掉第三条要点」。"
)


@on_press("note.edit", roles=DICTATING)
def press_edit(turn: Turn, note_id: int) -> Reply:
    """Ask what to change; the next words go to this card."""
    note = draft_of(turn, note_id)
    turn.ask(EDITING, note=note.id)
    return Reply(HOW)


@on_answer(EDITING, accepts=edits.looks_like_edit)
def answer_edit(turn: Turn, text: str, about: dict[str, Any]) -> Reply:
    """Apply the words to the card that 修改 was pressed on, or to the newest one if it is gone."""
    note = find_note(turn.session, int(about.get("note") or 0), turn.me)
    if note is None or note.status != NoteStatus.DRAFT:
        note = newest(turn)
    return _edited(turn, note, text)


@capability(
    command="/edit",
    title="修改记录",
    example="时长改成三十分钟",
    words=("修改", "改一下", "我要修改"),
    pattern=edits.PATTERN,
    over_dictation=True,
    roles=DICTATING,
    slots=WordsSlots,
)
def edit_note(turn: Turn, slots: WordsSlots) -> Said:
    """Change the note that the words name: the newest open card, unless they say which."""
    if "待办" in slots.words and not waiting_drafts(turn):
        return postpone.run(turn, slots)
    target, change = split_target(slots.words)
    if not change or change in edit_note.words:
        turn.ask(EDITING, note=newest(turn).id)
        return Reply(HOW)
    return _edited(turn, find_target(turn, target), change)


@capability(
    command="/revert",
    title="改回来",
    example="改回来",
    pattern=r"^(?:改回来|改回去|恢复原样|撤销修改|还是原来的)[。！!]?$",
    over_dictation=True,
    roles=DICTATING,
    listed=False,
)
def undo_edit(turn: Turn, _: NoSlots) -> Reply:
    """The newest open card as it was before its last change."""
    note = newest(turn)
    before = previous_version(turn.session, note)
    if note.status != NoteStatus.DRAFT or before is None:
        return Reply("没有可以改回来的修改。")
    revise(turn.session, note, before, at=turn.now, because="改回来")
    return note_card(turn, note, lead="已改回上一版。")


@capability(
    command="/delete",
    title="取消刚才那条",
    example="刚才那条不要了",
    pattern=edits.AWAY,
    over_dictation=True,
    roles=DICTATING,
    slots=WordsSlots,
    listed=False,
)
def put_note_away(turn: Turn, slots: WordsSlots) -> Reply:
    """An open card is cancelled; a confirmed note stays, and can be changed."""
    note = find_target(turn, slots.words)
    if note.status == NoteStatus.DRAFT:
        return put_away(turn, note)
    return Reply(
        f"{summary(visit_of(note), turn)} 已经入库，不能删除。"
        "哪里不对直接说，例如「日期改成昨天」。"
    )


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
    turn.stop_asking()
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

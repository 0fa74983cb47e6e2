"""拜访记录: a dictation becomes a card; 确认 makes it final, 取消 puts it away."""

from datetime import timedelta

from bot.alerts import raise_flags
from bot.domain.card import say_step
from bot.domain.clock import say_day, to_local
from bot.domain.note import GroundedVisit
from bot.domain.timeliness import judge
from bot.messages import Button, Reply
from bot.registry import on_dictation, on_press
from bot.turn import Dictation, Turn
from handlers.note_cards import draft_of, note_card, summary
from handlers.profile_facts import facts_card
from storage.notebook import cancel, open_draft, open_drafts, revise, visit_of
from storage.notes import VisitNote
from storage.people import Role
from storage.recording import Clocks, Recorded, confirm

DICTATING = frozenset({Role.REP, Role.MANAGER})

EDITING = "note.edit"
"""The question what to change on a card."""

OFFLINE = "（离线整理：模型暂时连不上，这张是按规则整理的，请多看一眼。）"


@on_dictation(roles=DICTATING)
def take_dictation(turn: Turn, dictation: Dictation) -> list[Reply]:
    """One card per visit; what compliance must see is stored and told at once."""
    _close_edit(turn, dictation)
    if dictation.joins is not None:
        return _join(turn, dictation, dictation.joins)
    notes = [_draft(turn, dictation, visit) for visit in dictation.visits]
    first = notes[0].id if notes else None
    alerts = raise_flags(turn, dictation.flags, first, dictation.text)
    lead = OFFLINE if dictation.offline else ""
    cards = [note_card(turn, note, lead=lead if note.id == first else "") for note in notes]
    if len(notes) > 1:
        cards.append(_all_at_once(notes))
    return [*alerts, *cards, *_offer_again(turn, dictation)]


@on_press("note.ok", roles=DICTATING)
def press_confirm(turn: Turn, note_id: int, version: int) -> list[Reply]:
    """Make a draft final, unless it is still unclear who was met."""
    return confirm_or_ask(turn, draft_of(turn, note_id, version))


@on_press("note.all", roles=DICTATING)
def press_confirm_all(turn: Turn, message_id: int) -> list[Reply]:
    """Confirm every clear draft of one dictation; the unclear ones are shown again."""
    notes = _drafts_of_message(turn, message_id)
    replies = [reply for note in notes for reply in confirm_or_ask(turn, note)]
    return replies or [Reply("这几条都已经处理过了。")]


@on_press("note.again", roles=DICTATING, rereads=True)
def press_again(turn: Turn, note_id: int) -> Reply:
    """Only reached when the dictation could not be read once more."""
    return note_card(turn, draft_of(turn, note_id), lead="还是没能重新整理，这张照样可以确认。")


@on_press("note.cancel", roles=DICTATING)
def press_cancel(turn: Turn, note_id: int) -> Reply:
    """Put a draft away; nothing of it is deleted."""
    return put_away(turn, draft_of(turn, note_id))


def _close_edit(turn: Turn, dictation: Dictation) -> None:
    """「改哪里？」 was about a card before: the words after a new card are about that one."""
    asked = turn.asked
    if asked is None or asked.question != EDITING or not dictation.visits:
        return
    if asked.about.get("note") != dictation.joins:
        turn.stop_asking()


def _join(turn: Turn, dictation: Dictation, note_id: int) -> list[Reply]:
    """The draft with what was said afterwards, or read once more by the model that is back; its
    timeliness stays that of the first words."""
    note = draft_of(turn, note_id)
    alerts = raise_flags(turn, dictation.flags, note.id, dictation.text)
    lead = _lead(note, dictation)
    note.dictation = dictation.text
    _credit(note, dictation)
    revise(turn.session, note, dictation.visits[0], at=turn.now, because=lead)
    return [*alerts, note_card(turn, note, lead=lead)]


def _lead(note: VisitNote, dictation: Dictation) -> str:
    if dictation.reworded:
        return "已按您改过的话重新整理，请核对。"
    again = note.dictation == dictation.text
    return "已用模型重新整理，请核对。" if again else "已并入刚才那次拜访。"


def _offer_again(turn: Turn, dictation: Dictation) -> list[Reply]:
    """The model answered again: cards made without it can be made once more."""
    if dictation.offline:
        return []
    waiting = [note for note in waiting_drafts(turn) if note.offline]
    return [
        Reply(
            f"模型恢复了。{summary(visit_of(note), turn)} 那条是离线整理的，要重新整理吗？",
            buttons=(Button("重新整理", f"note.again:{note.id}"),),
        )
        for note in waiting[:1]
    ]


def _draft(turn: Turn, dictation: Dictation, visit: GroundedVisit) -> VisitNote:
    note = open_draft(
        turn.session,
        visit,
        author_id=turn.me,
        dictation=dictation.text,
        engine=dictation.engine,
        timeliness=judge(visit, turn.now, turn.policy.recording_limits()),
        said_at=turn.now,
        message_id=turn.message_id,
    )
    _credit(note, dictation)
    return note


def _credit(note: VisitNote, dictation: Dictation) -> None:
    """Keep who structured a note and what that cost."""
    note.engine, note.offline = dictation.engine, dictation.offline
    note.input_tokens = dictation.spent.input_tokens
    note.output_tokens = dictation.spent.output_tokens
    note.model_milliseconds = dictation.spent.milliseconds


def _all_at_once(notes: list[VisitNote]) -> Reply:
    return Reply(
        f"这段话里有 {len(notes)} 次拜访，各一张卡片。",
        buttons=(Button("全部确认", f"note.all:{notes[0].message_id}"),),
    )


def _drafts_of_message(turn: Turn, message_id: int) -> list[VisitNote]:
    return [note for note in reversed(waiting_drafts(turn)) if note.message_id == message_id]


def waiting_drafts(turn: Turn) -> list[VisitNote]:
    """The person's drafts that can still be confirmed, the newest first."""
    since = turn.now - timedelta(days=turn.policy.drafts.keep_days)
    return open_drafts(turn.session, turn.me, since=since)


def put_away(turn: Turn, note: VisitNote) -> Reply:
    """取消: a draft leaves the list, its words stay."""
    cancel(turn.session, note, at=turn.now)
    turn.stop_asking()
    return Reply(f"已取消：{summary(visit_of(note), turn)}。没有入库。", card=f"note:{note.id}")


def confirm_or_ask(turn: Turn, note: VisitNote) -> list[Reply]:
    """Make a draft final, or ask what the card still asks: who was met, and who is new."""
    visit = visit_of(note)
    if visit.ambiguous:
        return [note_card(turn, note, lead="先选一下是哪一位，就能确认了。")]
    if visit.new_people:
        lead = f"先选一下 {visit.new_people[0].name} 要不要加为新客户，就能确认了。"
        return [note_card(turn, note, lead=lead)]
    return _confirmed(turn, note)


def _confirmed(turn: Turn, note: VisitNote) -> list[Reply]:
    clocks = Clocks(turn.policy.need_clocks(), turn.calendar)
    recorded = confirm(turn.session, note, at=turn.now, clocks=clocks)
    turn.stop_asking()
    done = Reply(
        _receipt(turn, recorded, "已修改" if note.amends_id else "已存"), card=f"note:{note.id}"
    )
    asked = facts_card(turn, recorded.facts)
    return [done, asked] if asked else [done]


def _receipt(turn: Turn, recorded: Recorded, verb: str) -> str:
    visit = visit_of(recorded.note)
    lines = [f"{verb}：{summary(visit, turn)}"]
    lines += [f"待办：{say_step(step, turn.today)}" for step in visit.next_steps]
    for need in recorded.needs:
        until = to_local(need.respond_by)
        day = say_day(until.date(), today=turn.today)
        lines.append(f"需求：{need.text}，请在 {day} {until:%H:%M} 前回复客户")
    return "\n".join(lines)

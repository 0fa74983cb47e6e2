"""How a visit note is shown: its card, its buttons, and at most one question."""

from bot.domain.card import card_text, name_list
from bot.domain.clock import say_day
from bot.domain.errors import StaleCardError
from bot.domain.note import Ambiguity, GroundedVisit, KnownCustomer
from bot.messages import Button, Reply
from bot.turn import Turn
from storage.notebook import find_note, met_on, visit_of
from storage.notes import NoteStatus, VisitNote

FINISHED = {
    NoteStatus.CONFIRMED: "这条已经确认过了。要改就直接说，例如「把上一条的时长改成三十分钟」。",
    NoteStatus.CANCELLED: "这条已经取消了。需要的话把拜访再说一遍就行。",
}


def draft_of(turn: Turn, note_id: int, version: int | None = None) -> VisitNote:
    """The open draft that a button belongs to.

    Raises:
        StaleCardError: not this person's, finished, or changed since the card was shown.
    """
    note = find_note(turn.session, note_id, turn.me)
    if note is None:
        raise StaleCardError("没有找到这条记录。")
    if note.status != NoteStatus.DRAFT:
        raise StaleCardError(FINISHED[note.status])
    if version is not None and version != note.version:
        raise StaleCardError("这张卡片后来改过了，请用最新的那张。")
    return note


def note_card(turn: Turn, note: VisitNote, lead: str = "") -> Reply:
    """The card of a draft, with `lead` above it and at most one question below."""
    visit = visit_of(note)
    if visit.ambiguous and turn.is_free_to_ask("note.who"):
        turn.ask("note.who", note=note.id)
    title = "修改待确认" if note.amends_id else "拜访记录 待确认"
    card = card_text(visit, today=turn.today, timeliness=note.timeliness, title=title)
    question, choices = _question(note, visit)
    parts = [lead, card, _twice(turn, note, visit), question]
    return Reply(
        "\n".join(part for part in parts if part),
        buttons=(*choices, *_closing(note)),
        card=f"note:{note.id}",
        title=f"{question or '确认这条？'}{summary(visit, turn)}",
    )


def summary(visit: GroundedVisit, turn: Turn) -> str:
    """A note in half a line: 「11月3日（周二） 李建国」."""
    return f"{say_day(visit.visit_date, today=turn.today)} {name_list(visit) or '没有见到人'}"


def _closing(note: VisitNote) -> tuple[Button, ...]:
    return (
        Button("确认", f"note.ok:{note.id}:{note.version}"),
        Button("修改", f"note.edit:{note.id}"),
        Button("取消", f"note.cancel:{note.id}"),
    )


def _question(note: VisitNote, visit: GroundedVisit) -> tuple[str, tuple[Button, ...]]:
    """One question at a time: who is meant first, then whether a stranger becomes a customer."""
    if visit.ambiguous:
        asked = visit.ambiguous[0]
        choices = [
            Button(_who(asked, candidate), f"note.who:{note.id}:{note.version}:{candidate.id}")
            for candidate in asked.candidates
        ]
        choices.append(Button("都不是", f"note.who:{note.id}:{note.version}:0"))
        return f"「{asked.mention}」是哪一位？", tuple(choices)
    if visit.new_people:
        stranger = visit.new_people[0]
        return f"{stranger.name} 不在您的客户名单里，要加为新客户吗？", (
            Button("加为新客户", f"note.new:{note.id}:{note.version}:yes"),
            Button("不加", f"note.new:{note.id}:{note.version}:no"),
        )
    return "", ()


def _who(asked: Ambiguity, candidate: KnownCustomer) -> str:
    """Enough to tell the candidates apart: the department, or else the hospital."""
    departments = {other.department for other in asked.candidates}
    hospitals = {other.hospital for other in asked.candidates}
    if len(departments) > 1 and candidate.department:
        return f"{candidate.name}（{candidate.department}）"
    return f"{candidate.name}（{candidate.hospital}）" if len(hospitals) > 1 else candidate.name


def _twice(turn: Turn, note: VisitNote, visit: GroundedVisit) -> str:
    if note.amends_id:
        return ""
    again = [
        customer.name
        for customer in visit.customers
        if met_on(turn.session, customer.id, visit.visit_date, except_note=note.id or 0)
    ]
    return f"{'、'.join(again)}这天已有一条记录，确认后会是另一条。" if again else ""

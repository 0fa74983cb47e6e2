"""没确认的记录: cards that still wait, and 确认 or 取消 typed instead of pressed."""

from collections.abc import Callable
from datetime import timedelta

from bot.messages import Reply
from bot.registry import NoSlots, capability
from bot.turn import Turn
from handlers.note_cards import note_card, summary
from handlers.visit_notes import DICTATING, confirm_or_ask, put_away, waiting_drafts
from storage.notebook import visit_of
from storage.notes import VisitNote

_SHOWN = 3
_LISTED = 8


@capability(
    command="/drafts",
    title="没确认的记录",
    group="拜访",
    example="没确认的记录",
    words=("没确认的记录", "待确认", "草稿", "没确认的"),
    pattern=r"(没|未|待)确认的?(拜访|记录|卡片)|草稿",
    roles=DICTATING,
)
def drafts(turn: Turn, _: NoSlots) -> list[Reply]:
    """The cards that still wait for 确认, the newest first."""
    waiting = waiting_drafts(turn)
    if not waiting:
        return [Reply("没有待确认的记录，都处理完了。")]
    more = len(waiting) - _SHOWN
    rest = [Reply(f"还有 {more} 条，处理完这几条再发「没确认的记录」。")] if more > 0 else []
    return [*(note_card(turn, note) for note in waiting[:_SHOWN]), *rest]


@capability(
    command="/confirm",
    title="确认这张卡片",
    example="确认",
    pattern=r"^(?:好的?|没问题|全部)?[，, ]?确认(?:入库|吧)?[。！!]?$",
    over_dictation=True,
    roles=DICTATING,
    listed=False,
)
def confirm_in_words(turn: Turn, _: NoSlots) -> list[Reply]:
    """确认 typed instead of pressed."""
    return _settle(turn, confirm_or_ask)


@capability(
    command="/agree",
    title="没问题",
    example="没问题，存吧",
    pattern=r"(?i)^(?:没问题[，, ]?)?(?:好的?|好嘞|可以|都?对的?|没问题|没错|行|OK|存)(?:了|吧)?$",
    over_dictation=True,
    roles=DICTATING,
    listed=False,
)
def agree(turn: Turn, _: NoSlots) -> list[Reply]:
    """A nod to the card that was just shown confirms it; any other nod is only a nod."""
    if _just_shown(turn, waiting_drafts(turn)):
        return _settle(turn, confirm_or_ask)
    return [Reply("好的。有新的拜访随时说给我听。")]


@capability(
    command="/cancel",
    title="取消这张卡片",
    example="取消",
    pattern=r"^(?:取消|不要了|取消这条)[。！!]?$",
    over_dictation=True,
    roles=DICTATING,
    listed=False,
)
def cancel_in_words(turn: Turn, _: NoSlots) -> list[Reply]:
    """取消 typed instead of pressed."""
    return _settle(turn, lambda turn, note: [put_away(turn, note)])


def _settle(turn: Turn, settle: Callable[[Turn, VisitNote], list[Reply]]) -> list[Reply]:
    """Settle the cards just shown, or the only ones that wait; else list what waits."""
    waiting = waiting_drafts(turn)
    if not waiting:
        return [Reply("没有待确认的记录。拜访完直接说经过就行。")]
    meant = _just_shown(turn, waiting)
    if not meant and len({note.message_id for note in waiting}) == 1:
        meant = waiting
    if not meant:
        lines = [f"{n}. {summary(visit_of(w), turn)}" for n, w in enumerate(waiting[:_LISTED], 1)]
        listed = "\n".join(lines)
        return [Reply(f"有 {len(waiting)} 条在等：\n{listed}\n发「没确认的记录」逐条点。")]
    return [reply for note in reversed(meant) for reply in settle(turn, note)]


def _just_shown(turn: Turn, waiting: list[VisitNote]) -> list[VisitNote]:
    """The drafts of the newest dictation, when it was said or changed in the last minutes."""
    since = turn.now - timedelta(minutes=turn.policy.drafts.join_minutes)
    newest = max(waiting, key=lambda note: (note.saved_at, note.id), default=None)
    if newest is None or newest.saved_at < since:
        return []
    return [note for note in waiting if note.message_id == newest.message_id]

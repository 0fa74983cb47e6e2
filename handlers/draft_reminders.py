"""没确认的记录: told once, in the evening of the day on which they were dictated."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.pushing import Due
from bot.domain.reminding import OpenDraft, due_drafts
from bot.messages import Button, Reply
from bot.policy import Policy
from bot.pushes import Told, push
from bot.registry import NoSlots, Said, on_press
from bot.turn import Turn
from handlers.drafts import drafts
from handlers.visit_notes import DICTATING
from storage.due_rows import open_drafts_of_all

_SHOWN = 5


def choose(_: datetime, rows: Sequence[OpenDraft], policy: Policy) -> Iterable[Due]:
    """Each draft in its evening."""
    return due_drafts(rows, policy.pushes.drafts_at, policy.quiet_hours())


@push(kind="draft", title="没确认的记录", read=open_drafts_of_all, choose=choose, together=True)
def remind(told: Told) -> Reply:
    """How many still wait, and for whom."""
    waiting: list[OpenDraft] = [due.about for due in told.dues]
    lines = [f"【没确认】今天有 {len(waiting)} 条拜访记录还没确认："]
    lines += [f"· {each.about}" for each in waiting[:_SHOWN]]
    lines.append("点「确认」才入库。不急的话留着也不会丢。")
    return Reply("\n".join(lines), (Button("看卡片", "draft.list"),))


@on_press("draft.list", roles=DICTATING)
def show(turn: Turn) -> Said:
    """The cards that still wait."""
    return drafts.run(turn, NoSlots())

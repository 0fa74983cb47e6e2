"""Edits of a note in plain words: 「时长改成三十分钟」「不是王伟是王玮」「第二条待办改到周五」."""

from datetime import datetime

from bot.domain.calendar import WorkCalendar
from bot.domain.note import GroundedVisit
from bot.domain.roster import Roster
from bot.understanding.edits import basics, items, people
from bot.understanding.edits.model import Context, Edit, EditNotUnderstoodError
from bot.understanding.edits.wording import AWAY, PATTERN, is_a_name, looks_like_edit

__all__ = [
    "AWAY",
    "PATTERN",
    "Edit",
    "EditNotUnderstoodError",
    "apply_edit",
    "is_a_name",
    "looks_like_edit",
]

_EDITORS = (
    items.remove,
    items.add,
    items.change,
    basics.set_outcome,
    basics.set_field,
    people.remove,
    people.add,
    people.replace,
    basics.set_bare_value,
)


def apply_edit(
    text: str, visit: GroundedVisit, roster: Roster, *, now: datetime, calendar: WorkCalendar
) -> Edit:
    """The visit as the words want it.

    Raises:
        EditNotUnderstoodError: no field, or no value that fits it, can be made out.
    """
    context = Context(visit, roster, now, calendar)
    for editor in _EDITORS:
        edit = editor(text.strip(" 。.!！"), context)
        if edit is not None:
            return edit
    raise EditNotUnderstoodError(
        "没看懂要改哪里。可以这样说：「时长改成三十分钟」「日期改成昨天」「不是王伟是王玮」"
        "「第二条待办改到下周五」「删掉第一条要点」。"
    )

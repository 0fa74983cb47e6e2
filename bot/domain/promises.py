"""Open promises (待办) as people speak of them: what is undone, and how late it is."""

import re
from datetime import date
from typing import NamedTuple

_GIVING = re.compile(
    r"(?:(?:再|先|尽快)?(?:给|帮|替|为|向).{1,6}?)?"
    r"(送|发|带|寄|交|约|查|问|补|打印|整理|准备|安排|联系|回复|确认|提交|反馈|给)(?:去|过去|一?份|一下|给.{1,4}?)?"
    r"([^，,。]{2,12}?)(?:过去|给[他她])?"
)


class Promise(NamedTuple):
    """Something our side promised a customer; `due` is None when no day was said."""

    action: str
    due: date | None


def by_urgency(promises: tuple[Promise, ...]) -> list[Promise]:
    """The earliest due first, undated last; equal days by their words, so the order is fixed."""
    return sorted(promises, key=lambda each: (each.due or date.max, each.action))


def say_undone(action: str) -> str:
    """「送文献」 becomes 「文献还没送」; what does not fit that form is quoted."""
    match = _GIVING.fullmatch(action.strip())
    if match:
        return f"{match[2]}还没{match[1]}"
    return f"「{shorten(action, 14)}」还没做"


def say_late(due: date | None, today: date) -> str:
    """How far the due day is away: 「过了 2 天」「今天到期」「还有 3 天」, or 没定日子."""
    if due is None:
        return "没定日子"
    days = (due - today).days
    if days == 0:
        return "今天到期"
    return f"还有 {days} 天" if days > 0 else f"过了 {-days} 天"


def shorten(text: str, limit: int) -> str:
    """The text on one line, cut to `limit` characters with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"

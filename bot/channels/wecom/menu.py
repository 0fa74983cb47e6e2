"""The menu under an app's chat: three headings with five lines each at most (page 90231)."""

from collections.abc import Sequence
from typing import Any

from bot.channel import MenuItem

MOST_HEADINGS = 3
MOST_LINES = 5
LAST = "更多"
"""The heading that stands last, as everywhere in WeCom."""


def menu_of(items: Sequence[MenuItem]) -> dict[str, list[dict[str, Any]]]:
    """The menu as WeCom takes it; a heading with a single line is that line. What has no group
    stays out."""
    groups: dict[str, list[MenuItem]] = {}
    for item in items:
        if item.group is not None:
            groups.setdefault(item.group, []).append(item)
    headings = sorted(groups.items(), key=lambda group: group[0] == LAST)[:MOST_HEADINGS]
    return {"button": [_heading(name, lines[:MOST_LINES]) for name, lines in headings]}


def _heading(name: str, lines: Sequence[MenuItem]) -> dict[str, Any]:
    if len(lines) == 1:
        return _line(MenuItem(lines[0].command, name))
    return {"name": name, "sub_button": [_line(item) for item in lines]}


def _line(item: MenuItem) -> dict[str, Any]:
    return {"type": "click", "name": item.title, "key": item.command}

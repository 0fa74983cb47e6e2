"""What the played WeCom server accepts in a message, a card and a menu: rules over plain values."""

import re
from collections.abc import Iterable
from typing import Any

from tests.channels.wecom_answers import (
    BAD_INTERVAL,
    NO_BUTTON_KEY,
    NO_BUTTON_NAME,
    SAME_BUTTON_KEY,
    TOO_MANY_BUTTONS,
    Fields,
    RefusalError,
)

TEXT_BYTES = 2048
LONGEST_INTERVAL = 4 * 3600
USUAL_INTERVAL = 1800

ENVELOPE = {
    "touser",
    "toparty",
    "totag",
    "toall",
    "msgtype",
    "agentid",
    "safe",
    "enable_id_trans",
    "enable_duplicate_check",
    "duplicate_check_interval",
}
CONTENTS = {
    "text": {"content"},
    "markdown": {"content"},
    "image": {"media_id"},
    "voice": {"media_id"},
    "file": {"media_id"},
    "template_card": {
        "card_type",
        "source",
        "action_menu",
        "task_id",
        "main_title",
        "quote_area",
        "sub_title_text",
        "horizontal_content_list",
        "jump_list",
        "card_action",
        "emphasis_content",
        "button_selection",
        "button_list",
        "replace_text",
    },
}
RECOMMENDED = {"title": 26, "desc": 30, "sub_title_text": 112, "button": 10}


def content_of(body: Fields) -> Fields:
    """The part of a message that its type names."""
    kind = body.get("msgtype")
    if kind not in CONTENTS:
        raise RefusalError(40008)
    content = body.get(kind)
    if not isinstance(content, dict):
        raise RefusalError(40063)
    return content


def strange_fields(body: Fields) -> list[str]:
    """Fields that the documentation does not know, dotted."""
    kind = str(body.get("msgtype"))
    content = body.get(kind)
    inside = content if isinstance(content, dict) else {}
    outer = sorted(set(body) - ENVELOPE - {kind})
    return outer + [f"{kind}.{name}" for name in sorted(set(inside) - CONTENTS.get(kind, set()))]


def check_words(content: Fields) -> str:
    """The text of a text or markdown message."""
    words = content.get("content")
    if not isinstance(words, str) or not words.strip():
        raise RefusalError(44004)
    return words


def cut_words(words: str) -> str:
    """What is left of a text at the member's end."""
    return words.encode()[:TEXT_BYTES].decode(errors="ignore")


def check_interval(body: Fields) -> float:
    """For how many seconds the same message is not shown again; 0 when the check is off."""
    if body.get("enable_duplicate_check") not in (1, True):
        return 0
    seconds = body.get("duplicate_check_interval", USUAL_INTERVAL)
    if not isinstance(seconds, int) or not 0 < seconds <= LONGEST_INTERVAL:
        raise RefusalError(BAD_INTERVAL)
    return seconds


def check_card(card: Fields, *, update: bool = False) -> None:
    """A card that is sent, or takes the place of another one."""
    if not title_of(card) and not card.get("sub_title_text"):
        raise RefusalError(41016)
    if card.get("card_type") == "button_interaction":
        check_buttons(card.get("button_list"))
        if not update or "task_id" in card:
            check_task_id(card.get("task_id"))
    elif card.get("card_type") != "text_notice" or not _leads_somewhere(card.get("card_action")):
        raise RefusalError(40058)


def check_buttons(buttons: Any) -> None:
    """One to six buttons, each with a text and, unless it opens a page, a key of its own."""
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 6:
        raise RefusalError(TOO_MANY_BUTTONS)
    if any(not button.get("text") for button in buttons):
        raise RefusalError(NO_BUTTON_NAME)
    keys = [button.get("key") for button in buttons if button.get("type", 0) == 0]
    if any(not isinstance(key, str) or not key for key in keys):
        raise RefusalError(NO_BUTTON_KEY)
    if len(set(keys)) < len(keys) or any(len(key.encode()) > 1024 for key in keys):
        raise RefusalError(SAME_BUTTON_KEY)


def check_task_id(task_id: Any) -> None:
    """Digits, letters and "_-@", at most 128 bytes."""
    if not isinstance(task_id, str) or not re.fullmatch(r"[0-9A-Za-z_@-]{1,128}", task_id):
        raise RefusalError(42014)


def overlong_words(card: Fields) -> list[str]:
    """The texts of a card that are longer than recommended, each with what it is."""
    main = card.get("main_title") or {}
    texts = [
        ("title", main.get("title")),
        ("desc", main.get("desc")),
        ("sub_title_text", card.get("sub_title_text")),
        *(("button", button.get("text")) for button in card.get("button_list", ())),
    ]
    return [f"{what}: {text}" for what, text in texts if text and len(text) > RECOMMENDED[what]]


def title_of(card: Fields) -> str:
    """A card's title."""
    return str((card.get("main_title") or {}).get("title") or "")


def text_of(card: Fields) -> str:
    """All that is to be read on a card above its buttons."""
    desc = (card.get("main_title") or {}).get("desc")
    lines = (title_of(card), desc, card.get("sub_title_text"))
    return "\n".join(line for line in lines if line)


def buttons_of(card: Fields) -> dict[str, str]:
    """Labels by key, in order."""
    return {button.get("key", ""): button["text"] for button in card.get("button_list", ())}


def check_menu(menu: Any) -> list[Fields]:
    """Up to three entries with up to five each, or none."""
    entries = menu.get("button") if isinstance(menu, dict) else None
    if not isinstance(entries, list) or not 1 <= len(entries) <= 3:
        raise RefusalError(40016)
    for entry in entries:
        below = entry.get("sub_button")
        _check_name(entry, 16, 40018)
        if below:
            _check_below(below)
        else:
            _check_entry(entry, (40017, 40019, 40020))
    return entries


def _check_below(entries: list[Fields]) -> None:
    if len(entries) > 5:
        raise RefusalError(40023)
    for entry in entries:
        _check_name(entry, 60, 40025)
        _check_entry(entry, (40024, 40026, 40027))


def _check_name(entry: Fields, most: int, errcode: int) -> None:
    name = entry.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= most:
        raise RefusalError(errcode)


def _check_entry(entry: Fields, errcodes: Iterable[int]) -> None:
    bad_type, bad_key, bad_url = errcodes
    key, url = str(entry.get("key") or ""), str(entry.get("url") or "")
    if entry.get("type") not in {"click", "view"}:
        raise RefusalError(bad_type)
    if entry["type"] == "click" and not 1 <= len(key.encode()) <= 128:
        raise RefusalError(bad_key)
    if entry["type"] == "view" and not re.fullmatch(r"https?://.{1,1000}", url):
        raise RefusalError(bad_url)


def _leads_somewhere(action: Any) -> bool:
    return isinstance(action, dict) and action.get("type") in {1, 2}

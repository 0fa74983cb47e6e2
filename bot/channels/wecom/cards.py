"""How a reply looks in WeCom: a card where its buttons fit one, else text with numbered choices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.splitting import split_text
from bot.messages import Button, Reply

MOST_BUTTONS = 6
LONGEST_LABEL = 10
LONGEST_TITLE = 26
LONGEST_BODY = 112
"""Characters that WeCom recommends; a phone cuts off what is longer."""

MOST_BODY_LINES = 6
LONGEST_CHOICE_LINE = 40
ASK = "点按钮，或者直接说。"
HINT = "看不到按钮？回我「用数字」。"
TAP = "请选一个"
DEAD = "-"
"""The key of a button that does nothing any more."""


@dataclass(frozen=True, slots=True)
class Laid:
    """What is sent, in this order: texts, each within the limit; a card without its task id; and
    the buttons that the last text numbers instead of a card."""

    texts: tuple[str, ...] = ()
    card: dict[str, Any] | None = None
    choices: tuple[Button, ...] = ()


def byte_length(text: str) -> int:
    """What WeCom counts."""
    return len(text.encode("utf-8", "replace"))


def lay_out(reply: Reply, *, cards: bool, limit: int, hint: bool = False) -> Laid:
    """Texts of at most `limit` bytes, and a card when there are buttons and `cards` can be shown;
    `hint` tells how to do without."""
    text = reply.text.strip()
    if not reply.buttons:
        return Laid(texts=_parts(text, limit))
    if not cards or not _suit_card(reply.buttons):
        return Laid(texts=_parts(number(text, reply.buttons), limit), choices=reply.buttons)
    title, _, body = text.partition("\n")
    if _fits(title, body.strip()):
        return Laid(card=_card(title or TAP, body.strip() or _invitation(hint), reply.buttons))
    return Laid(_parts(text, limit), _card(title, _invitation(hint), reply.buttons))


def number(text: str, buttons: Sequence[Button]) -> str:
    """The text with its choices to be answered by number."""
    named = [f"{place} {button.label}" for place, button in enumerate(buttons, start=1)]
    line = "　".join(named)
    choices = f"回复数字：{line}" if len(line) <= LONGEST_CHOICE_LINE else _list(named)
    return f"{text}\n\n{choices}" if text else choices


def worn_card(card: dict[str, Any], said: str) -> dict[str, Any]:
    """The card when one of its buttons was pressed: it shows what, and nothing can be pressed."""
    return {**card, "button_list": [{"text": shortened(said, 2 * LONGEST_LABEL), "key": DEAD}]}


def shortened(text: str, longest: int) -> str:
    """The text, with an ellipsis for what is too much."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _suit_card(buttons: Sequence[Button]) -> bool:
    return len(buttons) <= MOST_BUTTONS and all(len(b.label) <= LONGEST_LABEL for b in buttons)


def _fits(title: str, body: str) -> bool:
    short = len(title) <= LONGEST_TITLE and len(body) <= LONGEST_BODY
    return short and body.count("\n") < MOST_BODY_LINES


def _card(title: str, body: str, buttons: Sequence[Button]) -> dict[str, Any]:
    return {
        "card_type": "button_interaction",
        "main_title": {"title": shortened(title, LONGEST_TITLE)},
        "sub_title_text": body,
        "button_list": [
            {"text": button.label, "style": 1 if place == 0 else 2, "key": button.id}
            for place, button in enumerate(buttons)
        ],
    }


def _invitation(hint: bool) -> str:
    return f"{ASK}{HINT}" if hint else ASK


def _list(named: Sequence[str]) -> str:
    return "\n".join(("回复数字：", *named))


def _parts(text: str, limit: int) -> tuple[str, ...]:
    return tuple(split_text(text, limit, byte_length))

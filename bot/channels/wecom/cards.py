"""How a reply looks in WeCom: a card where its buttons fit one, else text that tells choices."""

import re
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

MOST_LINES = 8
LONGEST_CHOICE_LINE = 40
ASK = "点按钮，或者直接说。"
HINT = "看不到按钮？回我「用数字」。"
TAP = "请选一个"
DEAD = "-"
"""The key of a button that does nothing any more."""

_DIGITS = re.compile(r"\d")
_REMARK = re.compile(r"（[^）]*）")


@dataclass(frozen=True, slots=True)
class Laid:
    """What is sent, in this order: texts, each within the limit; a card without its task id; and
    the buttons that the last text tells how to answer instead of a card, by number from `start` on,
    or by their words when that is None."""

    texts: tuple[str, ...] = ()
    card: dict[str, Any] | None = None
    choices: tuple[Button, ...] = ()
    start: int | None = None


def byte_length(text: str) -> int:
    """What WeCom counts."""
    return len(text.encode("utf-8", "replace"))


def needs_numbers(reply: Reply, *, cards: bool) -> bool:
    """Whether its buttons are answered by number."""
    as_card = cards and suit_card(reply.buttons)
    return bool(reply.buttons) and not as_card and not hold_digits(reply.buttons)


def hold_digits(buttons: Sequence[Button]) -> bool:
    """Whether a number could mean what stands on a button as well as its place."""
    return any(_DIGITS.search(button.label) for button in buttons)


def lay_out(reply: Reply, *, cards: bool, limit: int, hint: bool = False, start: int = 1) -> Laid:
    """Texts of at most `limit` bytes, and a card when there are buttons and `cards` can be shown;
    `hint` tells beside the card how to do without, and `start` is the first number that is free."""
    text = reply.text.strip()
    if not reply.buttons:
        return Laid(texts=_parts(text, limit))
    if cards and suit_card(reply.buttons):
        return _with_card(reply, text, limit, hint=hint)
    first = None if hold_digits(reply.buttons) else start
    told = tell_choices(text, reply.buttons, first)
    return Laid(_parts(told, limit), choices=reply.buttons, start=first)


def tell_choices(text: str, buttons: Sequence[Button], start: int | None) -> str:
    """The text, and how its choices are answered: by number from `start` on, or by their words."""
    labels = [button.label for button in buttons]
    if start is None:
        choices = f"回按钮上的字：{'　'.join(labels)}"
    else:
        named = [f"{place} {label}" for place, label in enumerate(labels, start=start)]
        line = "　".join(named)
        choices = f"回复数字：{line}" if len(line) <= LONGEST_CHOICE_LINE else _list(named)
    return f"{text}\n\n{choices}" if text else choices


def title_of(reply: Reply) -> str:
    """What the buttons of a reply are about: the question at its end, or its first line that is no
    remark in brackets."""
    lines = [line.strip() for line in reply.text.splitlines() if line.strip()]
    if reply.title or not lines:
        return shortened(reply.title or TAP, LONGEST_TITLE)
    if lines[-1].endswith(("？", "?")):
        return _ending(lines[-1], LONGEST_TITLE)
    return shortened(next(filter(_is_no_remark, lines), lines[0]), LONGEST_TITLE)


def worn_card(card: dict[str, Any], said: str) -> dict[str, Any]:
    """The card when one of its buttons was pressed: it shows what, and nothing can be pressed."""
    return {**card, "button_list": [{"text": shortened(said, 2 * LONGEST_LABEL), "key": DEAD}]}


def shortened(text: str, longest: int) -> str:
    """The text, with an ellipsis for what is too much."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _with_card(reply: Reply, text: str, limit: int, *, hint: bool) -> Laid:
    """All in one card when it fits and needs no hint: whoever sees no cards reads that in a
    text."""
    if hint:
        texts = _parts(f"{text}\n\n{HINT}" if text else HINT, limit)
        return Laid(texts, _card(title_of(reply), ASK, reply.buttons))
    title, _, body = text.partition("\n")
    if len(text) > LONGEST_BODY + LONGEST_TITLE or text.count("\n") >= MOST_LINES:
        return Laid(_parts(text, limit), _card(title_of(reply), ASK, reply.buttons))
    if len(title) <= LONGEST_TITLE and len(body) <= LONGEST_BODY:
        return Laid(card=_card(title or title_of(reply), body.strip() or ASK, reply.buttons))
    if len(text) <= LONGEST_BODY:
        return Laid(card=_card("", text, reply.buttons))
    return Laid(_parts(text, limit), _card(title_of(reply), ASK, reply.buttons))


def suit_card(buttons: Sequence[Button]) -> bool:
    """Whether these buttons fit on one."""
    return len(buttons) <= MOST_BUTTONS and all(len(b.label) <= LONGEST_LABEL for b in buttons)


def _is_no_remark(line: str) -> bool:
    return not _REMARK.fullmatch(line)


def _ending(line: str, longest: int) -> str:
    """The end of a long question is what it asks."""
    return line if len(line) <= longest else f"…{line[1 - longest :]}"


def _card(title: str, body: str, buttons: Sequence[Button]) -> dict[str, Any]:
    head = {"main_title": {"title": title}} if title else {}
    return {
        "card_type": "button_interaction",
        **head,
        "sub_title_text": body,
        "button_list": [
            {"text": button.label, "style": 1 if place == 0 else 2, "key": button.id}
            for place, button in enumerate(buttons)
        ],
    }


def _list(named: Sequence[str]) -> str:
    return "\n".join(("回复数字：", *named))


def _parts(text: str, limit: int) -> tuple[str, ...]:
    return tuple(split_text(text, limit, byte_length))

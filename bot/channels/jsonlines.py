"""The terminal chat as JSON lines, for tests and other programs: one object in, replies out."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from bot.channels.talk import Shown, Talk, TalkError, storable

NOT_JSON = '这一行看不懂。每行写一个 JSON 对象，例如 {"text": "下一个该见谁"}。'
LONGEST_ECHO = 60
EMPTY = "这一行没有内容。可以写 text、press、file、voice、as、at 其中之一。"


class LineError(TalkError):
    """A line that is not one of the objects of this mode."""


def converse(talk: Talk, lines: Iterable[str]) -> Iterator[str]:
    """Answer each line as it comes; a line that cannot be used gets a kind reply, never an end."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield from map(_spell, _answers(talk, line))
        yield _spell({"done": number})


def _answers(talk: Talk, line: str) -> list[dict[str, Any]]:
    try:
        return [_as_object(shown) for shown in _obey(talk, _parse(line))]
    except TalkError as problem:
        return [_line(talk.login, "reply", problem.sentence)]


def _parse(line: str) -> dict[str, str]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        raise LineError(NOT_JSON) from None
    if not isinstance(asked, dict) or not all(isinstance(v, str) for v in asked.values()):
        raise LineError(NOT_JSON)
    asked = {storable(key): storable(value) for key, value in asked.items()}
    unknown = asked.keys() - _KEYS
    if unknown:
        raise LineError(f"不认识「{', '.join(sorted(unknown))[:LONGEST_ECHO]}」。{EMPTY}")
    if not asked:
        raise LineError(EMPTY)
    return asked


def _obey(talk: Talk, asked: dict[str, str]) -> list[Shown]:
    """Who and when come first, so that one line may hold them beside the words."""
    if "as" in asked:
        talk.speak_as(asked["as"])
    said = [talk.move_clock(asked["at"])] if "at" in asked else []
    said += [_SAYINGS[key](talk, asked[key]) for key in _SAYINGS if key in asked]
    return [shown for answers in said for shown in answers]


_SAYINGS: dict[str, Callable[[Talk, str], list[Shown]]] = {
    "text": Talk.say,
    "press": Talk.press,
    "file": lambda talk, path: talk.send_file(Path(path)),
    "voice": lambda talk, path: talk.send_voice(Path(path)),
}
_KEYS = {"as", "at", *_SAYINGS}


def _as_object(shown: Shown) -> dict[str, Any]:
    reply = shown.reply
    return _line(
        shown.to,
        "push" if shown.pushed else "reply",
        reply.text,
        [button.label for button in reply.buttons],
        [{"name": a.name, "path": str(a.path), "type": a.type} for a in reply.attachments],
    )


def _line(
    to: str,
    kind: str,
    text: str,
    buttons: list[str] | None = None,
    attachments: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    return {
        "to": to,
        "kind": kind,
        "text": text,
        "buttons": buttons or [],
        "attachments": attachments or [],
    }


def _spell(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)

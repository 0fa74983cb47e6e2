"""What people see of an AI bot on their phones, and what the played WeCom lets it show there."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Fields = dict[str, Any]

BAD_PARAMETER, BAD_TYPE, BAD_MEDIA, TASK_TAKEN = 40058, 40008, 40007, 42014
NOBODY, BAD_SECRET = 93006, 853000
BAD_REQUEST, RESPONDED, TOO_MANY, TOO_LATE, NOT_SUBSCRIBED = 846605, 846606, 846607, 846608, 846609

CONTENT_BYTES = 20_480
MOST_BUTTONS = 6
MEDIA_KINDS = ("file", "image", "voice", "video")
TASK = re.compile(r"[0-9A-Za-z_@-]{1,128}")


class RefusalError(Exception):
    """WeCom does not do it, and says with which code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Shown:
    """One thing in a chat as it looks now. `kind` is bubble, markdown, card, text, or that of a
    file; a bubble that is not `ended` still moves. `buttons` are labels by key."""

    kind: str
    text: str
    ended: bool = True
    title: str = ""
    buttons: dict[str, str] = field(default_factory=dict)
    task: str = ""
    data: bytes = b""
    frames: int = 1


@dataclass
class Phones:
    """Chats by the id of a person or a group; `uploads` are files by media id, as kind, name and
    content; `wrote` are those that a bot may write to."""

    now: Callable[[], float]
    minute_limit: int = 30
    hour_limit: int = 1000
    wrote: set[str] = field(default_factory=set)
    uploads: dict[str, tuple[str, str, bytes]] = field(default_factory=dict)
    chats: dict[str, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    counted: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    streams: dict[str, Shown] = field(default_factory=dict)
    tasks: dict[str, Shown] = field(default_factory=dict)

    def push(self, body: Fields) -> Fields:
        """A message that answers nothing. Raises RefusalError."""
        chat = body.get("chatid", "")
        if chat not in self.wrote:
            raise RefusalError(NOBODY)
        return self.show(chat, body, (*MEDIA_KINDS, "markdown", "template_card"))

    def show(self, chat: str, body: Fields, kinds: tuple[str, ...]) -> Fields:
        """A whole message of one of these kinds. Raises RefusalError."""
        kind = body.get("msgtype", "")
        if kind not in kinds:
            raise RefusalError(BAD_TYPE)
        shown = self._made(kind, body)
        self._count(chat)
        if shown.task:
            self.tasks[shown.task] = shown
        self.chats[chat].append(shown)
        return {}

    def stream(self, chat: str, body: Fields) -> bool:
        """A frame of a bubble; whether it was the last. Raises RefusalError."""
        stream = body["stream"]
        name, content, ends = stream["id"], stream.get("content", ""), bool(stream.get("finish"))
        _check_content(content)
        self._count(chat)
        shown = self.streams.get(name)
        if shown is None:
            shown = self.streams[name] = Shown("bubble", "", frames=0)
            self.chats[chat].append(shown)
        shown.text, shown.ended, shown.frames = read(content), ends, shown.frames + 1
        return ends

    def update(self, task: str, card: Fields) -> None:
        """A card changes. Raises RefusalError."""
        _check_card(card)
        if card.get("task_id") != task:
            raise RefusalError(BAD_PARAMETER)
        shown, new = self.tasks[task], _card(card)
        shown.title, shown.text, shown.buttons = new.title, new.text, new.buttons
        shown.frames += 1

    def pressable(self, chat: str, label: str) -> tuple[str, str]:
        """The newest card with this button: its task and the button's key."""
        for shown in reversed(self.chats[chat]):
            for key, words in shown.buttons.items():
                if words == label:
                    return shown.task, key
        raise AssertionError(f"no button {label}")

    def _made(self, kind: str, body: Fields) -> Shown:
        content = body.get(kind)
        if not isinstance(content, dict):
            raise RefusalError(BAD_PARAMETER)
        if kind == "template_card":
            _check_card(content)
            if content["task_id"] in self.tasks:
                raise RefusalError(TASK_TAKEN)
            return _card(content)
        if kind in MEDIA_KINDS:
            return self._file(kind, content.get("media_id", ""))
        _check_content(content.get("content", ""))
        return Shown(kind, read(content["content"]))

    def _file(self, kind: str, media: str) -> Shown:
        if media not in self.uploads or self.uploads[media][0] != kind:
            raise RefusalError(BAD_MEDIA)
        _, name, data = self.uploads[media]
        return Shown(kind, name, data=data)

    def _count(self, chat: str) -> None:
        now = self.now()
        past = self.counted[chat] = [at for at in self.counted[chat] if now - at < 3600]
        if len(past) >= self.hour_limit or sum(now - at < 60 for at in past) >= self.minute_limit:
            raise RefusalError(TOO_MANY)
        past.append(now)


def read(markdown: str) -> str:
    """What the markdown of plain text looks like."""
    return "\n".join(line.rstrip() for line in markdown.split("\n"))


def _check_content(content: Any) -> None:
    if not isinstance(content, str) or len(content.encode()) > CONTENT_BYTES or not content.strip():
        raise RefusalError(BAD_PARAMETER)


def _check_card(card: Fields) -> None:
    buttons = card.get("button_list")
    is_sound = (
        card.get("card_type") == "button_interaction"
        and TASK.fullmatch(str(card.get("task_id")))
        and (_title(card) or card.get("sub_title_text"))
        and isinstance(buttons, list)
        and 0 < len(buttons) <= MOST_BUTTONS
        and all(button.get("text") and button.get("key") for button in buttons)
        and len({button["key"] for button in buttons}) == len(buttons)
    )
    if not is_sound:
        raise RefusalError(BAD_PARAMETER)


def _card(card: Fields) -> Shown:
    buttons = {button["key"]: button["text"] for button in card["button_list"]}
    text = card.get("sub_title_text", "")
    return Shown("card", text, title=_title(card), buttons=buttons, task=card["task_id"])


def _title(card: Fields) -> str:
    return str(card.get("main_title", {}).get("title") or "")

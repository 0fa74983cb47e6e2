"""A conversation at the terminal: who speaks, what time it is, and which cards were shown to whom.

The live chat, the JSON lines, the sample day and the dialogue tests all speak through `Talk`.
"""

import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from uuid import uuid4

from bot.messages import Attachment, Button, Incoming, Media, MediaKind, Reply

CHANNEL = "terminal"
BEIJING = timezone(timedelta(hours=8))
KEPT_CARDS = 20
QUOTED = 60
"""Characters of what was given that an answer repeats."""
EARLIEST, LATEST = 2000, 2100
"""Years that a clock can be set to; calendars reach no further."""

Handle = Callable[[Incoming], list[Reply]]
FindLogin = Callable[[str], str | None]
"""The login of a person by login or by name; None when nobody is called so."""
Recall = Callable[[str], list[Reply]]
"""What a login was shown before this program started, oldest first."""
Advance = Callable[[datetime | None, datetime, str | None], list[Reply]]
"""What is said on its own while the clock goes on from one moment to another: to everybody, or only
to this login."""


class TalkError(Exception):
    """Something the terminal cannot do; `sentence` tells the user in Chinese."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NoSuchButtonError(TalkError):
    """No card in sight has this button."""


class NoSuchPersonError(TalkError):
    """Nobody has this login."""


class NoSuchFileError(TalkError):
    """The file to send cannot be read."""


class BadTimeError(TalkError):
    """A time that cannot be read."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A reply as it reached somebody; `pushed` when it is not the answer to the one who spoke."""

    to: str
    pushed: bool
    reply: Reply


class Talk:
    """Speaks for one person at a time; without `at` the clock is the real one."""

    def __init__(
        self,
        handle: Handle,
        find_login: FindLogin,
        *,
        login: str,
        at: datetime | None = None,
        recall: Recall = lambda _: [],
        advance: Advance = lambda *_: [],
    ) -> None:
        self._handle = handle
        self._find_login = find_login
        self._recall = recall
        self._advance = advance
        self._run = uuid4().hex
        self._numbers = count(1)
        self._cards: dict[str, list[Reply]] = {}
        self._caught_up: datetime | None = None
        self.login = login
        self.at = at

    @property
    def now(self) -> datetime:
        """The time of the next message."""
        return self.at or datetime.now(UTC)

    def speak_as(self, person: str) -> None:
        """Let somebody else speak from now on. Raises NoSuchPersonError."""
        login = self._find_login(storable(person))
        if login is None:
            raise NoSuchPersonError(
                f"没有找到账号「{_quoted(person)}」，请检查拼写，或让管理员先导入人员。"
            )
        self.login = login

    def move_clock(self, moment: str) -> list[Shown]:
        """Set the clock to an ISO moment. Raises BadTimeError."""
        return self.move_to(parse_moment(moment))

    def move_to(self, moment: datetime) -> list[Shown]:
        """Set the clock; everything that is due until then is pushed."""
        before, self.at = self.at, moment
        return [self._show(reply) for reply in self._advance(before, moment, None)]

    def catch_up(self) -> list[Shown]:
        """What is pushed to the one who speaks today up to now, or since it was asked for last;
        what is for others waits until they are here."""
        since, self._caught_up = self._caught_up, self.now
        pushed = self._advance(since, self._caught_up, self.login)
        return [self._show(reply) for reply in pushed]

    def say(self, text: str) -> list[Shown]:
        """Send words."""
        return self._send(text=text)

    def press(self, label: str) -> list[Shown]:
        """Press a button by label, on the newest card that has it, or by id.

        Raises:
            NoSuchButtonError: no card in sight has it, and it is not an id either.
        """
        return self._send(press=self._button_id(label))

    def send_file(self, path: Path) -> list[Shown]:
        """Send a file. Raises NoSuchFileError."""
        if not _is_file(path):
            raise NoSuchFileError(f"找不到文件「{_quoted(str(path))}」，请检查路径。")
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return self._send(file=Attachment(path.name, path, kind))

    def send_voice(self, path: Path) -> list[Shown]:
        """Send what was spoken into a file. Raises NoSuchFileError."""
        if not _is_file(path):
            raise NoSuchFileError(f"找不到语音「{_quoted(str(path))}」，请检查路径。")
        return self._send(media=Media(MediaKind.VOICE, str(path), path.name))

    def buttons_in_sight(self) -> Sequence[Button]:
        """The buttons of the newest card of the person who speaks."""
        cards = self._cards_of(self.login)
        return cards[0].buttons if cards else ()

    def _send(
        self,
        *,
        text: str = "",
        press: str | None = None,
        file: Attachment | None = None,
        media: Media | None = None,
    ) -> list[Shown]:
        number = f"{self._run}-{next(self._numbers)}"
        self._cards_of(self.login)
        incoming = Incoming(
            CHANNEL, number, self.login, self.now, storable(text), press, file, media=media
        )
        return [self._show(reply) for reply in self._handle(incoming)]

    def _show(self, reply: Reply) -> Shown:
        to = reply.to or self.login
        self._keep(self._cards_of(to), reply)
        return Shown(to, pushed=reply.to is not None, reply=reply)

    def _cards_of(self, login: str) -> list[Reply]:
        """The cards a person can still press, the newest first."""
        if login not in self._cards:
            self._cards[login] = []
            for reply in self._recall(login):
                self._keep(self._cards[login], reply)
        return self._cards[login]

    def _keep(self, cards: list[Reply], reply: Reply) -> None:
        if reply.card is not None:
            cards[:] = [card for card in cards if card.card != reply.card]
        if reply.buttons:
            cards.insert(0, reply)
            del cards[KEPT_CARDS:]

    def _button_id(self, label: str) -> str:
        buttons = [b for card in self._cards_of(self.login) for b in card.buttons]
        for button in buttons:
            if label in {button.label, button.id}:
                return button.id
        if ":" in label and label.isascii() and label.isprintable():
            return label
        raise NoSuchButtonError(_no_button(label, self.buttons_in_sight()))


def parse_moment(moment: str) -> datetime:
    """An ISO moment; without an offset it is taken as Beijing time. Raises BadTimeError."""
    try:
        parsed = datetime.fromisoformat(moment.strip())
    except ValueError:
        raise BadTimeError(
            f"看不懂时间「{_quoted(moment)}」，请写成 2026-11-03T17:40:00+08:00 这样。"
        ) from None
    if not EARLIEST <= parsed.year <= LATEST:
        raise BadTimeError(f"时间要在 {EARLIEST} 年到 {LATEST} 年之间。")
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=BEIJING)


def storable(text: str) -> str:
    """What no database takes is dropped: half characters and NUL."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "")


def _quoted(text: str) -> str:
    """What was given, on one short line."""
    shown = " ".join(storable(text).split())
    return shown if len(shown) <= QUOTED else f"{shown[:QUOTED]}…"


def _is_file(path: Path) -> bool:
    """A name that is too long, or in a folder that is closed, is no file to send."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _no_button(label: str, in_sight: Sequence[Button]) -> str:
    if not in_sight:
        return f"现在没有可以按的按钮，找不到「{_quoted(label)}」。请先说一句话。"
    labels = "、".join(button.label for button in in_sight)
    return f"没有「{_quoted(label)}」这个按钮，现在可以按：{labels}。"


def in_beijing(moment: datetime) -> datetime:
    """The same moment on a clock in China, for showing."""
    return moment.astimezone(BEIJING)

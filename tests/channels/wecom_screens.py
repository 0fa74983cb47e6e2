"""What the members of the played WeCom see: messages arrive, repeats and excess do not, cards
change."""

import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.channels.wecom_answers import (
    EXPIRED_RESPONSE_CODE,
    NO_BUTTON_NAME,
    NOBODY_TO_UPDATE,
    UNKNOWN_RESPONSE_CODE,
    USED_RESPONSE_CODE,
    Fields,
    RefusalError,
    granted,
)
from tests.channels.wecom_checks import (
    buttons_of,
    check_card,
    check_interval,
    check_words,
    content_of,
    cut_words,
    overlong_words,
    strange_fields,
    text_of,
    title_of,
)
from tests.channels.wecom_media import MediaShelf

CODE_SECONDS = 72 * 3600
NOT_COMPARED = {"touser", "enable_duplicate_check", "duplicate_check_interval"}


@dataclass
class Shown:
    """A message as a member sees it now. `kind` is text, markdown, card, image, voice or file;
    `buttons` are labels by key, `replaced` is the grey word in their place."""

    user: str
    kind: str
    msgid: str
    at: float
    text: str = ""
    title: str = ""
    buttons: dict[str, str] = field(default_factory=dict)
    task_id: str = ""
    response_code: str = ""
    replaced: str = ""
    updates: int = 0
    name: str = ""
    data: bytes = b""

    @property
    def clickable(self) -> bool:
        """Whether a button can be pressed."""
        return bool(self.buttons) and not self.replaced


@dataclass
class Code:
    """A response_code: which cards it may change, once."""

    cards: list[Shown]
    since: float
    used: bool = False


@dataclass
class Screens:
    """What each member sees, and what went wrong on the way there."""

    now: Callable[[], float]
    media: MediaShelf
    minute_limit: int = 30
    hour_limit: int = 1000
    daily_limit: int | None = None
    silent_repeats: bool = False
    seen: dict[str, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    truncated: list[str] = field(default_factory=list)
    dropped: list[Shown] = field(default_factory=list)
    repeated: list[tuple[str, str]] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    overlong: list[str] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    _task_ids: set[str] = field(default_factory=set)
    _sent: dict[tuple[str, str], tuple[float, Fields]] = field(default_factory=dict)
    _days: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def send(self, body: Fields, users: list[str]) -> Fields:
        """message/send to members that exist."""
        draft = self._drafted(body)
        compared = {name: body[name] for name in sorted(body.keys() - NOT_COMPARED)}
        print_of = json.dumps(compared, sort_keys=True)
        interval = check_interval(body)
        earlier = {user: self._earlier(user, print_of, interval) for user in users}
        new = [user for user in users if earlier[user] is None]
        self.repeated += [(user, e["msgid"]) for user, e in earlier.items() if e is not None]
        if not new:
            return granted(**(earlier[users[0]] or {}))
        if draft.task_id and draft.task_id in self._task_ids:
            return self._send_again(draft, new)
        self._count_day(len(new))
        answer = self._show(draft, new)
        for user in new:
            self._sent[user, print_of] = (self.now(), answer)
        return granted(**answer)

    def update(self, body: Fields) -> Fields:
        """message/update_template_card."""
        code = self.codes.get(str(body.get("response_code")))
        if code is None:
            raise RefusalError(UNKNOWN_RESPONSE_CODE)
        if code.since + CODE_SECONDS <= self.now():
            raise RefusalError(EXPIRED_RESPONSE_CODE)
        if code.used:
            raise RefusalError(USED_RESPONSE_CODE)
        wanted = [str(user).lower() for user in body.get("userids") or ()]
        everybody = body.get("atall") == 1
        if not wanted and not everybody:
            raise RefusalError(NOBODY_TO_UPDATE)
        touched = [card for card in code.cards if everybody or card.user in wanted]
        change = self._change(body, touched)
        code.used = True
        for card in touched:
            change(card)
            card.updates += 1
        return granted(invaliduser=sorted(set(wanted) - {card.user for card in touched}))

    def new_code(self, cards: Iterable[Shown]) -> str:
        """A response_code for cards."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = Code(list(cards), self.now())
        return code

    def _drafted(self, body: Fields) -> Shown:
        content = content_of(body)
        self.strange += strange_fields(body)
        kind = body["msgtype"]
        draft = Shown("", kind, "", self.now())
        if kind == "template_card":
            check_card(content)
            self.overlong += overlong_words(content)
            _lay_out(draft, content)
            draft.task_id = content.get("task_id", "")
        elif kind in {"text", "markdown"}:
            draft.text = self._cut(check_words(content))
        else:
            held = self.media.find(content.get("media_id"), kind)
            draft.name, draft.data = held.name, held.data
        return draft

    def _cut(self, words: str) -> str:
        left = cut_words(words)
        if left != words:
            self.truncated.append(words)
        return left

    def _earlier(self, user: str, print_of: str, interval: float) -> Fields | None:
        at, answer = self._sent.get((user, print_of), (0.0, None))
        return answer if answer is not None and self.now() < at + interval else None

    def _send_again(self, draft: Shown, users: list[str]) -> Fields:
        # One project reports errcode 0 and no card (see `silent_repeats`), others report 42014
        if not self.silent_repeats:
            raise RefusalError(42014)
        msgid = secrets.token_urlsafe(32)
        self.repeated += [(user, msgid) for user in users]
        return granted(msgid=msgid, response_code=self.new_code(()))

    def _count_day(self, people: int) -> None:
        day = int((self.now() + 8 * 3600) // 86400)
        if self.daily_limit is not None and self._days[day] + people > self.daily_limit:
            raise RefusalError(45009)
        self._days[day] += people

    def _show(self, draft: Shown, users: list[str]) -> Fields:
        answer = {"msgid": secrets.token_urlsafe(32)}
        copies = [Shown(**{**vars(draft), "user": user, **answer}) for user in users]
        if draft.task_id:
            self._task_ids.add(draft.task_id)
        if draft.buttons:
            answer["response_code"] = self.new_code(copies)
        for copy in copies:
            copy.response_code = answer.get("response_code", "")
            copy.buttons = dict(draft.buttons)
            (self.dropped if self._too_many(copy.user) else self.seen[copy.user]).append(copy)
        return answer

    def _too_many(self, user: str) -> bool:
        ages = [self.now() - shown.at for shown in self.seen[user][-self.hour_limit :]]
        in_minute = sum(age < 60 for age in ages)
        return in_minute >= self.minute_limit or sum(a < 3600 for a in ages) >= self.hour_limit

    def _change(self, body: Fields, cards: list[Shown]) -> Callable[[Shown], None]:
        card, button = body.get("template_card"), body.get("button")
        if isinstance(card, dict) == isinstance(button, dict):
            raise RefusalError(40063)
        if isinstance(card, dict):
            return self._new_card(card, cards)
        name = (button or {}).get("replace_name")
        if not name:
            raise RefusalError(NO_BUTTON_NAME)
        return lambda shown: setattr(shown, "replaced", name)

    def _new_card(self, card: Fields, cards: list[Shown]) -> Callable[[Shown], None]:
        check_card(card, update=True)
        self.overlong += overlong_words(card)
        body = {"msgtype": "template_card", "template_card": card}
        self.strange += strange_fields(body)
        task_id = card.get("task_id")
        if task_id in self._task_ids and task_id not in {shown.task_id for shown in cards}:
            raise RefusalError(42014)
        self._task_ids |= {task_id} if task_id else set()
        return lambda shown: _lay_out(shown, card)


def _lay_out(shown: Shown, card: Fields) -> None:
    shown.kind = "card"
    shown.title, shown.text = title_of(card), text_of(card)
    shown.buttons, shown.replaced = buttons_of(card), card.get("replace_text", "")
    shown.task_id = card.get("task_id", shown.task_id)

"""Taking a message in: who sent it, kept once and masked, before anything else is done with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.domain.note import Flag
from bot.domain.roster import Roster
from bot.domain.words import clean
from bot.messages import Incoming, Media, MediaKind, Reply
from bot.outbox import is_posted, post
from bot.policy import Policy
from bot.speech.checks import is_live
from bot.understanding import screening
from storage.accounts import TERMINAL, see, who_is
from storage.invites import looks_like_code, redeem_invite
from storage.messages import Message, find_message, last_said
from storage.people import Person, Role
from storage.rosters import roster_of
from storage.strangers import TRIES, count_try, forget_stranger, may_be_told

log = structlog.get_logger(__name__)

STRANGER = "您好，我是拜访助手。这个账号还没有绑定，请向管理员要一个邀请码发给我。"
BOUND = "{name}，您好！账号绑好了。拜访完直接把经过说给我听就行；发「帮助」看我会做什么。"
BAD_CODE = "这个邀请码用不了：可能输错、用过了或已过期（三天内有效）。请向管理员要一个新的。"
ALREADY_BOUND = "您的账号已经绑好了，不用再发邀请码。发「帮助」看我会做什么。"
ALMOST = "邀请码是 10 位字母和数字，这个对不上。请照着原样再发一次。"
TOO_MANY_TRIES = "邀请码试得太多了，请一小时后再试，或请管理员重新给一个。"
CODE_HIDDEN = "（邀请码）"
TOO_LONG = "这段有 {length} 字，一次最多 {most} 字，还没有记下。请分成几段发，我按顺序记。"

_BEGINS_AMID = re.compile(
    r"^\W*(?:[约近]|大概|差不多|有)?[\d一二两三四五六七八九十百千壹贰叁拾廿卅]"
)
_BREAKS_OFF = re.compile(r"(?:病人|患者|姓|叫|名字|号码?|电话|是)[\u4e00-\u9fff]?$")
_SAME_BREATH = timedelta(minutes=5)
"""So soon after a message, the next one can finish its sentence (「上个月开了」「30盒」)."""

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{8,15}")
_ALMOST_A_CODE = re.compile(r"(?=.*[0-9])[A-Za-z0-9 -]{7,14}")
"""What is meant as a code, with a letter too many or one that no code has."""

LONGEST = 3000
"""Characters of one message: more than ten minutes of dictation."""


@dataclass(frozen=True)
class Received:
    """A stored message: its row, who sent it, its masked text, what the masking flagged, what the
    words are read against, which is looked up when it is needed, and whether it was answered."""

    message_id: int
    person: Person
    text: str
    flags: tuple[Flag, ...]
    find_roster: Callable[[], Roster] = field(repr=False, compare=False)
    is_answered: bool = False

    @cached_property
    def roster(self) -> Roster:
        """The person's customers, the places and products."""
        return self.find_roster()


@dataclass(frozen=True, slots=True)
class Closed:
    """A message that leaves nothing to understand: answered before, or not taken at all. `joined`
    is the role of somebody whose account it bound."""

    replies: list[Reply]
    joined: Role | None = None


class _JoinedMeanwhileError(Exception):
    """The same code came twice at the same moment, and the other one was first."""


def receive(
    engine: Engine, policy: Policy, incoming: Incoming, *, now: datetime
) -> Received | Closed:
    """Store the masked message once; `now` is when it came, which may be later than it was said.

    A message that was answered before gives its replies again; an unknown account is told how to
    join, and one that cannot be taken is told why.
    """
    with Session(engine, expire_on_commit=False) as session:
        try:
            return _receive(session, policy, incoming, now)
        except (IntegrityError, _JoinedMeanwhileError):
            session.rollback()  # it was delivered twice at the same moment: the other one is kept
            return _receive(session, policy, incoming, now)


def _receive(
    session: Session, policy: Policy, incoming: Incoming, now: datetime
) -> Received | Closed:
    person = who_is(session, incoming.channel, incoming.account)
    message = find_message(session, incoming.channel, incoming.id)
    if message is not None and (person is None or message.person_id != person.id):
        log.warning("message_id_of_another_person", message=message.id)
        return Closed([])
    if message is not None and message.answered_at:
        return Closed([Reply.load(stored) for stored in message.replies])
    if person is None:
        return _welcome(session, incoming, now)
    text = clean(incoming.text)
    refusal = _refusal(incoming, text)
    if refusal is not None:
        return Closed(_turn_away(session, incoming, refusal, person, now))
    roster = roster_for(session, person, policy)
    message = message or _store(session, incoming, text, person, roster)
    return _received(message, person, lambda: roster)


def recall(engine: Engine, policy: Policy, message_id: int) -> tuple[Incoming, Received]:
    """A stored message as it came, with its masked words, to go on working on it."""
    with Session(engine, expire_on_commit=False) as session:
        message = session.get_one(Message, message_id)
        person = session.get_one(Person, message.person_id)

    def find_roster() -> Roster:
        with Session(engine) as session:
            return roster_for(session, person, policy)

    return _came(message), _received(message, person, find_roster)


def roster_for(session: Session, person: Person, policy: Policy) -> Roster:
    """What a person's words are read against, with the company's own limit of gifts."""
    return replace(roster_of(session, person), gift_limit_yuan=policy.gift.limit_yuan)


def write_down(message: Message, text: str, roster: Roster, *, before: str = "") -> None:
    """Put words into a message, masked; `before` is what was said just before them."""
    masked = screening.mask(text, roster, before=before)
    message.body = masked.text
    message.flags = [flag.model_dump(mode="json") for flag in masked.flags]


def _received(message: Message, person: Person, find_roster: Callable[[], Roster]) -> Received:
    flags = tuple(Flag.model_validate(flag) for flag in message.flags)
    answered = message.answered_at is not None
    return Received(message.id or 0, person, message.body, flags, find_roster, answered)


def _came(message: Message) -> Incoming:
    return Incoming(
        channel=message.channel,
        id=message.platform_id,
        account=message.account,
        at=message.sent_at,
        text=message.body,
        press=message.press,
        chat=message.chat,
        pressed_on=message.pressed_on,
        edits=message.edits,
        media=Media.load(message.media) if message.media else None,
    )


def _refusal(incoming: Incoming, text: str) -> str | None:
    if len(text) > LONGEST:
        return TOO_LONG.format(length=len(text), most=LONGEST)
    if incoming.channel != TERMINAL and looks_like_code(_code(text)):
        return ALREADY_BOUND
    return None


def _turn_away(
    session: Session, incoming: Incoming, sentence: str, person: Person, now: datetime
) -> list[Reply]:
    replies = [Reply(sentence)]
    if not is_posted(session, incoming):
        post(session, incoming, replies, now=now, person=person)
        session.commit()
    return replies


def _store(
    session: Session, incoming: Incoming, text: str, person: Person, roster: Roster
) -> Message:
    message = _message(incoming, person)
    if _is_conversation(incoming, text):
        text = ""
    write_down(message, text, roster, before=_said_before(session, incoming, text, person))
    if incoming.media is not None:
        message.media, message.body = _kept_media(incoming.media, message.body, roster)
    session.add(message)
    see(session, incoming.channel, incoming.account, chat=incoming.chat, now=incoming.at)
    session.commit()
    return message


def _is_conversation(incoming: Incoming, text: str) -> bool:
    """Whether the platform wrote down what a customer said, of which nothing is kept (SY-10)."""
    return incoming.media is not None and incoming.media.kind is MediaKind.SPOKEN and is_live(text)


def _kept_media(media: Media, words: str, roster: Roster) -> tuple[dict[str, Any], str]:
    """What came along, its name masked, and the words of the message: those of a voice come when it
    is written down, and what stood beside it is kept apart."""
    masked = replace(media, name=screening.mask(media.name, roster).text)
    if media.kind is not MediaKind.VOICE:
        return masked.dump(), words
    return replace(masked, caption=words).dump(), ""


def _message(incoming: Incoming, person: Person) -> Message:
    return Message(
        channel=incoming.channel,
        platform_id=incoming.id,
        person_id=person.id,
        body="",
        sent_at=incoming.at,
        account=incoming.account,
        chat=incoming.chat,
        press=incoming.press,
        pressed_on=incoming.pressed_on,
        edits=incoming.edits,
        media=incoming.media.dump() if incoming.media else {},
    )


def _said_before(session: Session, incoming: Incoming, text: str, person: Person) -> str:
    """The words that these may go on with: a number alone means nothing without them."""
    since = incoming.at - _SAME_BREATH
    before = last_said(session, incoming.channel, person.id or 0, since=since)
    return before if _BEGINS_AMID.search(text) or _BREAKS_OFF.search(before) else ""


def _welcome(session: Session, incoming: Incoming, now: datetime) -> Closed:
    """What an unknown account is told; a good invite code binds it."""
    if incoming.channel == TERMINAL:
        return Closed([Reply(STRANGER)])
    if is_posted(session, incoming):
        return Closed([])
    said = clean(incoming.text)
    code = find_code(said)
    if code is not None:
        person, sentence = _join(session, incoming, code, now)
    elif _ALMOST_A_CODE.fullmatch(_code(said)):
        tried = count_try(session, incoming.channel, incoming.account, now=now)
        person, sentence = None, ALMOST if tried <= TRIES else None
    else:
        told = may_be_told(session, incoming.channel, incoming.account, now=now)
        person, sentence = None, STRANGER if told else None
    replies = [Reply(sentence)] if sentence else []
    message = _bound(session, incoming, person, replies, now) if person else None
    message_id = message.id if message else None
    post(session, incoming, replies, now=now, person=person, message_id=message_id)
    session.commit()
    return Closed(replies, person.role if person else None)


def find_code(words: str) -> str | None:
    """The invite code in what a stranger sends: alone, with dashes, or in a forwarded message."""
    tokens = (token.replace("-", "") for token in _TOKEN.findall(words))
    return next((token for token in tokens if looks_like_code(token)), None)


def _join(
    session: Session, incoming: Incoming, code: str, now: datetime
) -> tuple[Person | None, str | None]:
    tried = count_try(session, incoming.channel, incoming.account, now=now)
    if who_is(session, incoming.channel, incoming.account) is not None:
        raise _JoinedMeanwhileError
    if tried > TRIES:
        return None, TOO_MANY_TRIES if tried == TRIES + 1 else None
    person = redeem_invite(
        session,
        code,
        channel=incoming.channel,
        account=incoming.account,
        chat=incoming.chat,
        now=now,
    )
    if person is not None:
        forget_stranger(session, incoming.channel, incoming.account)
    return person, BOUND.format(name=person.name) if person else BAD_CODE


def _bound(
    session: Session, incoming: Incoming, person: Person, replies: list[Reply], now: datetime
) -> Message:
    """The message that brought the code, without it: repeated, it is answered the same way."""
    message = _message(incoming, person)
    message.body = CODE_HIDDEN
    message.replies, message.answered_at = [reply.dump() for reply in replies], now
    session.add(message)
    session.flush()
    return message


def _code(text: str) -> str:
    """The code in a message; a link that opens the chat sends it as 「/start CODE」."""
    return text.removeprefix("/start").strip()

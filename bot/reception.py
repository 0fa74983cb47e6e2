"""Taking a message in: who sent it, kept once and masked, before anything else is done with it."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from bot.domain.note import Flag
from bot.domain.roster import Roster
from bot.domain.words import clean
from bot.messages import Incoming, Reply
from bot.policy import Policy
from bot.understanding import screening
from storage.accounts import TERMINAL, who_is
from storage.invites import looks_like_code, redeem_invite
from storage.messages import Message, find_message, last_said
from storage.people import Person
from storage.rosters import roster_of

log = structlog.get_logger(__name__)

STRANGER = "您好，我是拜访助手。这个账号还没有绑定，请向管理员要一个邀请码发给我。"
BOUND = "{name}，您好！账号绑好了。拜访完直接把经过说给我听就行；发「帮助」看我会做什么。"
BAD_CODE = "这个邀请码用不了：可能输错、用过了或已过期（三天内有效）。请向管理员要一个新的。"
TOO_LONG = "这段有 {length} 字，一次最多 {most} 字，还没有记下。请分成几段发，我按顺序记。"

_BEGINS_AMID = re.compile(
    r"^\W*(?:[约近]|大概|差不多|有)?[\d一二两三四五六七八九十百千壹贰叁拾廿卅]"
)
_BREAKS_OFF = re.compile(r"(?:病人|患者|姓|叫|名字|号码?|电话|是)[\u4e00-\u9fff]?$")
_SAME_BREATH = timedelta(minutes=5)
"""So soon after a message, the next one can finish its sentence (「上个月开了」「30盒」)."""

LONGEST = 3000
"""Characters of one message: more than ten minutes of dictation."""


@dataclass(frozen=True, slots=True)
class Received:
    """A stored message: its row, who sent it, its masked text, what the masking flagged, and what
    the words are read against."""

    message_id: int
    person: Person
    text: str
    flags: tuple[Flag, ...]
    roster: Roster


def receive(engine: Engine, policy: Policy, incoming: Incoming) -> Received | list[Reply]:
    """Store the masked message once.

    A message that was answered before gives its replies again; an unknown account is told how to
    join, and one that cannot be taken is told why.
    """
    with Session(engine, expire_on_commit=False) as session:
        person = who_is(session, incoming.channel, incoming.account)
        if person is None:
            return [Reply(_welcome(session, incoming))]
        message = find_message(session, incoming.channel, incoming.id)
        if message is not None and message.person_id != person.id:
            log.warning("message_id_of_another_person", message=message.id)
            return []
        if message is not None and message.replies:
            return [Reply.load(stored) for stored in message.replies]
        text = clean(incoming.text)
        if len(text) > LONGEST:
            return [Reply(TOO_LONG.format(length=len(text), most=LONGEST))]
        limit = policy.gift.limit_yuan
        roster = replace(roster_of(session, person), gift_limit_yuan=limit)
        message = message or _store(session, incoming, text, person, roster)
        flags = tuple(Flag.model_validate(flag) for flag in message.flags)
        return Received(message.id or 0, person, message.body, flags, roster)


def _store(
    session: Session, incoming: Incoming, text: str, person: Person, roster: Roster
) -> Message:
    since = incoming.at - _SAME_BREATH
    before = last_said(session, incoming.channel, person.id or 0, since=since)
    if not (_BEGINS_AMID.search(text) or _BREAKS_OFF.search(before)):
        before = ""
    masked = screening.mask(text, roster, before=before)
    message = Message(
        channel=incoming.channel,
        platform_id=incoming.id,
        person_id=person.id,
        body=masked.text,
        flags=[flag.model_dump(mode="json") for flag in masked.flags],
        sent_at=incoming.at,
    )
    session.add(message)
    session.commit()
    return message


def _welcome(session: Session, incoming: Incoming) -> str:
    """What an unknown account is told; a good invite code binds it."""
    code = clean(incoming.text)
    if incoming.channel == TERMINAL or not looks_like_code(code):
        return STRANGER
    person = redeem_invite(
        session, code, channel=incoming.channel, account=incoming.account, now=incoming.at
    )
    session.commit()
    return BOUND.format(name=person.name) if person else BAD_CODE

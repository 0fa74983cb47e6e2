"""What came in, once per platform id, what was answered, and what the assistant waits for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, or_, select

from storage.columns import json_list, json_object, moment


class Message(SQLModel, table=True):
    """One incoming message; `body` is masked, `flags` say what for, and is empty until a voice
    message is written down; a repeated delivery is answered with `replies`, which begin with the
    `alerts` that went out at once. `account` and `chat` are the platform's words for who and where,
    `media` a dumped attachment that lies there, `edits` the platform id of what was changed."""

    __table_args__ = (
        UniqueConstraint("channel", "platform_id"),
        Index("ix_message_waiting", "answered_at", "sent_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(max_length=32)
    platform_id: str = Field(max_length=128)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    body: str
    sent_at: datetime = moment()
    flags: list[dict[str, Any]] = json_list()
    alerts: list[dict[str, Any]] = json_list()
    replies: list[dict[str, Any]] = json_list()
    account: str = Field(default="", max_length=128)
    chat: str = Field(default="", max_length=128)
    press: str | None = Field(default=None, max_length=64)
    pressed_on: str | None = Field(default=None, max_length=64)
    edits: str | None = Field(default=None, max_length=128)
    media: dict[str, Any] = json_object()
    answered_at: datetime | None = moment(default=None)


class Conversation(SQLModel, table=True):
    """What the assistant last asked a person: the name of the question, and what it was about."""

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    question: str = Field(max_length=64)
    about: dict[str, Any] = json_object()
    asked_at: datetime = moment()


class ModelUse(SQLModel, table=True):
    """One call of a model: which, for what, tokens and milliseconds; never the text."""

    __tablename__ = "model_use"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = moment()
    purpose: str = Field(max_length=64)
    model: str = Field(max_length=128)
    prompt_version: str = Field(max_length=64)
    input_tokens: int = 0
    output_tokens: int = 0
    milliseconds: int = 0
    outcome: str = Field(max_length=32)


def find_message(session: Session, channel: str, platform_id: str) -> Message | None:
    """The message that a platform delivered under this id, when it came before."""
    wanted = select(Message).where(Message.channel == channel, Message.platform_id == platform_id)
    return session.exec(wanted).first()


def versions_of(session: Session, channel: str, platform_id: str, person_id: int) -> Sequence[int]:
    """The ids of a person's message and of what it was changed to, in the order they came."""
    wanted = (
        select(Message.id)
        .where(
            Message.channel == channel,
            Message.person_id == person_id,
            or_(Message.platform_id == platform_id, col(Message.edits) == platform_id),
        )
        .order_by(col(Message.id))
    )
    return [id_ or 0 for id_ in session.exec(wanted).all()]


def last_said(session: Session, channel: str, person_id: int, *, since: datetime) -> str:
    """A person's newest words in a channel, if they came after `since`; masked as they are kept."""
    wanted = (
        select(Message.body)
        .where(
            Message.channel == channel,
            Message.person_id == person_id,
            col(Message.sent_at) >= since,
        )
        .order_by(col(Message.id).desc())
        .limit(1)
    )
    return session.exec(wanted).first() or ""


def last_replies(
    session: Session, channel: str, person_id: int, *, messages: int = 20
) -> list[dict[str, Any]]:
    """What a person was answered lately in this channel, oldest first."""
    wanted = (
        select(Message.replies)
        .where(Message.channel == channel, Message.person_id == person_id)
        .order_by(col(Message.id).desc())
        .limit(messages)
    )
    return [reply for replies in reversed(session.exec(wanted).all()) for reply in replies]


def unanswered(
    session: Session, *, since: datetime, before: datetime, but: str, limit: int = 500
) -> list[Message]:
    """Messages of other channels than `but` that came within that time and still wait, oldest
    first."""
    wanted = (
        select(Message)
        .where(
            col(Message.answered_at).is_(None),
            col(Message.sent_at) >= since,
            col(Message.sent_at) < before,
            Message.channel != but,
        )
        .order_by(col(Message.id))
        .limit(limit)
    )
    return list(session.exec(wanted).all())

"""Teams, the people who use the assistant, and the chat accounts they are known by."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

from storage.columns import moment, word


class Role(StrEnum):
    """What a person may do; one role each."""

    REP = "rep"
    MANAGER = "manager"
    MEDICAL = "medical"
    COMPLIANCE = "compliance"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        """The word of the territory file: 代表, 主管, 医学, 合规 or 管理员."""
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.REP: "代表",
    Role.MANAGER: "主管",
    Role.MEDICAL: "医学",
    Role.COMPLIANCE: "合规",
    Role.ADMIN: "管理员",
}


class Team(SQLModel, table=True):
    """A sales team or a department of the company."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=100)


class Person(SQLModel, table=True):
    """Somebody of our company who talks to the assistant."""

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=64)
    role: Role = word(Role)
    team_id: int | None = Field(default=None, foreign_key="team.id", index=True)
    manager_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    active: bool = True


class Account(SQLModel, table=True):
    """A chat account bound to a person: identity comes from here, never from message text. `chat`
    is where it is written to, `lost_at` since when nothing reaches it."""

    __table_args__ = (UniqueConstraint("channel", "account"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str = Field(max_length=32)
    account: str = Field(max_length=128)
    person_id: int = Field(foreign_key="person.id", index=True)
    bound_at: datetime = moment()
    chat: str = Field(default="", max_length=128)
    seen_at: datetime | None = moment(default=None)
    lost_at: datetime | None = moment(default=None)


class Invite(SQLModel, table=True):
    """A one-use, expiring code that binds an account; only its SHA-256 is kept."""

    id: int | None = Field(default=None, primary_key=True)
    code_hash: str = Field(unique=True, max_length=64)
    person_id: int = Field(foreign_key="person.id", index=True)
    expires_at: datetime = moment()
    used_at: datetime | None = moment(default=None)

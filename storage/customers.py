"""Customers: who they are, tier and PAR with history, tags, facts, and who looks after them."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from bot.domain.tiers import Tier
from storage.columns import json_list, moment, word


class CustomerKind(StrEnum):
    """What kind of person is visited, in the words of the territory file."""

    DOCTOR = "医生"
    PHARMACIST = "药师"
    PHARMACY = "药店"
    BUYER = "采购"
    RESEARCH_PARTNER = "研发伙伴"


class ProfileModule(StrEnum):
    """The four modules of a customer's profile."""

    BASICS = "基本信息"
    EXPERTISE = "专业与影响力"
    INTERESTS = "兴趣与需求"
    STYLE = "沟通与往来"


class FactStatus(StrEnum):
    """A fact heard in a visit is proposed until its owner accepts it."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Customer(SQLModel, table=True):
    """Anyone visited. `skip_until` is the first day on which they may be suggested again."""

    __table_args__ = (UniqueConstraint("name", "hospital_id", "department_id"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=64, index=True)
    gender: str | None = Field(default=None, max_length=4)
    hospital_id: int = Field(foreign_key="hospital.id", index=True)
    department_id: int = Field(foreign_key="department.id", index=True)
    post: str | None = Field(default=None, max_length=64)
    title: str | None = Field(default=None, max_length=64)
    kind: CustomerKind = word(CustomerKind)
    owner_id: int = Field(foreign_key="person.id", index=True)
    tier: Tier = word(Tier)
    potential: int = Field(ge=1, le=5)
    attitude: int = Field(ge=1, le=5)
    relationship: int = Field(ge=1, le=5)
    interests: list[str] = json_list()
    style: str | None = Field(default=None, max_length=300)
    clinic_hours: str | None = Field(default=None, max_length=200)
    remark: str | None = Field(default=None, max_length=500)
    aliases: list[str] = json_list()
    skip_until: date | None = None
    skip_reason: str | None = Field(default=None, max_length=200)


class CustomerTag(SQLModel, table=True):
    """A word on a customer's file that lists can be filtered by."""

    __tablename__ = "customer_tag"

    customer_id: int = Field(foreign_key="customer.id", primary_key=True)
    tag: str = Field(max_length=64, primary_key=True, index=True)


class Rating(SQLModel, table=True):
    """Tier and PAR of a customer from a day on; the newest is copied to the customer."""

    __table_args__ = (Index("ix_rating_customer_day", "customer_id", "effective_on"),)

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id")
    tier: Tier = word(Tier)
    potential: int
    attitude: int
    relationship: int
    effective_on: date
    set_by_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = Field(max_length=200)


class Ownership(SQLModel, table=True):
    """Which rep looked after a customer; `until_day` is the first day of the next one, or None
    while it lasts."""

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    from_day: date
    until_day: date | None = None


class ProfileFact(SQLModel, table=True):
    """A fact for a customer's file, with the words and the note that it comes from."""

    __tablename__ = "profile_fact"

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    module: ProfileModule = word(ProfileModule)
    field: str = Field(max_length=64)
    value: str = Field(max_length=500)
    evidence: str = Field(max_length=1000)
    note_id: int | None = Field(default=None, foreign_key="visit_note.id", index=True)
    said_at: datetime = moment()
    status: FactStatus = word(FactStatus, default=FactStatus.PROPOSED)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = moment(default=None)


_MODULES = {
    ProfileModule.EXPERTISE: ("任职", "学术", "处方"),
    ProfileModule.INTERESTS: ("课题", "兴趣", "需求", "标签"),
    ProfileModule.STYLE: ("沟通", "偏好"),
}


def module_of(field: str) -> ProfileModule:
    """The profile module that a fact belongs to, by the words of its field."""
    for module, words in _MODULES.items():
        if any(word in field for word in words):
            return module
    return ProfileModule.BASICS

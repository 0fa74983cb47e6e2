"""The append-only audit trail: a hash chain that shows any change made behind its back."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from storage.columns import json_object, moment


class AuditEntry(SQLModel, table=True):
    """Who did what to what, chained to the entry before. Triggers refuse UPDATE and DELETE."""

    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = moment()
    actor_id: int | None = Field(default=None, foreign_key="person.id")
    action: str = Field(max_length=64)
    subject: str = Field(max_length=64)
    detail: dict[str, Any] = json_object()
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64, unique=True)

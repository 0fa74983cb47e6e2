"""Hospitals, pharmacy chains and their departments."""

from sqlmodel import Field, SQLModel, UniqueConstraint

from storage.columns import json_list


class Hospital(SQLModel, table=True):
    """A hospital or pharmacy chain; `aliases` are the short names that reps say."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=200)
    aliases: list[str] = json_list()
    level: str | None = Field(default=None, max_length=32)
    city: str | None = Field(default=None, max_length=64)
    address: str | None = Field(default=None, max_length=300)
    longitude: float | None = None
    latitude: float | None = None

    @property
    def said_name(self) -> str:
        """The short name that reps say most, which the territory file lists first."""
        return self.aliases[0] if self.aliases else self.name


class Department(SQLModel, table=True):
    """A department of a hospital, or a branch of a chain."""

    __table_args__ = (UniqueConstraint("hospital_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    hospital_id: int = Field(foreign_key="hospital.id")
    name: str = Field(max_length=100)

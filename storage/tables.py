"""Imports every table, so that metadata (and Alembic) know them all."""

from sqlmodel import SQLModel

from storage import (
    audit,
    customers,
    flags,
    messages,
    needs,
    next_steps,
    notes,
    notices,
    people,
    places,
    plans,
    products,
)

__all__ = [
    "audit",
    "customers",
    "flags",
    "messages",
    "metadata",
    "needs",
    "next_steps",
    "notes",
    "notices",
    "people",
    "places",
    "plans",
    "products",
]

metadata = SQLModel.metadata

"""Imports every table, so that metadata (and Alembic) know them all."""

from sqlmodel import SQLModel

from storage import (
    audit,
    customers,
    deliveries,
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
    push_settings,
    pushes,
    shelf,
    strangers,
)

__all__ = [
    "audit",
    "customers",
    "deliveries",
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
    "push_settings",
    "pushes",
    "shelf",
    "strangers",
]

metadata = SQLModel.metadata

"""Proposed notes as a model writes them, changed where a test needs it."""

import json
from typing import Any

_VISIT: dict[str, Any] = {
    "day": None,
    "start": None,
    "duration": "二十分钟",
    "channel": "面访",
    "hospital": None,
    "department": None,
    "customers": [],
    "co_visitors": [],
    "goal": None,
    "outcome": "未提及",
    "key_points": [],
    "objections": [],
    "competitors": [],
    "quotes": [],
    "profile_updates": [],
    "next_steps": [],
    "needs": [],
    "flags": [],
}


def met(mention: str) -> dict[str, Any]:
    """Somebody met."""
    return {"mention": mention, "department": None, "hospital": None}


def step(action: str, evidence: str, **changed: Any) -> dict[str, Any]:
    """A promise."""
    return {"action": action, "customer": None, "due": None, "evidence": evidence} | changed


def visit(**changed: Any) -> dict[str, Any]:
    """One visit of which nothing was said but the changes."""
    return _VISIT | changed


def note(*visits: dict[str, Any]) -> str:
    """The JSON of a whole note."""
    return json.dumps({"visits": visits}, ensure_ascii=False)

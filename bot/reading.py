"""Fills a capability's slots from plain words, without a model."""

from datetime import datetime

from bot.domain.calendar import WorkCalendar
from bot.domain.people import find_people
from bot.domain.roster import Roster
from bot.domain.when import find_days
from bot.registry import Capability, Slots


def read_slots(
    capability: Capability, text: str, roster: Roster, *, now: datetime, calendar: WorkCalendar
) -> Slots:
    """The slots that `text` holds, in words as said; empty where it says nothing."""
    said = _argument(capability, text)
    found = {
        "customer": _customer(said, roster),
        "day": _day(said, now, calendar),
        "words": said,
    }
    wanted = capability.slots.model_fields
    return capability.slots.model_validate({k: v for k, v in found.items() if k in wanted})


def _argument(capability: Capability, text: str) -> str:
    """What follows the slash command, or the whole message."""
    return text.removeprefix(capability.command).strip() if text.startswith("/") else text


def _customer(text: str, roster: Roster) -> str | None:
    people = find_people(text, roster)
    return next((person.mention for person in people if not person.colleague), None)


def _day(text: str, now: datetime, calendar: WorkCalendar) -> str | None:
    days = find_days(text, now=now, calendar=calendar)
    return days[0].phrase if days else None

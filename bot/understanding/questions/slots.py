"""Fills the slots of a question: whose, which team, when, which tier, by what."""

from datetime import datetime
from typing import Any

from bot.domain.calendar import WorkCalendar
from bot.domain.directory import Directory
from bot.domain.periods import find_period
from bot.domain.when import Tense
from bot.understanding.questions.named import COLLEAGUE, CUSTOMER, TAG, TEAM, TIER, Named
from bot.understanding.questions.words import slot_lists, slot_words

Slots = dict[str, Any]

FILTER, NEXT, TODO, NEEDS, OVERDUE = (
    "filter_customers",
    "who_next",
    "status_todo",
    "status_needs",
    "status_overdue",
)
STATUS = "status_"
_BARE = frozenset({"help", "other"})
_WHO_IS_CUSTOMER = frozenset({TODO, OVERDUE, NEEDS})
_BY_TAG = frozenset({FILTER, OVERDUE, "status_coverage", "status_visits"})
_ABOUT_ONE = frozenset({"brief", "profile", "memory"})


def fill_slots(
    intent: str, named: Named, directory: Directory, *, now: datetime, calendar: WorkCalendar
) -> Slots:
    """The slots that a question of this intent holds, in the evaluation format; a slot that
    nothing was said about is left out."""
    if intent in _BARE:
        return {}
    slots: Slots = {"customer": next(iter(named.values(CUSTOMER)), None)}
    if intent not in _ABOUT_ONE:
        tense = Tense.FUTURE if intent == NEXT else Tense.PAST
        slots |= {"period": _period(named.text, now, calendar, tense), "tier": _tier(named)}
    if intent in _BY_TAG:
        slots["tags"] = named.values(TAG)
    if intent == FILTER:
        slots |= {"team": _team(named, directory), "rep": _rep(intent, named, directory)}
    if intent == NEXT:
        slots["rep"] = _rep(intent, named, directory)
    if intent.startswith(STATUS):
        slots |= _about_people(intent, named, directory)
    return {name: value for name, value in slots.items() if value}


def _about_people(intent: str, named: Named, directory: Directory) -> Slots:
    team = _team(named, directory)
    rep = _rep(intent, named, directory)
    grouped = _group_by(intent, named, directory)
    return {"team": team, "rep": rep, "group_by": grouped if grouped != "rep" or not rep else None}


def _rep(intent: str, named: Named, directory: Directory) -> str | None:
    """The one who is named, or the asker: said (我) or a rep about what only oneself can mean."""
    colleagues = named.values(COLLEAGUE)
    if colleagues:
        return _only(colleagues)
    asker = directory.asker
    asks_own = asker.is_rep and (
        intent == NEXT or (intent == TODO and _team(named, directory) is None)
    )
    return asker.login if asks_own or slot_words("rep.own").search(named.plain) else None


def _only(values: list[str]) -> str | None:
    return values[0] if len(values) == 1 else None


def _period(
    text: str, now: datetime, calendar: WorkCalendar, tense: Tense
) -> dict[str, str] | None:
    found = find_period(text, now=now, calendar=calendar, tense=tense)
    return {"from": found.first.isoformat(), "to": found.last.isoformat()} if found else None


def _tier(named: Named) -> str | None:
    return _only(named.values(TIER))


def _team(named: Named, directory: Directory) -> str | None:
    teams = named.values(TEAM)
    if teams:
        return _only(teams)
    ours = slot_words("team.ours").search(named.plain)
    return directory.asker.team if ours and not slot_words("team.no").search(named.plain) else None


def _group_by(intent: str, named: Named, directory: Directory) -> str | None:
    """What the answer is split by: said (按人), asked for (谁), or two of a kind."""
    for kind in slot_lists("group_by"):
        fits = kind != "level" or intent == NEEDS
        if fits and slot_words(f"group_by.{kind}").search(named.plain):
            return kind
    for kind, mentioned in (("team", TEAM), ("tier", TIER), ("rep", COLLEAGUE)):
        if len(named.values(mentioned)) > 1:
            return kind
    if slot_words("each.one").search(named.plain):
        return "rep"
    return "rep" if _asks_who(intent, named, directory) else None


def _asks_who(intent: str, named: Named, directory: Directory) -> bool:
    """Whether 「谁」 is one of us. For a rep alone it is a customer (「谁最久没见」)."""
    if slot_words("who.owns").search(named.plain):
        return True
    if slot_words("who.acts").search(named.plain) is None:
        return False
    if intent == OVERDUE and slot_words("who.listed").search(named.plain):
        return False
    alone = directory.asker.is_rep and _team(named, directory) is None
    if alone and intent in _WHO_IS_CUSTOMER:
        return intent != TODO and slot_words("who.ranks").search(named.plain) is not None
    return True

"""Whether words go on with the dictation before them (「对了，他还要…」), or stand alone."""

import re
from datetime import datetime

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import local_day
from bot.domain.people import find_people, find_places
from bot.domain.roster import Roster
from bot.domain.when import Tense, find_days

_GOES_ON = re.compile(
    r"^(?:对了|哦对|噢对|啊对|还有|另外|补充|再补|忘了说|忘说|刚才漏|刚忘|差点忘|漏了|然后|最后|接着|哦还有)"
)
_ABOUT_THEM = re.compile(r"[他她]")
_ASKS = re.compile(r"[?？]|[吗呢]$|谁|哪|什么|怎么|多少|几[个条次位]|帮我|把.+改")


def goes_on(
    text: str, earlier: str, roster: Roster, *, now: datetime, calendar: WorkCalendar
) -> bool:
    """Whether `text`, said shortly after the dictation `earlier`, belongs to the same visit.

    It must say so (对了, 另外 …) or speak of 他/她, and name nobody, no place and no earlier day
    that the dictation did not: a forgotten visit (「昨天下午还见了…」) is a note of its own.
    """
    if _ASKS.search(text) or not (_GOES_ON.search(text) or _ABOUT_THEM.search(text)):
        return False
    if _people(text, roster) - _people(earlier, roster):
        return False
    if _hospitals(text, roster) - _hospitals(earlier, roster):
        return False
    days = find_days(text, now=now, calendar=calendar, tense=Tense.FUTURE)
    return not any(found.day < local_day(now) for found in days)


def joined(earlier: str, text: str) -> str:
    """Both as one dictation."""
    return f"{earlier.rstrip('，,；; ')}\n{text}"


def _people(text: str, roster: Roster) -> set[str]:
    """Customers by name, strangers as they were called; colleagues come and go."""
    people = [person for person in find_people(text, roster) if not person.colleague]
    return {c.name for p in people for c in p.candidates} | {
        p.mention for p in people if not p.candidates
    }


def _hospitals(text: str, roster: Roster) -> set[str]:
    return {place.hospital for place in find_places(text, roster) if place.hospital}

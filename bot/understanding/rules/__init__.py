"""The rules engine: a dictation to a ProposedNote without any model.

Where to find the rule for a field; its words are in the file of the same name in `words/`:

- dictation or not: `dictation`; several visits in one: `visits`
- day, start, duration, channel: `contact`; place, and all fields together: `compose`
- customers and co-visitors: `people_met`; what one mention tells: `mention` (words: `people`)
- goal and outcome: `goal`; key points, objections, competitors: `points`
- quotes: `quotes`; profile updates: `profile`; needs: `needs`
- next steps: `steps`; how they are worded: `action` (words: `steps`)

Below them: `clauses` cuts the text, `speakers` says who acts, `reading` holds both, `focus` says
whom a clause is about, `vocabulary` loads the words.
"""

from datetime import datetime

from bot.domain.note import ProposedNote
from bot.domain.roster import Roster
from bot.understanding.rules.compose import compose
from bot.understanding.rules.dictation import reports_contact
from bot.understanding.rules.people_met import everybody
from bot.understanding.rules.reading import read

__all__ = ["is_dictation", "propose"]


def propose(text: str, roster: Roster, *, now: datetime) -> ProposedNote:
    """What the dictation says, all in its own words; no visits when it is not a dictation."""
    reading = read(text, roster, now=now)
    people = everybody(reading)
    if not reports_contact(reading, people):
        return ProposedNote(visits=[])
    return ProposedNote(visits=compose(reading, people))


def is_dictation(text: str, roster: Roster, *, now: datetime) -> bool:
    """Whether the text reports a contact that took place, rather than asks, orders or chats."""
    reading = read(text, roster, now=now)
    return reports_contact(reading, everybody(reading))

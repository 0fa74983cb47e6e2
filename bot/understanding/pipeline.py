"""From a masked dictation to visits that may be shown: propose, ground, keep what is lawful."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.calendar import WorkCalendar
from bot.domain.note import GroundedVisit
from bot.domain.roster import Roster
from bot.llm.calls import Spent
from bot.understanding.grounding import ground
from bot.understanding.proposer import Proposer
from bot.understanding.screening import forbidden_as_step


@dataclass(frozen=True, slots=True)
class Structured:
    """The visits of one dictation, who structured them, whether the model was out of reach, and
    what its answer cost."""

    visits: tuple[GroundedVisit, ...]
    engine: str
    offline: bool
    spent: Spent


def structure(
    text: str, roster: Roster, *, now: datetime, calendar: WorkCalendar, proposer: Proposer
) -> Structured:
    """The visits that `text`, already masked, tells of."""
    proposal = proposer.propose(text, roster, now=now)
    visits = ground(proposal.note, text, roster, now=now, calendar=calendar)
    lawful = tuple(_lawful(visit, roster) for visit in visits)
    return Structured(lawful, proposal.engine, proposal.offline, proposal.spent)


def _lawful(visit: GroundedVisit, roster: Roster) -> GroundedVisit:
    """What must never be a reminder or a goal is left to its flag and the words (SY-08, SY-09)."""
    steps = [s for s in visit.next_steps if forbidden_as_step(s.action, roster) is None]
    goal = visit.goal
    if goal is not None and forbidden_as_step(goal, roster) is not None:
        goal = None
    return visit.model_copy(update={"next_steps": steps, "goal": goal})

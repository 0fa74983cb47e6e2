"""Questions in plain words to what is asked about and for whom, without a model."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.calendar import WorkCalendar
from bot.domain.directory import Directory
from bot.domain.periods import period_spans
from bot.domain.roster import Roster
from bot.understanding.questions.named import find_named
from bot.understanding.questions.slots import STATUS, Slots, fill_slots
from bot.understanding.questions.spelling import respell
from bot.understanding.questions.words import Topic, load_chat, load_topics, slot_lists

__all__ = ["OTHER", "Question", "Topic", "load_topics", "read_question", "title_of"]

OTHER = "other"
_ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Question:
    """What a question means: `intent` is a topic's name, or 「other」; `slots` in the format of
    the evaluation files (logins, canonical names, ISO days)."""

    intent: str
    slots: Slots = field(default_factory=dict)

    @property
    def is_status(self) -> bool:
        """Whether it asks how things stand, to be answered with numbers or a list."""
        return self.intent.startswith(STATUS)


def read_question(
    text: str,
    roster: Roster,
    directory: Directory,
    *,
    now: datetime,
    calendar: WorkCalendar,
    intent: str | None = None,
) -> Question:
    """Recognise the topic of a question and read its slots; `intent` when the topic is known."""
    text = _respelt(text, roster, directory)
    times = period_spans(text, now=now, calendar=calendar)
    named = find_named(text, roster, directory, times)
    meant = intent or _intent(named.plain)
    return Question(meant, fill_slots(meant, named, directory, now=now, calendar=calendar))


def _respelt(text: str, roster: Roster, directory: Directory) -> str:
    """Customers are heard by `find_people`; their written names only must stay."""
    known = [*slot_lists("heard")["terms"], *directory.tags]
    known += [each.name for each in directory.colleagues]
    return respell(text, known, [each.name for each in roster.customers])


def title_of(intent: str) -> str | None:
    """What users call the topic of a question; None for 「other」."""
    return next((topic.title for topic in load_topics() if topic.name == intent), None)


def _intent(plain: str) -> str:
    """The topic that most words speak for, the first of the file when two are equal; 「other」
    when small talk weighs as much."""
    best = max(load_topics(), key=lambda topic: topic.weigh(plain))
    weight = best.weigh(plain)
    return best.name if weight >= max(_ENOUGH, load_chat().weigh(plain) + 1) else OTHER

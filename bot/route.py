"""The core of the `route` command: chat questions to intent and slots, in the evaluation format."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.domain.calendar import WorkCalendar
from bot.domain.directory import Directory
from bot.domain.roster import Roster
from bot.understanding.proposer import Proposer
from bot.understanding.questions import load_topics, read_question
from bot.understanding.screening import mask

RosterOf = Callable[[str], Roster]
DirectoryOf = Callable[[str], Directory]


def route(
    cases: Iterable[Mapping[str, str]],
    roster_of: RosterOf,
    directory_of: DirectoryOf,
    *,
    calendar: WorkCalendar,
    proposer: Proposer,
) -> Iterator[dict[str, Any]]:
    """One output object per question (`id`, `as`, `at`, `text`), in order; masked before anybody
    sees it. A model chooses the intent, where it can; names and days are read by the rules.

    Raises KeyError for a case without these keys, ValueError for a bad `at`."""
    for case in cases:
        roster, now = roster_of(case["as"]), datetime.fromisoformat(case["at"])
        text = mask(case["text"], roster).text
        chosen = proposer.choose(text, roster, load_topics(), now=now)
        asked = read_question(
            text,
            roster,
            directory_of(case["as"]),
            now=now,
            calendar=calendar,
            intent=chosen.name if chosen else None,
        )
        yield {"id": case["id"], "intent": asked.intent, "slots": asked.slots}

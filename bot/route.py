"""The core of the `route` command: chat questions to intent and slots, in the evaluation format."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.domain.calendar import WorkCalendar
from bot.domain.directory import Directory
from bot.domain.roster import Roster
from bot.understanding.questions import Question, read_question
from bot.understanding.screening import mask

RosterOf = Callable[[str], Roster]
DirectoryOf = Callable[[str], Directory]
IntentOf = Callable[[str, Roster, datetime], str | None]


def _by_rules(_text: str, _roster: Roster, _now: datetime) -> None:
    return None


def route(
    cases: Iterable[Mapping[str, str]],
    roster_of: RosterOf,
    directory_of: DirectoryOf,
    *,
    calendar: WorkCalendar,
    choose: IntentOf = _by_rules,
) -> Iterator[dict[str, Any]]:
    """One output object per question (`id`, `as`, `at`, `text`), in order; masked before anybody
    sees it. `choose` may know the intent better; names and days are always read by the rules.

    Raises KeyError for a case without these keys, ValueError for a bad `at`."""
    for case in cases:
        roster, now = roster_of(case["as"]), datetime.fromisoformat(case["at"])
        text = mask(case["text"], roster).text
        asked: Question = read_question(
            text,
            roster,
            directory_of(case["as"]),
            now=now,
            calendar=calendar,
            intent=choose(text, roster, now),
        )
        yield {"id": case["id"], "intent": asked.intent, "slots": asked.slots}

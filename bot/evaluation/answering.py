"""Lets an engine answer every case, without showing it the gold."""

from collections.abc import Callable, Iterator, Sequence

from bot.app import App
from bot.cases import rosters
from bot.evaluation.answer import Answer
from bot.evaluation.gold import Case
from bot.structure import Propose, structure

Show = Callable[[str, int, int | None], None]


def answer_all(
    program: App, cases: Sequence[Case], propose: Propose, show: Show
) -> Iterator[Answer]:
    """One answer per case, in order; `show` is told how far it is.

    Raises:
        CaseError: a case is by somebody whom the territory does not have.
    """
    outputs = structure(
        (case.as_input() for case in cases),
        rosters(program.engine),
        calendar=program.policy.work_calendar(),
        propose=propose,
    )
    for done, output in enumerate(outputs, start=1):
        show("整理", done, len(cases))
        yield Answer.model_validate(output)

"""From cases and answers to the scores of each field, of each case and of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from bot.evaluation.answer import Answer, Note
from bot.evaluation.fields import FIELDS
from bot.evaluation.gold import Case
from bot.evaluation.invented import Invention, inventions
from bot.evaluation.tally import Tally, judged


@dataclass(frozen=True, slots=True)
class CaseScore:
    """One case with what was made of it."""

    case: Case
    kind: str
    note: Note
    fields: Mapping[str, Tally]
    inventions: Sequence[Invention]

    @property
    def score(self) -> float:
        """Mean over the fields; what is no dictation is right or wrong."""
        if not self.case.is_note:
            return self.fields["kind"].score
        return _mean(self.fields)

    @property
    def wrong(self) -> list[str]:
        """The fields in which something is missing or too much; `kind` alone where it decides."""
        names = self.fields if self.case.is_note else ["kind"]
        return [name for name in names if not self.fields[name].is_perfect]


@dataclass(frozen=True, slots=True)
class Result:
    """The scores of a whole case file."""

    cases: Sequence[CaseScore]
    fields: Mapping[str, Tally]

    @property
    def overall(self) -> float:
        """The plain mean over the fields, 0 to 1."""
        return _mean(self.fields)

    @property
    def inventions(self) -> list[Invention]:
        """Everything that was made up."""
        return [found for case in self.cases for found in case.inventions]

    def worst(self, count: int) -> list[CaseScore]:
        """The cases with the lowest scores that are not perfect, the worst first."""
        faulty = [case for case in self.cases if case.wrong]
        return sorted(faulty, key=lambda case: case.score)[:count]


def evaluate(cases: Sequence[Case], answers: Sequence[Answer]) -> Result:
    """Scores one answer per case, in the same order."""
    scored = [score_case(case, answer) for case, answer in zip(cases, answers, strict=True)]
    names = ("kind", *FIELDS)
    return Result(
        scored, {name: reduce(add, (one.fields[name] for one in scored), Tally()) for name in names}
    )


def score_case(case: Case, answer: Answer) -> CaseScore:
    """One case on its own."""
    note = answer.read
    fields = {name: scorer(case, note) for name, scorer in FIELDS.items()}
    kind = judged(answer.kind == case.kind)
    found = list(inventions(case, note))
    return CaseScore(case, answer.kind, note, {"kind": kind, **fields}, found)


def _mean(fields: Mapping[str, Tally]) -> float:
    return sum(tally.score for tally in fields.values()) / len(fields)

"""What is wrong with a territory file: where, what, and what belongs there instead."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.errors import UserError

SHOWN_IN_CHAT = 20
SHOWN_SPANS = 6
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct. `sheet`, `row` and `column` are None as far as they do not apply;
    `letter` is where Excel shows the column."""

    sheet: str | None
    row: int | None
    column: str | None
    wrong: str
    expected: str
    letter: str | None = None

    @property
    def line(self) -> str:
        """One line for the person who corrects the file."""
        return self.line_for([self.row] if self.row else [])

    def line_for(self, rows: Sequence[int]) -> str:
        """One line for the same thing wrong in several rows."""
        place = "".join(
            (
                f"「{self.sheet}」" if self.sheet else "",
                f"第 {say_rows(rows)} 行" if rows else "",
                f" {self.letter} 列" if rows and self.letter else "",
                f"「{self.column}」" if self.column else "",
            )
        )
        said = f"{self.wrong}；{self.expected}"
        return f"{place}：{said}" if place else said


def say_rows(rows: Sequence[int]) -> str:
    """「2–39、51」; of many scattered rows the first few."""
    spans: list[list[int]] = []
    for row in sorted(set(rows)):
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    said = [str(a) if a == b else f"{a}–{b}" for a, b in spans]
    more = f" 等 {len(set(rows))}" if len(said) > SHOWN_SPANS else ""
    return "、".join(said[:SHOWN_SPANS]) + more


def grouped(problems: Sequence[Problem]) -> list[tuple[str, int]]:
    """A line for each thing that is wrong, however many rows have it, and how many do; in the
    order of the file."""
    alike: dict[tuple[str | None, ...], list[Problem]] = {}
    for problem in problems:
        same = (problem.sheet, problem.column, problem.wrong, problem.expected)
        alike.setdefault(same, []).append(problem)
    return [
        (group[0].line_for([one.row for one in group if one.row]), len(group))
        for group in alike.values()
    ]


class TerritoryError(UserError):
    """The file cannot be imported; `problems` lists all there is to correct, in file order,
    `lines` says the same with one line for what many rows have in common."""

    def __init__(self, problems: Sequence[Problem], *, total: int | None = None) -> None:
        self.problems = tuple(problems)
        self.total = total if total is not None else len(self.problems)
        groups = grouped(self.problems)
        self.lines = tuple(line for line, _ in groups)
        shown = [f"· {line}" for line in self.lines[:SHOWN_IN_CHAT]]
        more = self.total - sum(count for _, count in groups[:SHOWN_IN_CHAT])
        super().__init__(
            "\n".join(
                [
                    f"这个文件还不能导入，有 {self.total} 处要改；现有数据一点没动。",
                    *shown,
                    *([f"……另有 {more} 处，改完上面的再发一次就能看到。"] if more else []),
                ]
            )
        )


@dataclass(slots=True)
class ProblemList:
    """Collects problems, with the `letters` of the columns by sheet and header; of a file that is
    wrong everywhere the rest is only counted."""

    kept: list[Problem] = field(default_factory=list)
    letters: dict[tuple[str | None, str | None], str] = field(default_factory=dict)
    total: int = 0

    def add(
        self, sheet: str | None, row: int | None, column: str | None, wrong: str, expected: str
    ) -> None:
        """Note one problem."""
        self.total += 1
        if len(self.kept) < KEPT:
            letter = self.letters.get((sheet, column))
            self.kept.append(Problem(sheet, row, column, wrong, expected, letter))

    def stop_if_any(self) -> None:
        """Raises TerritoryError with all problems so far."""
        if self.total:
            raise TerritoryError(self.kept, total=self.total)

"""What is wrong with a territory file: where, what, and what belongs there instead."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.errors import UserError

SHOWN_IN_CHAT = 20
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct. `sheet`, `row` and `column` are None as far as they do not apply."""

    sheet: str | None
    row: int | None
    column: str | None
    wrong: str
    expected: str

    @property
    def line(self) -> str:
        """One line for the person who corrects the file."""
        place = "".join(
            (
                f"「{self.sheet}」" if self.sheet else "",
                f"第 {self.row} 行" if self.row else "",
                f"「{self.column}」" if self.column else "",
            )
        )
        return (
            f"{place}：{self.wrong}；{self.expected}" if place else f"{self.wrong}；{self.expected}"
        )


class TerritoryError(UserError):
    """The file cannot be imported; `problems` lists all there is to correct, in file order."""

    def __init__(self, problems: Sequence[Problem], *, total: int | None = None) -> None:
        self.problems = tuple(problems)
        self.total = total if total is not None else len(self.problems)
        shown = [f"· {problem.line}" for problem in self.problems[:SHOWN_IN_CHAT]]
        more = self.total - len(shown)
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
    """Collects problems; of a file that is wrong everywhere the rest is only counted."""

    kept: list[Problem] = field(default_factory=list)
    total: int = 0

    def add(
        self, sheet: str | None, row: int | None, column: str | None, wrong: str, expected: str
    ) -> None:
        """Note one problem."""
        self.total += 1
        if len(self.kept) < KEPT:
            self.kept.append(Problem(sheet, row, column, wrong, expected))

    def stop_if_any(self) -> None:
        """Raises TerritoryError with all problems so far."""
        if self.total:
            raise TerritoryError(self.kept, total=self.total)

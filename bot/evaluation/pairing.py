"""Pairs what was wanted with what was given so that as much as possible fits."""

from collections.abc import Sequence

_FAR = float("inf")


def best_pairs(fits: Sequence[Sequence[float]], *, serves: int = 1) -> dict[int, int]:
    """Row to column, with the greatest sum of `fits` (0: does not fit at all); a column serves at
    most so many rows. No greedy choice takes a point away from another row."""
    if not fits or not fits[0]:
        return {}
    columns = len(fits[0])
    spare = max(0, len(fits) - columns * serves)
    costs = [[-float(fit) for fit in row] * serves + [0.0] * spare for row in fits]
    table = _Assignment(costs)
    for row in range(len(costs)):
        table.seat(row)
    return {
        row: column % columns
        for column, row in enumerate(table.row_of)
        if row is not None and costs[row][column] < 0
    }


class _Assignment:
    """The Hungarian method: rows are seated one by one, each time on the cheapest chain of moves.
    There are at least as many columns as rows."""

    def __init__(self, costs: list[list[float]]) -> None:
        self._costs = costs
        self._width = len(costs[0])
        self._row_price = [0.0] * len(costs)
        self._column_price = [0.0] * self._width
        self.row_of: list[int | None] = [None] * self._width

    def seat(self, new: int) -> None:
        """Give a row a column; rows that are seated already may move."""
        slack, before = [_FAR] * self._width, [-1] * self._width
        reached: list[int] = []
        column, row = -1, new
        while True:
            for other in self._not_in(reached):
                cost = self._costs[row][other] - self._row_price[row] - self._column_price[other]
                if cost < slack[other]:
                    slack[other], before[other] = cost, column
            column = min(self._not_in(reached), key=slack.__getitem__)
            self._reprice(new, reached, slack, slack[column])
            reached.append(column)
            seated = self.row_of[column]
            if seated is None:
                break
            row = seated
        self._move(new, column, before)

    def _not_in(self, reached: list[int]) -> list[int]:
        return [column for column in range(self._width) if column not in reached]

    def _reprice(self, new: int, reached: list[int], slack: list[float], step: float) -> None:
        """Bring the next column within reach; no pair becomes cheaper than it is."""
        for row in (new, *(self.row_of[column] for column in reached)):
            self._row_price[row or 0] += step
        for column in reached:
            self._column_price[column] -= step
        for column in self._not_in(reached):
            slack[column] -= step

    def _move(self, new: int, column: int, before: list[int]) -> None:
        while before[column] != -1:
            self.row_of[column] = self.row_of[before[column]]
            column = before[column]
        self.row_of[column] = new

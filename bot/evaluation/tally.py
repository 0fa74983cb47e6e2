"""Counting what was found, and the score that comes of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """Of `wanted` things `found` were there; of `given` things `right` ones had a reason.

    The two sides differ where one answer can serve two expectations. Tallies add up over cases.
    """

    found: int = 0
    wanted: int = 0
    right: int = 0
    given: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.found + other.found,
            self.wanted + other.wanted,
            self.right + other.right,
            self.given + other.given,
        )

    @property
    def recall(self) -> float:
        """Share of what was wanted; 1 when nothing was."""
        return self.found / self.wanted if self.wanted else 1.0

    @property
    def precision(self) -> float:
        """Share of what was given; giving nothing is right only when nothing was wanted."""
        if self.given:
            return self.right / self.given
        return 0.0 if self.wanted else 1.0

    @property
    def score(self) -> float:
        """The harmonic mean of both (F1); for a field that is right or wrong, its accuracy."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def is_perfect(self) -> bool:
        """Nothing missed, nothing too much."""
        return self.found == self.wanted and self.right == self.given


def judged(right: bool) -> Tally:
    """One thing that is right or wrong."""
    return Tally(int(right), 1, int(right), 1)


def matched(pairs: int, *, wanted: int, extra: int) -> Tally:
    """So many pairs of wanted and given things, and `extra` given ones that nobody wanted."""
    return Tally(pairs, wanted, pairs, pairs + extra)

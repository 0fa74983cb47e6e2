"""Which clock time a phrase means: the table `clocks.txt`."""

import pytest

from bot.domain.when import ClockFound, find_clocks
from tests.domain.when.tables import Row, read_table


def _say(clock: ClockFound) -> str:
    until = f"-{clock.until:%H:%M}" if clock.until else ""
    return f"{clock.at:%H:%M}{until}{'~' if clock.vague else ''}"


@pytest.mark.parametrize("row", read_table("clocks.txt"), ids=str)
def test_the_clock_time_that_a_phrase_means(row: Row) -> None:
    assert tuple(_say(clock) for clock in find_clocks(row.said)) == row.meant

"""How many minutes a phrase means: the table `lengths.txt`."""

import pytest

from bot.domain.when import find_lengths
from tests.domain.when.tables import Row, read_table


@pytest.mark.parametrize("row", read_table("lengths.txt"), ids=str)
def test_the_minutes_that_a_phrase_means(row: Row) -> None:
    assert tuple(str(length.minutes) for length in find_lengths(row.said)) == row.meant

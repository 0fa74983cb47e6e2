"""The serving processes are killed while people dictate: a short run of the crash benchmark."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmarks.crash import run


@pytest.mark.parametrize("seed", [3])
def test_nothing_is_lost_doubled_or_overtaken(database: Engine, tmp_path: Path, seed: int) -> None:
    replicas = 1 if database.dialect.name == "sqlite" else 2
    outcome = asyncio.run(
        run(database, tmp_path, said=24, kills=3, replicas=replicas, reps=6, seed=seed)
    )
    assert outcome.ok, outcome
    assert outcome.said == 24


def test_nothing_that_wecom_brought_is_lost_doubled_or_overtaken(
    postgres: Engine, tmp_path: Path
) -> None:
    """WeCom brings it three times at most; what nobody could take by then it gives up."""
    outcome = asyncio.run(
        run(postgres, tmp_path, said=24, kills=3, replicas=2, reps=6, seed=5, channel="wecom")
    )
    assert outcome.ok, outcome
    assert outcome.said + outcome.untaken == 24

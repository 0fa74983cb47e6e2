"""Several processes on one database: a seat for each, and what only one may do, done by one."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from storage.database import open_engine
from storage.locks import AlreadyServedError, Locks, locks_of

Join = Callable[[], Locks]


def test_a_second_process_on_a_file_is_told_why_it_cannot_serve(sqlite: Engine) -> None:
    with locks_of(sqlite) as first, locks_of(sqlite) as second:
        assert first.sit() == 0
        with pytest.raises(AlreadyServedError, match="只能开一个。要开多个请换 PostgreSQL"):
            second.sit()
        assert list(first.empty_seats()) == []
        assert first.is_seated()
        assert first.take("receive-telegram")


def test_a_file_is_served_again_when_the_first_process_ended(sqlite: Engine) -> None:
    with locks_of(sqlite) as first:
        first.sit()
    with locks_of(sqlite) as second:
        assert second.sit() == 0


def test_another_file_is_served_beside_it(sqlite: Engine, tmp_path: Path) -> None:
    other = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    with locks_of(sqlite) as first, locks_of(other) as second:
        assert (first.sit(), second.sit()) == (0, 0)
    other.dispose()


@pytest.fixture
def join(postgres: Engine) -> Iterator[Join]:
    """Locks of one more process, which has an engine of its own."""
    with ExitStack() as processes:

        def one_more() -> Locks:
            engine = open_engine(postgres.url.render_as_string(hide_password=False))
            processes.callback(engine.dispose)
            return processes.enter_context(locks_of(engine))

        yield one_more


@pytest.fixture
def kill(postgres: Engine) -> Callable[[int], None]:
    """Ends the connection that sits on a seat, as the crash of its process would."""

    def kill(seat: int) -> None:
        holder = text(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
            " AND objid = :seat AND classid::bigint ="
            " (hashtext(current_schema() || 'seat')::bigint & 4294967295)"
        )
        with postgres.connect() as connection:
            assert connection.execute(holder, {"seat": seat}).scalars().all() == [True]

    return kill


def test_each_process_has_a_seat_of_its_own(join: Join) -> None:
    first, second = join(), join()
    assert (first.sit(), second.sit()) == (0, 1)
    assert first.is_seated()
    assert second.is_seated()
    assert 0 not in list(second.empty_seats())


def test_a_seat_is_free_when_its_process_ended(join: Join) -> None:
    first, second = join(), join()
    first.sit()
    first.close()
    assert second.sit() == 0


def test_the_seat_of_a_dead_process_is_empty_and_taken_again(
    join: Join, kill: Callable[[int], None]
) -> None:
    first, second = join(), join()
    first.sit()
    second.sit()
    kill(0)
    assert list(second.empty_seats())[:2] == [0, 2]
    assert join().sit() == 0


def test_looking_at_empty_seats_takes_none(join: Join) -> None:
    first, second = join(), join()
    first.sit()
    seats = list(first.empty_seats())
    assert len(seats) == 31
    assert list(first.empty_seats()) == seats
    assert second.sit() == 1


def test_an_empty_seat_is_held_while_it_is_looked_at(join: Join) -> None:
    first, second = join(), join()
    first.sit()
    looking = first.empty_seats()
    assert next(looking) == 1
    assert second.sit() == 2
    looking.close()  # type: ignore[attr-defined]  # a generator, but that is nobody's business
    assert join().sit() == 1


def test_who_lost_the_connection_sits_down_again_if_the_seat_is_free(
    join: Join, kill: Callable[[int], None]
) -> None:
    first, second = join(), join()
    first.sit()
    kill(0)
    assert first.is_seated()  # nobody can tell while the connection is away
    assert first.is_seated()
    assert second.sit() == 1


def test_who_lost_the_seat_to_another_knows_it(join: Join, kill: Callable[[int], None]) -> None:
    first, second = join(), join()
    first.sit()
    kill(0)
    assert second.sit() == 0
    first.is_seated()
    assert not first.is_seated()


def test_who_never_sat_has_no_seat(join: Join) -> None:
    assert not join().is_seated()


def test_one_process_receives_until_it_ends(join: Join) -> None:
    first, second = join(), join()
    assert first.take("receive-telegram")
    assert not second.take("receive-telegram")
    assert second.take("receive-wecom")
    assert first.take("receive-telegram")
    first.close()
    assert second.take("receive-telegram")


def test_a_dead_process_hands_over_and_comes_back_as_second(
    join: Join, kill: Callable[[int], None]
) -> None:
    first, second = join(), join()
    first.sit()
    assert first.take("receive-telegram")
    kill(0)
    assert second.take("receive-telegram")
    assert not first.take("receive-telegram")
    assert not first.take("receive-telegram")


def test_after_an_outage_that_the_seats_met_first_the_rest_works(
    join: Join, kill: Callable[[int], None]
) -> None:
    first = join()
    first.sit()
    kill(0)
    with pytest.raises(DBAPIError):
        list(first.empty_seats())
    assert first.take("receive-telegram") or first.take("receive-telegram")
    assert first.is_seated()
    assert len(list(first.empty_seats())) == 31


def test_clock_and_channels_may_ask_at_the_same_time(join: Join) -> None:
    locks = join()
    locks.sit()

    def ask(number: int) -> bool:
        if number % 2:
            return locks.take("receive-telegram")
        return locks.is_seated() and len(list(locks.empty_seats())) == 31

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(24)))

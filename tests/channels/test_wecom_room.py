"""Room for messages: whatever is booked, WeCom would drop none, and a told wait is enough."""

import asyncio
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channel import ChannelDownError, RefusedError, SlowDownError
from bot.channels.wecom.room import BLOCK, Booking, Room
from tests.channels.memory_shelf import MemoryShelf

MINUTE, HOUR = 30, 1000
NOON = datetime(2026, 11, 3, 4, tzinfo=UTC).timestamp()


@dataclass
class Hall:
    """Processes that book on one shelf, and what was booked when, by chat."""

    processes: int = 3
    daily: int | None = None
    at: float = NOON
    booked: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shelf = MemoryShelf(now=self.now)
        self.rooms = [Room(self.shelf, self.now, daily=self.daily) for _ in range(self.processes)]

    def now(self) -> datetime:
        """The time of all processes."""
        return datetime.fromtimestamp(self.at, UTC)

    async def book(
        self, contents: int | Sequence[str], chat: str = "c", process: int = 0, key: str = ""
    ) -> Booking | float:
        """The booking, or how long to wait."""
        said = [f"m{n}" for n in range(contents)] if isinstance(contents, int) else contents
        try:
            booking = await self.rooms[process % self.processes].book(chat, said, key)
        except SlowDownError as slow:
            return slow.seconds
        self.booked.setdefault(chat, []).extend([self.at] * len(said))
        return booking


def most_within(times: Sequence[float], seconds: float) -> int:
    """How many lie in the fullest window that begins with one of them."""
    ordered = sorted(times)
    ends = [bisect_left(ordered, begin + seconds) for begin in ordered]
    return max((end - place for place, end in enumerate(ends)), default=0)


def in_hall(hall: Hall, act: Callable[[Hall], Awaitable[None]]) -> None:
    asyncio.run(_acted(hall, act))


async def _acted(hall: Hall, act: Callable[[Hall], Awaitable[None]]) -> None:
    await act(hall)


STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 0.01, 0.2, 1, 2.4, 7, 29.9, 30, 59.9, 60, 61, 600, 3599, 3600, 7300]),
        st.integers(1, 28),
        st.integers(0, 2),
        st.sampled_from("ab"),
    ),
    max_size=60,
)


@given(STEPS)
def test_no_minute_and_no_hour_is_too_full(steps: list[tuple[float, int, int, str]]) -> None:
    async def act(hall: Hall) -> None:
        for passed, count, process, chat in steps:
            hall.at += passed
            await hall.book(count, chat, process)

    hall = Hall()
    in_hall(hall, act)
    for times in hall.booked.values():
        assert most_within(times, 60) <= MINUTE
        assert most_within(times, 3600) <= HOUR


@given(st.lists(st.integers(1, 28), min_size=60, max_size=90))
@settings(max_examples=10)
def test_whoever_always_waits_as_told_gets_through_and_fills_no_hour(counts: list[int]) -> None:
    async def act(hall: Hall) -> None:
        for process, count in enumerate(counts):
            waited = await hall.book(count, process=process)
            if not isinstance(waited, Booking):
                assert 0 < waited <= 120
                hall.at += waited + 0.001
                assert isinstance(await hall.book(count, process=process), Booking)

    hall = Hall()
    in_hall(hall, act)
    times = hall.booked["c"]
    assert len(times) == sum(counts)
    assert most_within(times, 60) <= MINUTE
    assert most_within(times, 3600) <= HOUR


@given(STEPS, st.integers(1, 28))
def test_after_the_told_wait_there_is_room(
    steps: list[tuple[float, int, int, str]], wanted: int
) -> None:
    async def act(hall: Hall) -> None:
        for passed, count, process, _ in steps:
            hall.at += passed
            await hall.book(count, process=process)
        waited = await hall.book(wanted)
        if not isinstance(waited, Booking):
            hall.at += waited + 0.001
            assert isinstance(await hall.book(wanted, process=1), Booking)

    in_hall(Hall(), act)


def test_the_checker_finds_what_it_should() -> None:
    assert most_within([], 60) == 0
    assert most_within([0, 59.9, 60, 61, 119.8], 60) == 4
    assert most_within([NOON] * 31, 60) == 31


def test_a_steady_chat_uses_nearly_all_of_an_hour() -> None:
    async def act(hall: Hall) -> None:
        while hall.at < NOON + 3600:
            waited = await hall.book(1)
            hall.at += 0.01 if isinstance(waited, Booking) else waited

    hall = Hall()
    in_hall(hall, act)
    assert 900 < len(hall.booked["c"]) <= HOUR


def test_several_processes_at_once_share_the_minute() -> None:
    async def act(hall: Hall) -> None:
        tries = [hall.book(1, process=number) for number in range(60)]
        booked = [each for each in await asyncio.gather(*tries) if isinstance(each, Booking)]
        assert len(booked) == 28

    in_hall(Hall(processes=5), act)


def test_each_chat_has_room_of_its_own() -> None:
    async def act(hall: Hall) -> None:
        for chat in "abc":
            assert isinstance(await hall.book(28, chat), Booking)
            assert not isinstance(await hall.book(1, chat), Booking)

    in_hall(Hall(), act)


def test_all_or_none() -> None:
    async def act(hall: Hall) -> None:
        assert isinstance(await hall.book(20), Booking)
        assert not isinstance(await hall.book(9), Booking)
        assert isinstance(await hall.book(8), Booking)

    in_hall(Hall(), act)


def test_a_notice_leaves_room_to_answers() -> None:
    async def act(hall: Hall) -> None:
        room = hall.rooms[0]
        for _ in range(20):
            await room.book("c", ["整理中"], "", spare=8)
        with pytest.raises(SlowDownError):
            await room.book("c", ["整理中"], "", spare=8)
        assert isinstance(await hall.book(8), Booking)

    in_hall(Hall(), act)


def test_more_than_a_minute_takes_is_never_taken() -> None:
    async def act(hall: Hall) -> None:
        with pytest.raises(RefusedError, match="too_long"):
            await hall.book(29)
        assert isinstance(await hall.book(28), Booking)

    in_hall(Hall(), act)


@pytest.mark.parametrize("back", [1, 59, 61, 3600, 86400])
def test_a_clock_that_is_set_back_blocks_nobody_for_long(back: float) -> None:
    async def act(hall: Hall) -> None:
        await hall.book(28)
        hall.at -= back
        waited = await hall.book(1)
        if not isinstance(waited, Booking):
            assert waited <= 120
            hall.at += waited + 0.001
            assert isinstance(await hall.book(1, process=1), Booking)

    in_hall(Hall(), act)


def test_without_a_database_there_is_no_room() -> None:
    async def act(hall: Hall) -> None:
        hall.shelf.away = True
        with pytest.raises(ChannelDownError, match="database"):
            await hall.book(1)

    in_hall(Hall(), act)


# Repetitions


def test_what_may_be_taken_for_a_repetition() -> None:
    async def act(hall: Hall) -> None:
        async def checks(key: str, *said: str) -> tuple[bool, ...]:
            booking = await hall.book(said, key=key)
            assert isinstance(booking, Booking)
            return booking.checks

        assert await checks("k1", "好的", "记下了") == (True, True)
        assert await checks("k1", "好的", "记下了") == (True, True), "sent again"
        assert await checks("k2", "好的", "改好了") == (False, True), "said on purpose"
        assert await checks("k2", "好的", "改好了") == (False, True)
        assert await checks("k3", "一样", "一样") == (True, False)
        hall.at += 599
        assert await checks("k4", "好的") == (False,)
        hall.at += 3600
        assert await checks("k5", "记下了") == (True,)

    in_hall(Hall(), act)


# The day


def test_processes_share_the_day() -> None:
    async def act(hall: Hall) -> None:
        booked = 0
        for number in range(300):
            taken = await hall.book(1, f"c{number}", process=number)
            booked += isinstance(taken, Booking)
            if not isinstance(taken, Booking):
                assert taken == (12 * 60 + 1) * 60
        assert 200 - hall.processes * BLOCK < booked <= 200
        hall.at += (12 * 60 + 1) * 60
        assert isinstance(await hall.book(1, "c0"), Booking)

    in_hall(Hall(daily=200), act)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), min_size=20, max_size=80),
    st.integers(1, 300),
)
def test_no_day_has_too_many(steps: list[tuple[int, int]], daily: int) -> None:
    async def act(hall: Hall) -> None:
        for number, (minutes, count) in enumerate(steps):
            hall.at += 60 * minutes
            await hall.book(count, f"c{number}", process=number)

    hall = Hall(daily=daily)
    in_hall(hall, act)
    shanghai = ZoneInfo("Asia/Shanghai")
    every = [datetime.fromtimestamp(at, shanghai) for chat in hall.booked.values() for at in chat]
    days = [f"{at:%Y-%m-%d}" for at in every]
    assert all(days.count(day) <= daily for day in set(days))


@pytest.mark.parametrize("count", [1, 3])
def test_many_at_once_take_what_the_day_has(count: int) -> None:
    """Of what one process sets aside, nothing is lost or used twice."""

    async def act(hall: Hall) -> None:
        for burst in range(10):
            tries = [hall.book(count, f"c{burst}-{number}") for number in range(20)]
            await asyncio.gather(*tries)
        booked = sum(len(times) for times in hall.booked.values())
        assert booked == 200 - 200 % count

    in_hall(Hall(processes=1, daily=200), act)


def test_who_has_to_wait_takes_nothing_of_the_day() -> None:
    async def act(hall: Hall) -> None:
        for _ in range(200):
            await hall.book(28)
        for number in range(4):
            assert isinstance(await hall.book(20, f"c{number}"), Booking)

    in_hall(Hall(processes=1, daily=28 + 4 * 20), act)


def test_midnight_is_that_of_shanghai() -> None:
    async def act(hall: Hall) -> None:
        hall.at = datetime(2026, 11, 3, 15, 59, tzinfo=UTC).timestamp()
        assert isinstance(await hall.book(5), Booking)
        assert await hall.book(1, "d") == timedelta(minutes=2).total_seconds()
        hall.at += 120
        assert isinstance(await hall.book(5, "d"), Booking)

    in_hall(Hall(daily=5), act)

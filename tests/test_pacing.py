"""A platform's limits on sending: kept for each chat and for all together, felt by nobody else."""

import heapq
from collections import defaultdict
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from bot.channel import Pace
from bot.pacing import SPURT_SECONDS, Bucket, Pacer

PACES = st.builds(
    Pace,
    per_second=st.sampled_from([1.0, 5.0, 25.0]),
    chat_seconds=st.sampled_from([0.05, 1.0, 3.0]),
    burst=st.integers(1, 4),
)
MOMENTS = st.lists(st.floats(0, 5), min_size=1, max_size=30)
CHATS = st.dictionaries(st.sampled_from("abcdefgh"), MOMENTS, min_size=1)


@dataclass(order=True)
class Next:
    """What happens next: a message to a chat is due, or has rested."""

    at: float
    chat: str
    rested: bool = False


def sent(pace: Pace, wanted: dict[str, list[float]]) -> dict[str, list[float]]:
    """When the messages go out that come for each chat at these moments: one after the other in a
    chat, as a courier sends them."""
    pacer, times = Pacer(pace), defaultdict[str, list[float]](list)
    left = {chat: sorted(moments) for chat, moments in wanted.items()}
    line = [Next(moments.pop(0), chat) for chat, moments in left.items()]
    heapq.heapify(line)
    while line:
        now = heapq.heappop(line)
        if not now.rested:
            rest = pacer.rest(now.chat, now.at)
            heapq.heappush(line, Next(now.at + rest, now.chat, rested=True))
            continue
        went = now.at + pacer.line_up(now.chat, now.at)
        times[now.chat].append(went)
        if left[now.chat]:
            heapq.heappush(line, Next(max(went, left[now.chat].pop(0)), now.chat))
    return times


def most_within(times: list[float], size: float, rate: float) -> None:
    """Never more than so many and what fills up again, whichever stretch is looked at."""
    ordered = sorted(times)
    for first, start in enumerate(ordered):
        for last in range(first, len(ordered)):
            allowed = size + rate * (ordered[last] - start)
            assert last - first + 1 <= allowed + 1e-6


@given(PACES, CHATS)
def test_no_chat_gets_more_than_its_burst_and_its_rate(
    pace: Pace, wanted: dict[str, list[float]]
) -> None:
    for times in sent(pace, wanted).values():
        most_within(times, pace.burst, 1 / pace.chat_seconds)


@given(PACES, CHATS)
def test_all_chats_together_keep_the_overall_rate(
    pace: Pace, wanted: dict[str, list[float]]
) -> None:
    times = [moment for times in sent(pace, wanted).values() for moment in times]
    most_within(times, max(1.0, pace.per_second * SPURT_SECONDS), pace.per_second)


TELEGRAM = Pace(per_second=25, chat_seconds=1, burst=3)


def test_in_no_second_go_more_than_thirty_to_telegram() -> None:
    times = sent(TELEGRAM, {str(chat): [0.0] * 3 for chat in range(40)})
    moments = sorted(moment for times in times.values() for moment in times)
    most = max(sum(start <= m < start + 1 for m in moments) for start in moments)
    assert most <= 30


def test_nobody_waits_when_little_is_sent() -> None:
    wanted = {"a": [0.0, 0.0, 0.0, 5.0], "b": [1.0, 2.5, 4.0, 5.5]}
    assert sent(TELEGRAM, wanted) == wanted


def test_a_busy_chat_holds_up_no_other() -> None:
    times = sent(TELEGRAM, {"a": [0.0] * 20, "b": [0.5, 1.5]})
    assert times["b"] == [0.5, 1.5]
    assert times["a"][-1] == 17


@given(MOMENTS)
def test_a_long_time_is_like_none(moments: list[float]) -> None:
    pacer = Pacer(TELEGRAM)
    for moment in sorted(moments):
        pacer.line_up("a", moment)
    assert pacer.rest("a", 1000) == 0
    assert [pacer.line_up(chat, 1000) for chat in "abc"] == [0, 0, 0]


def test_a_bucket_counts_what_it_lets_through() -> None:
    bucket = Bucket(rate=1, size=2, room=2, at=0)
    assert [bucket.has_room(0) for _ in range(3)] == [True, True, False]
    assert not bucket.has_room(0.9)
    assert bucket.has_room(1)
    assert not bucket.is_full(2)
    assert bucket.is_full(4)


def test_chats_that_rest_are_not_remembered() -> None:
    pacer = Pacer(TELEGRAM)
    for chat in range(10_001):
        pacer.line_up(str(chat), 0)
    pacer.line_up("late", 1000)
    assert len(pacer._chats) <= 2

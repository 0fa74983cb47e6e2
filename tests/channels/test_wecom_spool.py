"""What lies on the disk while the inbox is closed: whole, in order, once, and unreadable to
others."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom.crypto import Seal
from bot.channels.wecom.spool import Call, Spool, SpoolFullError


def call(number: int, body: bytes = b"<xml/>") -> Call:
    return Call(Seal(f"s{number}", "1", "2"), body)


def waiting(spool: Spool) -> list[Call]:
    return [kept for _, kept in spool.waiting()]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Its folder is not there yet."""
    return Spool(tmp_path / "spool" / "wecom")


def test_nothing_waits_at_first(spool: Spool) -> None:
    assert spool.is_empty()
    assert waiting(spool) == []
    assert spool.count() == (0, 0)


def test_calls_wait_in_the_order_of_their_arrival(spool: Spool) -> None:
    for number, arrived in enumerate((9.5, 1e9, 1793698800.000001, 1793698800.0, 10.0)):
        spool.put(call(number), arrived)
    assert [kept.seal.signature for kept in waiting(spool)] == ["s0", "s4", "s1", "s3", "s2"]
    assert not spool.is_empty()
    assert spool.count() == (5, 0)


def test_a_call_that_is_repeated_lies_there_once(spool: Spool) -> None:
    for arrived in (1.0, 2.0, 3.0):
        spool.put(call(1), arrived)
    spool.put(call(1, b"<xml>other</xml>"), 4.0)
    assert waiting(spool) == [call(1), call(1, b"<xml>other</xml>")]


def test_what_was_dropped_is_gone(spool: Spool) -> None:
    spool.put(call(1), 1.0)
    ((path, _),) = spool.waiting()
    spool.drop(path)
    spool.drop(path)
    assert spool.is_empty()


@given(st.binary(max_size=300), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_call_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, nonce: str
) -> None:
    spool = Spool(tmp_path_factory.mktemp("any"))
    kept = Call(Seal("s", "1", nonce), body)
    spool.put(kept, 1.0)
    assert waiting(spool) == [kept]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"seal": {}}',
        b'{"seal": {"x": 1}, "body": ""}',
        b'{"seal": 7, "body": ""}',
        '{"seal": {}, "body": "好"}'.encode(),
    ],
)
def test_what_cannot_be_read_is_put_aside_and_stops_nobody(spool: Spool, content: bytes) -> None:
    spool.put(call(1), 1.0)
    spool.put(call(2), 2.0)
    first = next(iter(spool.waiting()))[0]
    first.write_bytes(content)
    assert waiting(spool) == [call(2)]
    assert waiting(spool) == [call(2)]
    assert spool.count() == (1, 1)


def test_while_no_file_can_be_opened_nothing_is_put_aside(spool: Spool) -> None:
    spool.put(call(1), 1.0)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            waiting(spool)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert waiting(spool) == [call(1)]


def test_a_folder_among_them_is_put_aside(spool: Spool) -> None:
    spool.put(call(1), 2.0)
    (spool.folder / "1-folder").mkdir()
    assert waiting(spool) == [call(1)]


def test_what_cannot_even_be_put_aside_stops_nobody(spool: Spool) -> None:
    spool.put(call(1), 2.0)
    (spool.folder / f"1-{'x' * 250}").write_bytes(b"its name is too long to become longer")
    assert waiting(spool) == [call(1)]


def test_a_crash_while_writing_leaves_nothing_that_counts(spool: Spool) -> None:
    spool.put(call(1), 1.0)
    (path,) = spool.folder.iterdir()
    path.rename(path.with_name(f".{path.name}.part"))
    assert spool.is_empty()
    spool.put(call(1), 1.0)
    assert waiting(Spool(spool.folder)) == [call(1)]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow beyond a few bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_on_a_full_disk_nothing_is_kept_by_half(spool: Spool) -> None:
    spool.put(call(1), 1.0)
    with full_disk(), pytest.raises(SpoolFullError):
        spool.put(call(2), 2.0)
    assert waiting(spool) == [call(1)]
    assert len(list(spool.folder.iterdir())) == 1
    spool.put(call(2), 2.0)
    assert waiting(spool) == [call(1), call(2)]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("in the way")
    with pytest.raises(SpoolFullError):
        Spool(tmp_path / "spool" / "wecom").put(call(1), 1.0)


def test_put_aside_twice_or_gone_already(spool: Spool) -> None:
    spool.put(call(1), 1.0)
    ((path, _),) = spool.waiting()
    spool.put_aside(path)
    spool.put_aside(path)
    assert spool.count() == (0, 1)

"""Few threads compute at a time, many may wait: so that a crowd does not slow everybody down.

Python runs one thread at a time. With fifty that all want to, the one that answers the platforms
gets its turn too late; with a few, it does not.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

ROOM = 4
"""Threads that compute: enough to go on while some of them wait for the database."""


class Gate:
    """Room for a few threads. Whoever is inside and must wait for somebody else goes outside for
    that long."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = threading.Semaphore(room)
        self._here = threading.local()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Compute. Entered once, however deep the calls are."""
        if getattr(self._here, "inside", False):
            yield
            return
        with self._room:
            self._here.inside = True
            try:
                yield
            finally:
                self._here.inside = False

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Wait for a model or a platform, and let others compute meanwhile."""
        if not getattr(self._here, "inside", False):
            yield
            return
        self._here.inside = False
        self._room.release()
        try:
            yield
        finally:
            self._room.acquire()
            self._here.inside = True

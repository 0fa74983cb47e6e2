"""Few threads compute at a time, many may wait; and whoever keeps a new message goes first.

Python runs one thread at a time. With fifty that all want to, a platform that wants to hear that
its message arrived would wait for all of them.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

ROOM = 3
"""Threads that compute: enough to go on while some of them wait for the database."""

LONGEST_SECONDS = 0.5
"""So long a thread lets others go first; then it takes its turn even in the longest rush."""


class Gate:
    """Room for a few threads. Whoever is inside and must wait for somebody else goes outside for
    that long."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._urgent = 0
        self._changed = threading.Condition()
        self._here = threading.local()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Compute. Entered once, however deep the calls are."""
        if self._is_inside:
            yield
            return
        self._enter()
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Wait for a model or a platform, and let others compute meanwhile."""
        if not self._is_inside:
            yield
            return
        self._leave()
        try:
            yield
        finally:
            self._enter()

    @contextmanager
    def first(self) -> Iterator[None]:
        """Do something short that cannot wait: nobody else begins to compute meanwhile."""
        with self._changed:
            self._urgent += 1
        try:
            yield
        finally:
            with self._changed:
                self._urgent -= 1
                self._changed.notify_all()

    @property
    def _is_inside(self) -> bool:
        return bool(getattr(self._here, "inside", False))

    def _enter(self) -> None:
        patient_until = time.monotonic() + LONGEST_SECONDS
        with self._changed:
            while not self._may_enter(patient_until):
                self._changed.wait(LONGEST_SECONDS)
            self._room -= 1
        self._here.inside = True

    def _may_enter(self, patient_until: float) -> bool:
        rush = self._urgent > 0 and time.monotonic() < patient_until
        return self._room > 0 and not rush

    def _leave(self) -> None:
        self._here.inside = False
        with self._changed:
            self._room += 1
            self._changed.notify()

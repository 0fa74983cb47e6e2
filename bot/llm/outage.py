"""Leaves a service that is down in peace for a while: not every rep waits for its timeout."""

from bot.llm.calls import ModelUnavailableError

FAILURES = 3
"""So many questions in a row without any answer are an outage."""

REST_SECONDS = 30.0
"""For so long nobody is made to wait; then one question tries again, and one more failure is
enough for the next rest."""


class Outage:
    """Counts the failures of one service; times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._failures = 0
        self._rest_until = 0.0

    def check(self, now: float) -> None:
        """Raises ModelUnavailableError while the service is left in peace."""
        if now < self._rest_until:
            raise ModelUnavailableError("resting", passing=False)

    def failed(self, now: float) -> None:
        """A question got no answer."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._rest_until = now + REST_SECONDS

    def answered(self) -> None:
        """The service said something, be it useful or not."""
        self._failures = 0
        self._rest_until = 0.0

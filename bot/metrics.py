"""What /metrics shows: counts and times without a word of what was said, by whom or to whom."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

TIMES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)


class Metrics:
    """One set per process, with a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._taken = Counter(
            "repmate_messages_taken",
            "Messages that came in, by what became of them at the door",
            ("channel", "outcome"),
            registry=self.registry,
        )
        self._taking = Histogram(
            "repmate_take_seconds",
            "From receiving a message to its being safe",
            ("channel",),
            buckets=TIMES,
            registry=self.registry,
        )
        self._answering = Histogram(
            "repmate_answer_seconds",
            "From receiving a message to its answer being queued",
            ("channel", "kind"),
            buckets=TIMES,
            registry=self.registry,
        )
        self._delivered = Counter(
            "repmate_deliveries",
            "Tries to send a message, by what became of them",
            ("channel", "outcome"),
            registry=self.registry,
        )
        self._failures = Counter(
            "repmate_failures",
            "Work that went wrong and was tried again or given up, by what",
            ("what",),
            registry=self.registry,
        )
        self._waiting = Gauge(
            "repmate_waiting",
            "Rows that wait: messages for an answer, deliveries for sending",
            ("what",),
            registry=self.registry,
        )

    def taken(self, channel: str, outcome: str, seconds: float) -> None:
        """A message was kept, turned away, or could not be kept."""
        self._taken.labels(channel, outcome).inc()
        self._taking.labels(channel).observe(seconds)

    def answered(self, channel: str, kind: str, seconds: float) -> None:
        """A message got its answer."""
        self._answering.labels(channel, kind).observe(seconds)

    def delivered(self, channel: str, outcome: str) -> None:
        """A try to send ended."""
        self._delivered.labels(channel, outcome).inc()

    def failed(self, what: str) -> None:
        """Something is tried again or given up."""
        self._failures.labels(what).inc()

    def waits(self, what: str, count: int) -> None:
        """So many wait now."""
        self._waiting.labels(what).set(count)

    def text(self) -> bytes:
        """Everything in the format of Prometheus."""
        return generate_latest(self.registry)

"""What a model call is on record, and the two ways in which it fails."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One exchange with a model, never its text. `outcome` is `ok` or the reason of the failure;
    tokens are what the service reported, 0 when it reported nothing."""

    purpose: str
    model: str
    prompt_version: str
    input_tokens: int
    output_tokens: int
    milliseconds: int
    outcome: str


@dataclass
class Spent:
    """What one question cost, all tries and repairs together."""

    input_tokens: int = 0
    output_tokens: int = 0
    milliseconds: int = 0

    def add(self, call: ModelCall) -> None:
        """Count one more exchange."""
        self.input_tokens += call.input_tokens
        self.output_tokens += call.output_tokens
        self.milliseconds += call.milliseconds


OnUse = Callable[[ModelCall], None]


class ModelError(Exception):
    """No usable answer; `reason` is a short word for logs and the record of use."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ModelUnavailableError(ModelError):
    """The service did not answer: out of reach, too slow, overloaded, or it refuses our key.

    `passing` says that another try may help, `retry_after` after how many seconds.
    """

    def __init__(
        self, reason: str, *, passing: bool = True, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.passing = passing
        self.retry_after = retry_after


class RequestRefusedError(ModelUnavailableError):
    """The service is there, but takes this very request in no form (a content filter, or a model
    that it does not have)."""

    def __init__(self) -> None:
        super().__init__("request_refused", passing=False)


class ModelAnswerError(ModelError):
    """The model answered with something unusable; `complaint` tells the model what was wrong, and
    is None when asking again is pointless (it refused)."""

    def __init__(self, reason: str, complaint: str | None = None) -> None:
        super().__init__(reason)
        self.complaint = complaint


class FormatRefusedError(ModelError):
    """The service does not take this kind of request (an answer format, or tools)."""
